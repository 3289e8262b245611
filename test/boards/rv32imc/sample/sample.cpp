#include "sample.h"

#include <stdlib.h>

namespace sample {

__asm__(
    ".section .text.sample_hundred,\"ax\",@progbits\n"
    ".globl sample_hundred\n.type sample_hundred, @function\n"
    "sample_hundred:\n.rept 100\nc.nop\n.endr\nret\n.size sample_hundred, .-sample_hundred\n.text\n");

static const uint8_t table[1000] = {1, 2, 3};
int look(int at) { return table[at]; }

static uint32_t counters[4] = {1, 2, 3, 4};
int count() { return int(counters[1]++); }

// Frames of at least 64 and 128 bytes, the deeper one under the callback's.
static __attribute__((noinline)) int middle(Callback callback, int value) {
  volatile uint8_t room[128];
  for (int i = 0; i < 128; i++) room[i] = uint8_t(value + i);
  return callback(room[value & 127]) + room[5];
}

int outer(Callback callback, int value) {
  volatile uint8_t room[64];
  for (int i = 0; i < 64; i++) room[i] = uint8_t(value);
  return middle(callback, value) + room[3];
}

int recursive(int depth) { return depth ? depth * recursive(depth - 1) + look(depth & 3) : 1; }

void *allocate() { return malloc(8); }

}  // namespace sample
