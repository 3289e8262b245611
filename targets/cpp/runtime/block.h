// Lists of records in memory of the caller's, whose head a list is. Records of any length stand in a Block, in one list or in two, of which the
// second stands behind the first: moving the oldest of the second to the end of the first moves only the border. What a record is, is records.h's.
#pragma once

#include "span.h"

namespace umqtt {

/// `size`, rounded up to where the next record may stand.
template <class R> constexpr uint32_t aligned(uint32_t size) { return (size + uint32_t(alignof(R)) - 1) & ~(uint32_t(alignof(R)) - 1); }

/// Ordered records of any length.
class Block {
 public:
  /// At the beginning of the memory, which is aligned as a Block is and larger than one.
  static Block *in(Span memory) {
    Block *const block = reinterpret_cast<Block *>(memory.data);
    block->border = block->end = block->begin();
    block->count[0] = block->count[1] = 0;
    block->limit = memory.data + memory.size;
    return block;
  }

  uint8_t *begin() { return reinterpret_cast<uint8_t *>(this + 1); }
  /// Room for so many bytes more, behind everything; nullptr where there is none.
  uint8_t *add(uint8_t part, uint32_t size) {
    uint8_t *const room = end;
    if (size > static_cast<uint32_t>(limit - room)) return nullptr;
    end = room + size;
    if (part == 0) border = end;
    ++count[part];
    return room;
  }
  /// Takes bytes out; what is behind moves up.
  void cut(uint8_t *from, uint32_t size) {
    end -= size;
    if (from < border) border -= size;
    memmove(from, from + size, static_cast<size_t>(end - from));
  }
  /// Takes a record of so many bytes out.
  void remove(void *record, uint32_t size) {
    uint8_t *const from = static_cast<uint8_t *>(record);
    --count[from < border ? 0 : 1];
    cut(from, size);
  }
  void clear(uint8_t part) {
    uint8_t *const from = part == 0 ? begin() : border;
    count[part] = 0;
    cut(from, static_cast<uint32_t>((part == 0 ? border : end) - from));
  }

  uint8_t *border; // where the first list ends and the second begins
  uint8_t *end;
  uint8_t *limit;
  uint32_t count[2];
};

/// The record after this one.
template <class R> R *next(R *r) { return reinterpret_cast<R *>(reinterpret_cast<uint8_t *>(r) + r->bytes()); }

/// One list of a block. A record's `bytes` says how long it is.
template <class R, uint8_t part> class Records {
 public:
  struct Iterator {
    R *at;
    R *operator*() const { return at; }
    bool operator!=(const Iterator &other) const { return at != other.at; }
    void operator++() { at = next(at); }
  };

  explicit Records(Block *block) : block_(block) {}

  Iterator begin() const { return Iterator{first()}; }
  Iterator end() const { return Iterator{last()}; }
  uint32_t count() const { return block_->count[part]; }

  /// A new record at the end with so many bytes behind it; nullptr where there is no room, or `limit` of them already.
  R *add(uint32_t tail, uint32_t limit = UINT32_MAX) const {
    R *const r = count() < limit ? reinterpret_cast<R *>(block_->add(part, aligned<R>(uint32_t(sizeof(R)) + tail))) : nullptr;
    if (r) r->tail = tail;
    return r;
  }
  template <class Fits> R *find(Fits fits) const {
    for (R *r = first(); r != last(); r = next(r))
      if (fits(r)) return r;
    return nullptr;
  }
  R *find(uint32_t packetId) const { return lookUp(first(), last(), packetId); }
  void remove(R *r) const { block_->remove(r, r->bytes()); }
  template <class Fits> void prune(Fits fits) const {
    for (R *r = first(); r != last();) {
      if (fits(r)) remove(r);
      else r = next(r);
    }
  }
  void clear() const { block_->clear(part); }
  /// Frees what stands behind a record.
  void trim(R *r) const {
    const uint32_t before = r->bytes();
    r->tail = 0;
    block_->cut(reinterpret_cast<uint8_t *>(next(r)), before - r->bytes());
  }
  /// Moves the oldest of this list to the end of the list before it.
  R *moveFirst() const {
    R *const r = first();
    block_->border = reinterpret_cast<uint8_t *>(next(r));
    --block_->count[part];
    ++block_->count[part - 1];
    return r;
  }

 private:
  static R *lookUp(R *from, const R *to, uint32_t packetId) {
    for (R *r = from; r != to; r = next(r))
      if (r->packetId == packetId) return r;
    return nullptr;
  }
  R *first() const { return reinterpret_cast<R *>(part == 0 ? block_->begin() : block_->border); }
  R *last() const { return reinterpret_cast<R *>(part == 0 ? block_->border : block_->end); }

  Block *block_;
};

/// Records of one length, in no order; how many, is the caller's to keep.
template <class R> class Rows {
 public:
  Rows(Span memory, uint32_t &count) : rows_(reinterpret_cast<R *>(memory.data)), room_(memory.size / uint32_t(sizeof(R))), count_(count) {}

  uint32_t count() const { return count_; }
  /// nullptr where there is no room, or `limit` of them already.
  R *add(uint32_t limit) { return count_ < room_ && count_ < limit ? rows_ + count_++ : nullptr; }
  R *find(uint32_t packetId) const {
    for (R *r = rows_; r != rows_ + count_; r++)
      if (r->packetId == packetId) return r;
    return nullptr;
  }
  void remove(R *r) { *r = rows_[--count_]; }
  void clear() { count_ = 0; }

 private:
  R *rows_;
  uint32_t room_;
  uint32_t &count_;
};

} // namespace umqtt
