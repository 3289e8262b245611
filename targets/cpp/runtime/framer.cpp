// The framing of framer.h. A packet's first byte is judged at once, its length when it is there, its body when it is whole.
#include "framer.h"

namespace umqtt {

Span Framer::room() const {
  const uint32_t free = buffer_.size - fill_;
  return Span{buffer_.data + fill_, kept_ > 0 && left_ < free ? left_ : free};
}

bool Framer::next(Frame &frame, HeaderRule headerRule, uint32_t version, uint32_t most) {
  if (kept_ > 0 && left_ > 0 && fill_ == kept_) return false;
  const uint8_t *const at = buffer_.data + at_;
  const uint32_t have = fill_ - at_;
  frame.data = at;
  frame.offset = 0;
  frame.broken = have > 0 ? headerRule(at[0], version) : Rule::none;
  if (frame.broken != Rule::none) return true;
  frame.header = 1;
  frame.length = 0;
  uint8_t byte = 0x80;
  while (byte > 0x7f && frame.header < have) {
    byte = at[frame.header];
    frame.length |= static_cast<uint32_t>(byte & 0x7f) << 7 * (frame.header - 1);
    if (byte > 0x7f && frame.header == wire::lengthBytes) return broken(frame, wire::length);
    ++frame.header;
  }
  if (byte > 0x7f) return more();
  --frame.header;
  if (frame.length > most) return broken(frame, wire::over);
  const uint32_t size = ++frame.header + frame.length;
  frame.have = size;
  frame.left = left_;
  if (kept_ > 0) {
    frame.have = fill_;
    if (left_ == 0) at_ = fill_ = kept_ = 0;
    return true;
  }
  if (size <= have) {
    at_ += size;
    return true;
  }
  if (more() || size <= buffer_.size || fill_ < buffer_.size) return false;
  frame.data = buffer_.data;
  frame.have = buffer_.size;
  frame.left = left_ = size - buffer_.size;
  return true;
}

/// The rule is broken where the header was read to.
bool Framer::broken(Frame &frame, Rule rule) {
  frame.broken = rule;
  frame.offset = frame.header;
  return true;
}

/// Makes room for what has not come: what has, moves to the front.
bool Framer::more() {
  fill_ -= at_;
  if (at_ > 0) memmove(buffer_.data, buffer_.data + at_, fill_);
  at_ = 0;
  return false;
}

} // namespace umqtt
