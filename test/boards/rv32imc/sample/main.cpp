// Uses the sample: counts instructions, paints the stack to see how deep outer() really goes. With an argument: the testee's side of
// the board (standard input to output); with "wire", to the wire and back.
#include <string.h>

#include "measure.h"
#include "sample.h"

static int callback(int value) {
  volatile uint8_t room[32];
  for (int i = 0; i < 32; i++) room[i] = uint8_t(value);
  return room[7];
}

static __attribute__((noinline)) unsigned stackUsedByOuter() {
  enum { PAINTED = 2000, BELOW = 64 };
  uint8_t *const here = static_cast<uint8_t *>(__builtin_frame_address(0)) - BELOW;
  volatile uint8_t *const bottom = here - PAINTED;
  for (int i = 0; i < PAINTED; i++) bottom[i] = 0xa5;
  uint8_t *sp;
  __asm__ volatile("mv %0, sp" : "=r"(sp));
  sample::outer(callback, 3);
  int i = 0;
  while (bottom[i] == 0xa5) i++;
  return unsigned(sp - (here - PAINTED + i));
}

static int echo(bool wire) {
  uint8_t bytes[256];
  size_t size;
  while ((size = board::input(reinterpret_cast<char *>(bytes), sizeof bytes)) > 0) {
    if (wire) {
      board::wireWrite(bytes, size);
      const uint32_t start = board::millis();
      for (size_t have = 0; have < size && board::millis() - start < 5000;) {
        const size_t more = board::wireRead(bytes + have, size - have);
        have += more;
        if (!more) board::idle();
      }
    }
    board::output(reinterpret_cast<const char *>(bytes), size);
  }
  return 7;
}

int main(int argc, char **argv) {
  if (argc > 1) return echo(strcmp(argv[1], "wire") == 0);
  MEASURE("nothing", (void)0);
  MEASURE("hundred", sample::sample_hundred());
  static volatile int result;
  MEASURE("templated", result = sample::templated<3>(2));
  printf("stack of outer: %u\n", stackUsedByOuter());
  return sample::count() - 2;
}
