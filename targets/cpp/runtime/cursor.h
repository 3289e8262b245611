// Reads and writes the primitive wire types in memory of the caller's. Errors stick, so that a coder asks once, at its end. Which fields a
// packet has is codec.h's.
#pragma once

#include "packets.h"

namespace umqtt {

/// The rule that a text of UTF-8 breaks, if any, by what it is.
Rule textRule(Text text, TextKind kind);

/// Writes one packet from its end to its beginning: when the length of the rest has its turn, it is known. Values are judged on the way. Where there
/// is no room, or no memory, they are judged and counted all the same.
class Writer {
 public:
  Writer() : Writer(Span{reinterpret_cast<uint8_t *>(this), 0}) {}
  explicit Writer(Span memory) : end_(memory.data + memory.size), room_(memory.size), size_(0), length_(0), rule_(0) {}

  void u8(uint32_t value);
  /// A smaller number than `least` breaks the rule, as does one that does not fit.
  void u16(uint32_t value, uint32_t least, Rule rule);
  void bytes(const Bytes &value);
  void utf8(const Text &value, TextKind kind = TextKind::Utf8);
  /// Bytes without their length, as many as there are; of absent ones only the number counts.
  void rest(const Bytes &value);
  /// In front of all: the first byte, and the length of what has been written. Answers the rule that is broken, if any.
  Rule finish(uint32_t first);

  /// A rule is broken: the one told last is the first in the packet.
  void fail(Rule rule) { rule_ = static_cast<uint32_t>(rule); }
  void within(uint32_t value, uint32_t least, uint32_t most, Rule rule) {
    if (value - least > most - least) fail(rule);
  }

  Rule rule() const { return static_cast<Rule>(rule_); }
  /// The remaining length, in bytes.
  uint32_t length() const { return length_; }
  /// The bytes of the whole packet.
  uint32_t size() const { return size_; }
  /// The packet, at the end of the memory; empty where there was no room for all of it.
  Bytes written() const {
    const uint32_t size = full() ? 0 : size_;
    return Bytes(end_ - size, size);
  }

 private:
  bool full() const { return size_ > room_; }
  uint8_t *at() const { return end_ - size_; }

  uint8_t *end_;
  uint32_t room_;
  uint32_t size_;
  uint32_t length_;
  uint32_t rule_; // a Rule, where short instructions reach it
};

/// Reads the body of one packet in place. What is read after an error is 0 or empty.
class Reader {
 public:
  /// `items` is room for decoded lists. A Framer begins the packet, before anything else is asked of it.
  // cppcheck-suppress uninitMemberVar
  explicit Reader(Bytes items = Bytes()) : items_(items) {}

  /// `length` bytes of body behind `header` bytes of fixed header at `frame`, of which `have` are there, header included.
  void begin(const uint8_t *frame, uint32_t header, uint32_t length, uint32_t have) {
    frame_ = frame;
    at_ = field_ = frame + header;
    end_ = at_ + length;
    have_ = frame + have;
    rule_ = 0;
  }
  /// The same from the beginning of its body.
  Reader again() const {
    Reader in(items_);
    in.begin(frame_, size() - length(), length(), static_cast<uint32_t>(have_ - frame_));
    return in;
  }
  uint32_t first() const { return *frame_; }
  /// The bytes of the whole packet.
  uint32_t size() const { return static_cast<uint32_t>(end_ - frame_); }
  /// The remaining length.
  uint32_t length() const {
    const uint8_t *at = frame_;
    while (*++at > 0x7f) {
    }
    return static_cast<uint32_t>(end_ - at) - 1;
  }
  /// Whether some of the packet is not there.
  bool partial() const { return have_ != end_; }
  /// Whether nothing of the rest is there, which has been read.
  bool restMissing() const { return have_ == field_; }

  /// The rule is broken at the field read last, or `back` bytes before it.
  void fail(Rule rule);
  void fail(Rule rule, uint32_t back);
  bool failed() const { return rule_ != 0; }
  Rule rule() const { return static_cast<Rule>(rule_); }
  /// Where in the packet, in bytes from its first: the field, or the ill-formed sequence in a text.
  uint32_t offset() const { return offset_; }
  /// Where the rest of a packet began, when it has been read.
  uint32_t restAt() const { return static_cast<uint32_t>(field_ - frame_); }

  bool more() const { return at_ < end_; }
  /// Fails at the next byte where none is left.
  void expectMore(Rule rule);
  /// Fails at the next byte where one is left.
  void finish();

  uint32_t u8();
  uint32_t u16();
  Bytes bytes();
  Text utf8(TextKind kind = TextKind::Utf8);
  /// What is there of all that is left.
  Bytes rest();

  /// The bytes that are left, still to be read, as a list.
  List<uint8_t> items() const { return List<uint8_t>(at_, static_cast<uint32_t>(end_ - at_)); }
  /// Appends to the items in the room that was given.
  template <class T> void add(List<T> &list, const T &item) {
    T *const room = reinterpret_cast<T *>(const_cast<uint8_t *>(items_.data));
    if ((list.count + 1) * sizeof(T) > items_.size) return fail(wire::over);
    list.items = room;
    room[list.count++] = item;
  }

 private:
  const uint8_t *take(uint32_t count);

  const uint8_t *frame_;
  const uint8_t *at_;
  const uint8_t *end_;
  const uint8_t *have_;
  const uint8_t *field_; // where the field read last begins
  uint32_t offset_;
  uint32_t rule_; // a Rule, where short instructions reach it
  Bytes items_;
};

/// Reads a packet that was encoded here, from behind its fixed header: nothing is judged again.
class Stored {
 public:
  explicit Stored(Bytes frame) : at_(frame.begin()), end_(frame.end()) {
    while (*++at_ > 0x7f) {
    }
    ++at_;
  }
  bool more() const { return at_ != end_; }
  uint32_t u8() { return *at_++; }
  uint32_t u16() {
    at_ += 2;
    return static_cast<uint32_t>(at_[-2]) << 8 | at_[-1];
  }
  Bytes bytes() {
    const uint32_t size = u16();
    at_ += size;
    return Bytes(at_ - size, size);
  }

 private:
  const uint8_t *at_;
  const uint8_t *end_;
};

// All inline, so that what a client calls from one place is part of it. Every read is checked against the end of the packet, every write against the
// beginning of its memory.

/// The first sequence that is not UTF-8 or is U+0000, nullptr where there is none: too long for its code point, a surrogate, beyond U+10FFFF or
/// cut short is ill-formed.
inline const uint8_t *illFormed(const uint8_t *at, const uint8_t *end) {
  while (at != end) {
    const uint8_t *const start = at;
    const uint32_t lead = *at++;
    if (lead - 1 < 0x7f) continue; // ASCII, but not U+0000
    uint32_t point = lead;
    uint32_t top = 0x40; // the bit that says whether one more byte follows: in the end the first above the code point
    for (; point & top; top <<= 5) {
      const uint32_t byte = at != end ? *at++ : 0;
      if (byte >> 6 != 2) return start;
      point = point << 6 | (byte & 0x3f);
    }
    point &= top - 1;
    if (lead - 0xc2 > 0xf4 - 0xc2 || point < top >> 5 || point > 0x10ffff || point >> 11 == 0x1b) return start;
  }
  return nullptr;
}

/// The first rule that a text breaks; where it is ill-formed, `field` is left pointing there.
inline Rule judge(const Text &text, TextKind kind, const uint8_t *&field) {
  const uint8_t *at = text.begin();
  const uint8_t *const end = text.end();
  if (at != end) {
    while (static_cast<uint32_t>(*at) - wire::plain < 0x80u - wire::plain) // as most texts are, all through
      if (++at == end) return Rule::none;
    if (const uint8_t *const bad = illFormed(at, end)) {
      field = bad;
      return *bad == 0 ? wire::zero : wire::illFormed;
    }
    if (at > text.data) --at; // what is plain breaks no rule, but is a neighbour
  }
  return text.size > 0xffff ? wire::tooLong : textRule(Text(at, static_cast<uint32_t>(end - at)), kind);
}

inline void Writer::u8(uint32_t value) {
  ++size_;
  if (!full()) *at() = static_cast<uint8_t>(value);
}
inline void Writer::u16(uint32_t value, uint32_t least, Rule rule) {
  if (value >> 16 != 0 || value < least) fail(rule);
  size_ += 2;
  if (full()) return;
  uint8_t *const to = at();
  to[0] = static_cast<uint8_t>(value >> 8);
  to[1] = static_cast<uint8_t>(value);
}
inline void Writer::bytes(const Bytes &value) {
  rest(value);
  u16(value.size, 0, wire::tooLong);
}
inline void Writer::utf8(const Text &value, TextKind kind) {
  bytes(value);
  const uint8_t *unused;
  const Rule broken = judge(value, kind, unused);
  if (broken != Rule::none) fail(broken);
}
inline void Writer::rest(const Bytes &value) {
  size_ += value.size;
  if (!full() && value.present()) memcpy(at(), value.data, value.size);
}
inline Rule Writer::finish(uint32_t first) {
  uint32_t length = size_;
  length_ = length;
  size_ += 2;
  for (uint32_t rest = length; rest > 0x7f; rest >>= 7) ++size_;
  if (!full()) {
    uint8_t *to = at();
    *to++ = static_cast<uint8_t>(first);
    for (; length > 0x7f; length >>= 7) *to++ = static_cast<uint8_t>(length | 0x80);
    *to = static_cast<uint8_t>(length);
  }
  return rule();
}

inline void Reader::fail(Rule rule) { fail(rule, 0); }
inline void Reader::fail(Rule rule, uint32_t back) {
  if (failed()) return;
  rule_ = static_cast<uint32_t>(rule);
  offset_ = restAt() - back;
  at_ = have_ = end_;
}
inline void Reader::expectMore(Rule rule) {
  field_ = at_;
  if (at_ == end_) fail(rule);
}
inline void Reader::finish() {
  if (at_ == end_) return;
  field_ = at_;
  fail(wire::trailing);
}

/// The next so many bytes; nullptr where the packet, or what is there of it, ends before.
inline const uint8_t *Reader::take(uint32_t count) {
  const uint8_t *const at = at_;
  if (count > static_cast<uint32_t>(have_ - at)) {
    fail(count > static_cast<uint32_t>(end_ - at) ? wire::pastEnd : wire::over);
    return nullptr;
  }
  at_ += count;
  return at;
}
inline uint32_t Reader::u8() {
  field_ = at_;
  const uint8_t *const at = take(1);
  return at ? *at : 0;
}
inline uint32_t Reader::u16() {
  field_ = at_;
  const uint8_t *const at = take(2);
  return at ? static_cast<uint32_t>(at[0]) << 8 | at[1] : 0;
}
inline Bytes Reader::bytes() {
  const uint32_t size = u16();
  const uint8_t *const at = take(size);
  return Bytes(at, at ? size : 0);
}
inline Text Reader::utf8(TextKind kind) {
  const Text text = bytes();
  const Rule broken = judge(text, kind, field_);
  if (broken != Rule::none) fail(broken);
  return text;
}
inline Bytes Reader::rest() {
  field_ = at_;
  at_ = end_;
  return Bytes(field_, static_cast<uint32_t>(have_ - field_));
}

} // namespace umqtt
