// The cursors of cursor.h. Every read is checked against the end of the packet, every packet written against the end of its memory.
#include "cursor.h"

namespace umqtt {

namespace {

/// Where the first sequence begins that is not UTF-8 or is U+0000; the size of the text if there is none (table 3-7 of the Unicode standard).
uint32_t illFormed(Text text) {
  uint32_t i = 0;
  while (i < text.size) {
    const uint8_t lead = text.data[i];
    if (lead == 0) return i;
    uint32_t more = 0;
    if (lead >= 0x80) {
      if (lead < 0xc2 || lead > 0xf4) return i;
      more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
      if (more >= text.size - i) return i;
      const uint8_t next = text.data[i + 1];
      if (next < (lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80) || next > (lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf)) return i;
      for (uint32_t k = 2; k <= more; k++)
        if ((text.data[i + k] & 0xc0) != 0x80) return i;
    }
    i += more + 1;
  }
  return i;
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
  while (length > 0x7f) {
    u8(length | 0x80);
    length >>= 7;
  }
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
