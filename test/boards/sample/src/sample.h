// A library of one function, for the firmware beside it.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Fletcher's checksum of a greeting, right where int has 16 bits.
uint16_t checksum(const uint8_t *bytes, size_t size);
