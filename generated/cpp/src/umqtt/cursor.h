// Reads and writes the primitive wire types in memory of the caller's. The first error sticks: what is read after it is 0 or empty, so a
// decoder asks once, at its end. Which fields a packet has is codec.cpp's.
#pragma once

#include "packets.h"

namespace umqtt {

/// The rule a text breaks: ill-formed UTF-8, U+0000, more than 65,535 bytes.
Rule utf8Rule(Text text);
/// The bytes of a whole packet with so many bytes of body.
uint32_t frameSize(uint32_t length);

/// Writes one packet. Where there is no room for all of it, `written` is empty.
class Writer {
 public:
  explicit Writer(Span memory) : memory_(memory.data), end_(memory.data + memory.size), at_(memory.data), full_(false) {}

  /// The first byte of a packet and its remaining length.
  void begin(uint32_t first, uint32_t length);
  void u8(uint32_t value);
  void u16(uint32_t value);
  void bytes(Bytes value);
  void rest(Bytes value);

  Bytes written() const { return full_ ? Bytes() : Bytes(memory_, static_cast<uint32_t>(at_ - memory_)); }

 private:
  uint8_t *memory_;
  uint8_t *end_;
  uint8_t *at_;
  bool full_;
};

/// Reads the body of one packet in place.
class Reader {
 public:
  /// The whole of a packet that was encoded here, from behind its fixed header.
  explicit Reader(Bytes frame);
  /// `length` bytes of body behind `header` bytes of fixed header at `frame`, of which `have` are there. `items` is room for decoded lists.
  Reader(const uint8_t *frame, uint32_t header, uint32_t length, uint32_t have, Bytes items = Bytes())
      : frame_(frame), at_(header), end_(header + length), have_(have), field_(header), offset_(0), restAt_(0), items_(items), rule_(Rule::none) {}

  /// The rule is broken at the field read last, or `back` bytes before it.
  void fail(Rule rule);
  void fail(Rule rule, uint32_t back);
  void require(Rule rule) {
    if (rule != Rule::none) fail(rule);
  }
  bool failed() const { return rule_ != Rule::none; }
  Rule rule() const { return rule_; }
  /// Where in the packet, in bytes from its first: the field, or the ill-formed sequence in a text.
  uint32_t offset() const { return offset_; }
  /// Where the rest of a packet began.
  uint32_t restAt() const { return restAt_; }

  bool more() const { return at_ < end_; }
  /// Fails at the next byte where none is left.
  void expectMore(Rule rule);
  /// Fails at the next byte where one is left.
  void finish(Rule rule);

  uint32_t u8();
  uint32_t u16();
  Bytes bytes();
  Text utf8();
  Bytes rest();

  /// Appends the byte read last: such a list is the packet's own bytes.
  void add(List<uint8_t> &list, uint32_t) {
    if (list.count++ == 0) list.items = frame_ + at_ - 1;
  }
  /// Appends to the items in the room that was given.
  template <class T> void add(List<T> &list, const T &item) {
    T *const room = reinterpret_cast<T *>(const_cast<uint8_t *>(items_.data));
    if ((list.count + 1) * sizeof(T) > items_.size) return fail(wire::over);
    list.items = room;
    room[list.count++] = item;
  }

 private:
  bool take(uint32_t count);

  const uint8_t *frame_;
  uint32_t at_;
  uint32_t end_;
  uint32_t have_;
  uint32_t field_; // where the field read last begins
  uint32_t offset_;
  uint32_t restAt_;
  Bytes items_;
  Rule rule_;
};

} // namespace umqtt
