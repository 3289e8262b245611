// Cuts the stream in the receive buffer into packets, in place. A packet's first byte is judged at once, its length when it is there, its body when
// it is whole. Of a packet larger than the buffer it keeps the beginning and lets the rest pass by. What a packet means is the session's.
#pragma once

#include "codec.h"

namespace umqtt {

class Framer {
 public:
  typedef Rule (*HeaderRule)(uint32_t first, uint32_t version);
  /// The buffer stays the caller's, and where it is.
  explicit Framer(const Span &buffer) : buffer_(buffer), at_(0), fill_(0), kept_(0), left_(0) {}

  void start() { at_ = fill_ = kept_ = left_ = 0; }
  /// Where the next bytes go; never empty.
  Span room() const {
    const uint32_t free = buffer_.size - fill_;
    return Span{buffer_.data + fill_, kept_ > 0 && left_ < free ? left_ : free};
  }
  void filled(uint32_t count) {
    fill_ += count;
    if (kept_ > 0) left_ -= count;
  }
  /// The next packet, to be read, or what its header breaks; false until more bytes come. One that does not fit comes again with each of its pieces.
  /// `judge`: which first bytes are accepted; `most`: the largest remaining length.
  template <HeaderRule judge> bool next(Reader &in, uint32_t version, uint32_t most) {
    const uint8_t *frame = buffer_.data + at_;
    uint32_t have = fill_ - at_;
    if (have == kept_) return more(), false;
    uint32_t header = 0;
    uint32_t length = 0;
    Rule broken = judge(frame[0], version);
    if (broken == Rule::none) {
      uint32_t byte;
      do {
        if (++header == have) return more(), false;
        byte = frame[header];
        length |= (byte & 0x7f) << 7 * (header - 1);
      } while (byte > 0x7f && header < wire::lengthBytes);
      if (byte > 0x7f) broken = wire::length;
      else if (length > most) broken = wire::over;
    }
    if (broken != Rule::none) {
      in.begin(frame, header, 0, header);
      in.fail(broken);
      return true;
    }
    const uint32_t size = ++header + length;
    if (kept_ > 0) {
      if (left_ == 0) at_ = fill_ = kept_ = 0;
    } else if (size <= have) {
      have = size;
      at_ += size;
    } else {
      more();
      if (size <= buffer_.size || have < buffer_.size) return false;
      frame = buffer_.data;
      left_ = size - have;
    }
    in.begin(frame, header, length, have);
    return true;
  }
  /// Bytes that have not come, of a packet that does not fit.
  uint32_t left() const { return left_; }
  /// Of the packet at hand, which does not fit, so many bytes stay; the next piece comes behind them.
  void keep(uint32_t count) { kept_ = fill_ = count; }

 private:
  /// Makes room for what has not come: what has, moves to the front.
  void more() {
    const uint32_t from = at_;
    at_ = 0;
    fill_ -= from;
    if (fill_ > 0) memmove(buffer_.data, buffer_.data + from, fill_);
  }

  const Span &buffer_;
  uint32_t at_;   // where the next packet begins
  uint32_t fill_; // bytes in the buffer
  uint32_t kept_; // of a packet that does not fit; 0: there is none
  uint32_t left_; // bytes of it that have not come
};

} // namespace umqtt
