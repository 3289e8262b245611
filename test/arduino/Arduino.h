// Tests only: what umqtt/arduino.h needs of an Arduino core, on a host, with a clock that moves only by delay().
#pragma once

#include <stddef.h>
#include <stdint.h>

inline uint32_t &clockMs() {
  static uint32_t ms = 0;
  return ms;
}
inline unsigned long millis() { return clockMs(); }
inline void delay(unsigned long ms) { clockMs() += static_cast<uint32_t>(ms); }
