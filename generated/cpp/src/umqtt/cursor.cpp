// The cursors of cursor.h. Every read is checked against the end of the packet, every write against the beginning of its memory.
#include "cursor.h"

namespace umqtt {

namespace {

/// The first sequence that is not UTF-8 or is U+0000, nullptr where there is none: too long for its code point, a surrogate, beyond U+10FFFF or
/// cut short is ill-formed.
const uint8_t *illFormed(const uint8_t *at, const uint8_t *end) {
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
Rule judge(const Text &text, TextKind kind, const uint8_t *&field) {
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

} // namespace

void Writer::u8(uint32_t value) {
  ++size_;
  if (!full()) *at() = static_cast<uint8_t>(value);
}
void Writer::u16(uint32_t value, uint32_t least, Rule rule) {
  if (value >> 16 != 0 || value < least) fail(rule);
  size_ += 2;
  if (full()) return;
  uint8_t *const to = at();
  to[0] = static_cast<uint8_t>(value >> 8);
  to[1] = static_cast<uint8_t>(value);
}
void Writer::bytes(const Bytes &value) {
  rest(value);
  u16(value.size, 0, wire::bytesTooLong);
}
void Writer::utf8(const Text &value, TextKind kind) {
  bytes(value);
  const uint8_t *unused;
  const Rule broken = judge(value, kind, unused);
  if (broken != Rule::none) fail(broken);
}
void Writer::rest(const Bytes &value) {
  size_ += value.size;
  if (!full() && value.present()) memcpy(at(), value.data, value.size);
}
Rule Writer::finish(uint32_t first) {
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

void Reader::fail(Rule rule) { fail(rule, 0); }
void Reader::fail(Rule rule, uint32_t back) {
  if (failed()) return;
  rule_ = static_cast<uint32_t>(rule);
  offset_ = restAt() - back;
  at_ = have_ = end_;
}
void Reader::expectMore(Rule rule) {
  field_ = at_;
  if (at_ == end_) fail(rule);
}
void Reader::finish() {
  if (at_ == end_) return;
  field_ = at_;
  fail(wire::trailing);
}

/// The next so many bytes; nullptr where the packet, or what is there of it, ends before.
const uint8_t *Reader::take(uint32_t count) {
  const uint8_t *const at = at_;
  if (count > static_cast<uint32_t>(have_ - at)) {
    fail(count > static_cast<uint32_t>(end_ - at) ? wire::pastEnd : wire::over);
    return nullptr;
  }
  at_ += count;
  return at;
}
uint32_t Reader::u8() {
  field_ = at_;
  const uint8_t *const at = take(1);
  return at ? *at : 0;
}
uint32_t Reader::u16() {
  field_ = at_;
  const uint8_t *const at = take(2);
  return at ? static_cast<uint32_t>(at[0]) << 8 | at[1] : 0;
}
Bytes Reader::bytes() {
  const uint32_t size = u16();
  const uint8_t *const at = take(size);
  return Bytes(at, at ? size : 0);
}
Text Reader::utf8(TextKind kind) {
  const Text text = bytes();
  const Rule broken = judge(text, kind, field_);
  if (broken != Rule::none) fail(broken);
  return text;
}
Bytes Reader::rest() {
  field_ = at_;
  at_ = end_;
  return Bytes(field_, static_cast<uint32_t>(have_ - field_));
}

} // namespace umqtt
