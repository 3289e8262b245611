// Cuts the stream in the receive buffer into packets, in place. Of a packet larger than the buffer it keeps the beginning and lets the rest
// pass by. What a packet means is the session's.
#pragma once

#include "codec.h"

namespace umqtt {

/// A packet, whole or the beginning of one that does not fit, or the rule it breaks.
struct Frame {
  const uint8_t *data;
  uint32_t header; // bytes of the fixed header
  uint32_t length; // the remaining length
  uint32_t have;   // bytes that are there, header included
  uint32_t left;   // bytes that have not come, of one that does not fit
  Rule broken;
  uint32_t offset; // where in the packet
};

class Framer {
 public:
  typedef Rule (*HeaderRule)(uint32_t first, uint32_t version);
  explicit Framer(Span buffer) : buffer_(buffer), at_(0), fill_(0), kept_(0), left_(0), running_(false) {}

  void start() {
    running_ = true;
    at_ = fill_ = kept_ = left_ = 0;
  }
  void stop() { running_ = false; }
  bool running() const { return running_; }
  /// Where the next bytes go; never empty.
  Span room() const;
  void filled(uint32_t count) {
    fill_ += count;
    if (kept_ > 0) left_ -= count;
  }
  /// The next packet; false until more bytes come. One that does not fit comes again with each of its pieces. `headerRule`: which first bytes
  /// are accepted; `most`: the largest remaining length.
  bool next(Frame &frame, HeaderRule headerRule, uint32_t version, uint32_t most);
  /// Of the packet at hand, which does not fit, so many bytes stay; the next piece comes behind them.
  void keep(uint32_t count) { kept_ = fill_ = count; }

 private:
  static bool broken(Frame &frame, Rule rule);
  bool more();

  Span buffer_;
  uint32_t at_;   // where the next packet begins
  uint32_t fill_; // bytes in the buffer
  uint32_t kept_; // of a packet that does not fit; 0: there is none
  uint32_t left_; // bytes of it that have not come
  bool running_;
};

} // namespace umqtt
