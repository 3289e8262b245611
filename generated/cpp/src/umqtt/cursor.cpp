// The cursors of cursor.h. Every read is checked against the end of the packet, every packet written against the end of its memory.
#include "cursor.h"

namespace umqtt {

namespace {

/// Where the first sequence begins that is not UTF-8 or is U+0000; the size of the text if there is none: too long for its code point, a
/// surrogate, beyond U+10FFFF or cut short is ill-formed.
uint32_t illFormed(Text text) {
  uint32_t ascii = 0; // most texts are nothing else: a short loop for what begins so
  while (ascii < text.size && static_cast<uint8_t>(text.data[ascii] - 1) < 0x7f) ++ascii;
  for (uint32_t i = ascii, next; i < text.size; i = next) {
    const uint32_t lead = text.data[i];
    next = i + 1;
    if (lead - 1 < 0x7f) continue; // ASCII, but not U+0000
    const uint32_t more = lead < 0xc0 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    uint32_t point = lead & 0x7f >> more; // from 0xf8 on too large, whatever follows
    for (uint32_t k = 0; k < more; k++, next++) {
      const uint32_t byte = next < text.size ? text.data[next] : 0;
      if (byte >> 6 != 2) return i;
      point = point << 6 | (byte & 0x3f);
    }
    const uint32_t least = more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000; // what needs so many bytes
    if (more == 0 || point < least || point > 0x10ffff || point >> 11 == 0x1b) return i;
  }
  return text.size;
}

} // namespace

Rule utf8Rule(Text text) {
  const uint32_t bad = illFormed(text);
  if (bad < text.size) return text.data[bad] == 0 ? wire::zero : wire::illFormed;
  return text.size > 0xffff ? wire::tooLong : Rule::none;
}

uint32_t frameSize(uint32_t length) {
  uint32_t size = 2 + length;
  for (uint32_t rest = length; rest > 0x7f; rest >>= 7) ++size;
  return size;
}

void Writer::begin(uint32_t first, uint32_t length) {
  u8(first);
  for (; length > 0x7f; length >>= 7) u8(length | 0x80);
  u8(length);
}
void Writer::u8(uint32_t value) {
  if (at_ == end_) full_ = true;
  else *at_++ = static_cast<uint8_t>(value);
}
void Writer::u16(uint32_t value) {
  u8(value >> 8);
  u8(value);
}
void Writer::bytes(Bytes value) {
  u16(value.size);
  rest(value);
}
void Writer::rest(Bytes value) {
  full_ = full_ || value.size > static_cast<uint32_t>(end_ - at_);
  if (full_ || value.size == 0) return;
  memcpy(at_, value.data, value.size);
  at_ += value.size;
}

Reader::Reader(Bytes frame) : Reader(frame.data, 1, frame.size - 1, frame.size) {
  while (u8() & 0x80) {
  }
}

void Reader::fail(Rule rule) { fail(rule, 0); }
void Reader::fail(Rule rule, uint32_t back) {
  if (failed()) return;
  rule_ = rule;
  offset_ = field_ - back;
  at_ = end_;
}
void Reader::expectMore(Rule rule) {
  field_ = at_;
  if (at_ == end_) fail(rule);
}
void Reader::finish(Rule rule) {
  field_ = at_;
  if (at_ < end_) fail(rule);
}

/// Goes on by so many bytes of one field; false where the packet, or what is there of it, ends before.
bool Reader::take(uint32_t count) {
  if (count <= end_ - at_ && at_ + count <= have_) {
    at_ += count;
    return true;
  }
  fail(count > end_ - at_ ? wire::pastEnd : wire::over);
  return false;
}
uint32_t Reader::u8() {
  field_ = at_;
  return take(1) ? frame_[at_ - 1] : 0;
}
uint32_t Reader::u16() {
  field_ = at_;
  return take(2) ? uint32_t(frame_[at_ - 2]) << 8 | frame_[at_ - 1] : 0;
}
Bytes Reader::bytes() {
  const uint32_t size = u16();
  return take(size) ? Bytes(frame_ + at_ - size, size) : Bytes();
}
Text Reader::utf8() {
  const Text text = bytes();
  const uint32_t bad = illFormed(text);
  if (bad < text.size) {
    field_ = static_cast<uint32_t>(text.data - frame_) + bad;
    fail(text.data[bad] == 0 ? wire::zero : wire::illFormed);
  }
  return text;
}
Bytes Reader::rest() {
  if (failed()) return Bytes();
  field_ = restAt_ = at_;
  const uint32_t end = end_ < have_ ? end_ : have_;
  const Bytes value(frame_ + at_, end - at_);
  at_ = end_;
  return value;
}

} // namespace umqtt
