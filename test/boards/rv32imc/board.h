// The emulated rv32imc board as firmware, testee and tests see it: the wire to the broker (a UART), a clock, the host's standard
// input and output (semihosting), and the instruction counter. No interrupt handlers, no heap, no C++ library; knows no MQTT.
// `main(int argc, char **argv)`: argv[1] is the first argument that boot.sh was given. Its result is the exit code.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace board {

// Milliseconds since power-on, from the CLINT's timer; wraps like every board's.
uint32_t millis();

// Instructions retired, low word. Exact and repeatable where boot.sh runs with UMQTT_ICOUNT; take differences.
__attribute__((always_inline)) inline uint32_t instructions() {
  uint32_t count;
  // The option instead of -march=rv32imc_zicsr, for which Debian has no picolibc.
  __asm__ volatile(".option push\n.option arch, +zicsr\nrdinstret %0\n.option pop" : "=r"(count) : : "memory");
  return count;
}

// Sleeps until the wire has a byte, at most one millisecond.
void idle();

// What the wire holds now, at most `size` bytes; 0: nothing. A UART does not know when the other side hangs up.
size_t wireRead(uint8_t *to, size_t size);
void wireWrite(const uint8_t *from, size_t size);
// To be called when dialling: drops what arrives within so many milliseconds. 0: what an earlier connection left behind; with boot.sh's
// UMQTT_REDIAL at least 1100, in which the wire is surely back (until then QEMU swallows what is written).
void wireDial(uint32_t settle);

// The host's standard input and output, in blocks. input waits for at least one byte; 0: the end. printf works as well, line by line:
// fflush(stdout) before output() where both are used.
size_t input(char *to, size_t size);
void output(const char *from, size_t size);

}  // namespace board
