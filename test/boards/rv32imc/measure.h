// Exact instruction counts on the emulated rv32imc: MEASURE("publish q0", client.publish(…)) prints "publish q0: 612".
// One line a measurement, read by test/tools/rv32.ts (instructions); repeatable only under UMQTT_ICOUNT.
#pragma once

#include <stdio.h>

#include "board.h"

namespace board {

// A function of its own, so that the compiler moves nothing of the surroundings between the two readings; the pair counts itself once.
template <typename Body> __attribute__((noinline)) uint32_t instructionsOf(Body &body) {
  const uint32_t before = instructions();
  body();
  const uint32_t after = instructions();
  return after - before - 1;
}

}  // namespace board

// What the statement names should be static: a captured local costs a load.
#define MEASURE(name, statement)                                                                     \
  do {                                                                                               \
    auto body_ = [&] { statement; };                                                                 \
    printf("%s: %lu\n", name, static_cast<unsigned long>(board::instructionsOf(body_)));             \
  } while (0)
