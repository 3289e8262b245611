// Deadlines on a clock of 32-bit milliseconds that may wrap, and the random number of a delay. What is due when is the session's.
#pragma once

#include <stdint.h>

namespace umqtt {

inline uint32_t lesser(uint32_t a, uint32_t b) { return a < b ? a : b; }

/// A fixed set of deadlines, by number; those due together are taken by their time, then by their number.
template <class Timer, uint8_t count> class Timers {
 public:
  explicit Timers(uint32_t now) : due_(), armed_(0), late_(0), fresh_(0), before_(now), now_(now) {}

  /// `after` ms from `now`; inside a tick it waits for the next one.
  void arm(Timer timer, uint32_t now, uint32_t after) {
    if (armed_ == 0) now_ = now; // the time before was nobody's
    due_[index(timer)] = now + after;
    armed_ |= flag(timer);
    fresh_ |= flag(timer);
    late_ &= static_cast<uint8_t>(~flag(timer));
  }
  /// At a time; if it is past, in this tick.
  void armAt(Timer timer, uint32_t now, uint32_t due) {
    arm(timer, now, due - now);
    fresh_ &= static_cast<uint8_t>(~flag(timer));
    if (static_cast<int32_t>(due - now) <= 0) late_ |= flag(timer);
  }
  void disarm(Timer timer) { armed_ &= static_cast<uint8_t>(~flag(timer)); }
  /// Disarms all whose bit is not in `mask`.
  void keep(uint32_t mask) { armed_ &= static_cast<uint8_t>(mask); }
  bool armed(Timer timer) const { return armed_ & flag(timer); }

  /// A tick begins: time has come to `now`.
  void begin(uint32_t now) {
    before_ = now_;
    now_ = now;
    fresh_ = 0;
  }
  /// The next deadline to handle in this tick, disarmed; false when there is none.
  bool take(Timer &timer) {
    const uint32_t elapsed = now_ - before_;
    int64_t least = INT64_MAX;
    for (uint8_t i = 0; i < count; i++) {
      const uint8_t mask = static_cast<uint8_t>(1 << i);
      if (!(armed_ & mask) || fresh_ & mask) continue;
      const int64_t wait = late_ & mask ? static_cast<int64_t>(static_cast<int32_t>(due_[i] - before_)) : due_[i] - before_;
      if ((!(late_ & mask) && wait > elapsed) || wait >= least) continue;
      least = wait;
      timer = static_cast<Timer>(i);
    }
    if (least == INT64_MAX) return false;
    disarm(timer);
    return true;
  }
  /// Milliseconds from `now` to the next deadline, at most `most`.
  uint32_t next(uint32_t now, uint32_t most) const {
    for (uint8_t i = 0; i < count; i++) {
      if (!(armed_ & 1 << i)) continue;
      const int32_t wait = static_cast<int32_t>(due_[i] - now);
      if (wait < static_cast<int32_t>(most)) most = wait < 0 ? 0 : static_cast<uint32_t>(wait);
    }
    return most;
  }

 private:
  static uint8_t index(Timer timer) { return static_cast<uint8_t>(timer); }
  static uint8_t flag(Timer timer) { return static_cast<uint8_t>(1 << index(timer)); }

  uint32_t due_[count];
  uint8_t armed_;
  uint8_t late_;  // armed for a time that had passed already
  uint8_t fresh_; // armed since the tick began, and not late: they wait for the next one
  uint32_t before_;
  uint32_t now_;
};

/// Evenly spread numbers that a seed repeats: xorshift32. Seed 0 answers the most that is allowed.
class Random {
 public:
  explicit Random(uint32_t seed) : x_(seed) {}
  /// From 0 to `most`.
  uint32_t next(uint32_t most) {
    if (x_ == 0) return most;
    x_ ^= x_ << 13;
    x_ ^= x_ >> 17;
    x_ ^= x_ << 5;
    return x_ % (most + 1);
  }

 private:
  uint32_t x_;
};

} // namespace umqtt
