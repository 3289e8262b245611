// Ordered lists of records in a fixed block of the caller's memory: one list, or two of which the second stands behind the first, so that
// moving the oldest of the second to the end of the first moves only the border. What a record is, is records.h's.
#pragma once

#include "span.h"

namespace umqtt {

/// `size`, rounded up to where the next record may stand.
template <class R> constexpr uint32_t aligned(uint32_t size) { return (size + uint32_t(alignof(R)) - 1) & ~(uint32_t(alignof(R)) - 1); }

class Block {
 public:
  explicit Block(Span memory);

  /// Room for so many bytes more at the end of the list, behind which no other has any; nullptr where there is none.
  uint8_t *add(uint8_t part, uint32_t size);
  /// Takes bytes out; what is behind moves up.
  void cut(uint8_t *at, uint32_t size);

  uint8_t *edge[3]; // where the lists begin, and where the last one ends
  uint32_t count[2];

 private:
  uint8_t *memory_;
  uint8_t *end_;
};

/// One list of a block. A record's `bytes` says how long it is.
template <class R> class Records {
 public:
  struct Iterator {
    R *at;
    R *operator*() const { return at; }
    bool operator!=(const Iterator &other) const { return at != other.at; }
    Iterator &operator++() {
      at = next(at);
      return *this;
    }
  };

  Records(Block &block, uint8_t part) : block_(block), part_(part) {}

  Iterator begin() { return Iterator{reinterpret_cast<R *>(block_.edge[part_])}; }
  Iterator end() { return Iterator{reinterpret_cast<R *>(block_.edge[part_ + 1])}; }
  uint32_t count() const { return block_.count[part_]; }

  /// A new record at the end with so many bytes behind it; nullptr where there is no room, or `limit` of them already.
  R *add(uint32_t tail, uint32_t limit = UINT32_MAX) {
    R *const r = count() < limit ? reinterpret_cast<R *>(block_.add(part_, aligned<R>(sizeof(R) + tail))) : nullptr;
    if (r) {
      ++block_.count[part_];
      setTail(r, tail);
    }
    return r;
  }
  template <class Fits> R *find(Fits fits) {
    for (R *const r : *this)
      if (fits(r)) return r;
    return nullptr;
  }
  R *find(uint32_t packetId) {
    return find([=](const R *r) { return r->packetId == packetId; });
  }
  void remove(R *r) {
    --block_.count[part_];
    block_.cut(reinterpret_cast<uint8_t *>(r), r->bytes());
  }
  template <class Fits> void prune(Fits fits) {
    R *r = *begin();
    while (r != *end()) {
      if (!fits(r)) {
        r = next(r);
        continue;
      }
      const bool first = r == *begin(); // then it is the list that begins later
      remove(r);
      if (first) r = *begin();
    }
  }
  void clear() {
    prune([](const R *) { return true; });
  }
  /// Frees what stands behind a record.
  void trim(R *r) {
    const uint32_t before = r->bytes();
    setTail(r, 0);
    const uint32_t after = r->bytes();
    block_.cut(reinterpret_cast<uint8_t *>(r) + after, before - after);
  }
  /// Moves the oldest of this list to the end of the list before it.
  R *moveFirst() {
    R *const r = *begin();
    block_.edge[part_] += r->bytes();
    --block_.count[part_];
    ++block_.count[part_ - 1];
    return r;
  }

 private:
  static R *next(R *r) { return reinterpret_cast<R *>(reinterpret_cast<uint8_t *>(r) + r->bytes()); }
  template <class Any> static auto setTail(Any *r, uint32_t tail) -> decltype(r->tail = tail, void()) { r->tail = tail; }
  static void setTail(...) {}

  Block &block_;
  const uint8_t part_;
};

} // namespace umqtt
