// The stand-in library's one function.
#include "sample.h"

uint16_t checksum(const uint8_t *bytes, size_t size) {
  uint16_t low = 0, high = 0;
  for (size_t i = 0; i < size; i++) {
    low = uint16_t((low + bytes[i]) % 255);
    high = uint16_t((high + low) % 255);
  }
  return uint16_t(high << 8 | low);
}
