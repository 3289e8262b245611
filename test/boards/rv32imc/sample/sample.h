// A stand-in for a library whose sizes, stack and instruction counts are known by construction: what test/boards.test.ts measures.
#pragma once

#include <stdint.h>

namespace sample {

struct Object {
  uint8_t bytes[10];
  uint32_t word;
  void *pointer;
};

typedef int (*Callback)(int);

// A hundred instructions of two bytes and a return of two.
extern "C" void sample_hundred();

int look(int at);
int count();
int outer(Callback callback, int value);
int recursive(int depth);
void *allocate();

template <int N> __attribute__((noinline)) int templated(int value) {
  return value * N + look(value & 7);
}

}  // namespace sample
