// Ordered lists of records in a fixed block of the caller's memory: one list, or two of which the second stands behind the first, so that
// moving the oldest of the second to the end of the first moves only the border. What a record is, is records.h's.
#pragma once

#include "span.h"

namespace umqtt {

/// `size`, rounded up to where the next record may stand.
template <class R> constexpr uint32_t aligned(uint32_t size) { return (size + uint32_t(alignof(R)) - 1) & ~(uint32_t(alignof(R)) - 1); }

struct Block {
  explicit Block(Span memory);

  /// Room for so many bytes more at the end of the list, behind which no other has any; nullptr where there is none.
  uint8_t *add(uint8_t part, uint32_t size);
  /// Takes bytes out; what is behind moves up.
  void cut(uint8_t *at, uint32_t size);
  /// Takes a record of so many bytes out of a list; answers where the next one is then.
  uint8_t *remove(uint8_t part, void *at, uint32_t size);
  void clear(uint8_t part) {
    count[part] = 0;
    cut(edge[part], static_cast<uint32_t>(edge[part + 1] - edge[part]));
  }

  uint8_t *edge[3]; // where the lists begin, and where the last one ends
  uint32_t count[2];
  uint8_t *found; // the record looked up last, or what is none
  uint8_t *memory;
  uint8_t *end;
};

/// The record after this one.
template <class R> R *next(R *r) { return reinterpret_cast<R *>(reinterpret_cast<uint8_t *>(r) + r->bytes()); }

/// The record with an identifier. They go up, as a rule: the search begins where the last one was found.
template <class R> R *lookUp(Block &block, uint8_t part, uint32_t packetId) {
  R *const first = reinterpret_cast<R *>(block.edge[part]);
  R *const last = reinterpret_cast<R *>(block.edge[part + 1]);
  R *const found = reinterpret_cast<R *>(block.found);
  R *r = found >= first && found < last ? found : first;
  for (uint32_t left = block.count[part]; left > 0; left--) {
    if (r->packetId == packetId) {
      block.found = reinterpret_cast<uint8_t *>(r);
      return r;
    }
    r = next(r);
    if (r == last) r = first;
  }
  return nullptr;
}

/// One list of a block. A record's `bytes` says how long it is.
template <class R, uint8_t part> class Records {
 public:
  struct Iterator {
    R *at;
    R *operator*() const { return at; }
    bool operator!=(const Iterator &other) const { return at != other.at; }
    void operator++() { at = next(at); }
  };

  explicit Records(Block &block) : block_(block) {}

  Iterator begin() const { return Iterator{first()}; }
  Iterator end() const { return Iterator{last()}; }
  uint32_t count() const { return block_.count[part]; }

  /// A new record at the end with so many bytes behind it; nullptr where there is no room, or `limit` of them already.
  R *add(uint32_t tail, uint32_t limit = UINT32_MAX) const {
    R *const r = count() < limit ? reinterpret_cast<R *>(block_.add(part, aligned<R>(uint32_t(sizeof(R)) + tail))) : nullptr;
    if (r) setTail(r, tail);
    return r;
  }
  template <class Fits> R *find(Fits fits) const {
    for (R *r = first(); r != last(); r = next(r))
      if (fits(r)) return r;
    return nullptr;
  }
  R *find(uint32_t packetId) const { return lookUp<R>(block_, part, packetId); }
  void remove(R *r) const { block_.remove(part, r, r->bytes()); }
  template <class Fits> void prune(Fits fits) const {
    for (R *r = first(); r != last();) r = fits(r) ? reinterpret_cast<R *>(block_.remove(part, r, r->bytes())) : next(r);
  }
  void clear() const { block_.clear(part); }
  /// Frees what stands behind a record.
  void trim(R *r) const {
    const uint32_t before = r->bytes();
    setTail(r, 0);
    block_.cut(reinterpret_cast<uint8_t *>(r) + r->bytes(), before - r->bytes());
  }
  /// Moves the oldest of this list to the end of the list before it.
  R *moveFirst() const {
    R *const r = first();
    block_.edge[part] = reinterpret_cast<uint8_t *>(next(r));
    --block_.count[part];
    ++block_.count[part - 1];
    return r;
  }

 private:
  R *first() const { return reinterpret_cast<R *>(block_.edge[part]); }
  R *last() const { return reinterpret_cast<R *>(block_.edge[part + 1]); }
  template <class Any> static auto setTail(Any *r, uint32_t tail) -> decltype(r->tail = tail, void()) { r->tail = tail; }
  static void setTail(...) {}

  Block &block_;
};

} // namespace umqtt
