// Deadlines on a clock of 32-bit milliseconds that may wrap, and the random number of a delay. What is due when is the session's.
#pragma once

#include <stdint.h>

namespace umqtt {

inline uint32_t lesser(uint32_t a, uint32_t b) { return a < b ? a : b; }

/// A fixed set of deadlines, by number, that begins as zeros and with `at`; those due together are taken by their time, then by their number.
template <class Timer, uint32_t count> class Timers {
 public:
  uint32_t now;

  /// `after` ms from now.
  void arm(Timer timer, uint32_t after) { set(timer, now + after); }
  /// At a time; if it is past, in this tick.
  void armAt(Timer timer, uint32_t due) {
    const int32_t left = static_cast<int32_t>(due - now);
    const bool longPast = left < 0 && now - due > now - handled_;
    set(timer, longPast ? handled_ : due);
    ready_ |= flag(timer);
  }
  void disarm(Timer timer) { keep(~flag(timer)); }
  /// Disarms all whose bit is not in `mask`.
  void keep(uint32_t mask) { armed_ &= mask; }
  bool armed(Timer timer) const { return armed_ & flag(timer); }

  /// The time between ticks, of a call or of bytes.
  void at(uint32_t time) {
    now = time;
    if (armed_ == 0) handled_ = time; // the time before was nobody's
  }
  /// A tick begins: time has come to `time`. Each deadline has one turn in it: what is armed meanwhile waits for the next one.
  void begin(uint32_t time) {
    now = time;
    ready_ = armed_;
  }
  /// The number of the next deadline to handle in this tick, disarmed; `count` when there is none, and the tick is over.
  uint32_t take() {
    uint32_t next = count;
    uint32_t least = now - handled_;
    uint32_t rest = (armed_ & ready_) << (32 - count);
    for (uint32_t i = count - 1; rest != 0; i--, rest <<= 1) {
      const uint32_t wait = due_[i] - handled_;
      if (rest >> 31 == 0 || wait > least) continue;
      least = wait;
      next = i;
    }
    if (next == count) {
      handled_ = now;
    } else {
      disarm(static_cast<Timer>(next));
      ready_ &= ~flag(static_cast<Timer>(next));
    }
    return next;
  }
  /// Milliseconds from `time` to the next deadline, at most `most`.
  uint32_t next(uint32_t time, uint32_t most) const {
    for (uint32_t i = 0; i < count; i++) {
      if (!(armed_ >> i & 1)) continue;
      const uint32_t wait = due_[i] - time;
      if (static_cast<int32_t>(wait) < 0) return 0;
      if (wait < most) most = wait;
    }
    return most;
  }

 private:
  void set(Timer timer, uint32_t due) {
    due_[static_cast<uint32_t>(timer)] = due;
    armed_ |= flag(timer);
  }
  static uint32_t flag(Timer timer) { return 1u << static_cast<uint32_t>(timer); }

  uint32_t handled_; // what was due until then
  uint32_t armed_;
  uint32_t ready_; // for this tick
  uint32_t due_[count];
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
