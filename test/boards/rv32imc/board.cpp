// QEMU's "virt" machine: an ns16550a, the CLINT's timer, the PLIC only as far as a byte must end a wfi, and semihosting in blocks.
// Leaves start-up and printf to picolibc (crt0 and libsemihost).
#include "board.h"

#include <stdio.h>

namespace {

volatile uint8_t *const uart = reinterpret_cast<volatile uint8_t *>(0x10000000);
enum { DATA = 0, INTERRUPT_ENABLE = 1, FIFO_CONTROL = 2, LINE_STATUS = 5 };
enum { DATA_READY = 0x01, TRANSMITTER_EMPTY = 0x20 };
const int UART_SOURCE = 10;

volatile uint32_t &word(uintptr_t address) { return *reinterpret_cast<volatile uint32_t *>(address); }

volatile uint32_t &clintCompare(int half) { return word(0x02004000u + 4u * unsigned(half)); }
volatile uint32_t &clintTime(int half) { return word(0x0200bff8u + 4u * unsigned(half)); }
const uint32_t TICKS_PER_MS = 10000;

uint64_t ticks() {
  uint32_t high, low;
  do {
    high = clintTime(1);
    low = clintTime(0);
  } while (high != clintTime(1));
  return uint64_t(high) << 32 | low;
}

volatile uint32_t &plicClaim = word(0x0c200004);

// Before main: 16-byte FIFOs, and a received byte or the timer pends (mie) without ever being taken (mstatus.MIE stays 0): enough for wfi.
__attribute__((constructor)) void start() {
  uart[FIFO_CONTROL] = 0x07;
  uart[INTERRUPT_ENABLE] = 0x01;
  word(0x0c000000u + 4u * UART_SOURCE) = 1;
  word(0x0c002000) = 1u << UART_SOURCE;
  word(0x0c200000) = 0;
  const uint32_t external_and_timer = 1u << 11 | 1u << 7;
  __asm__ volatile(".option push\n.option arch, +zicsr\ncsrw mie, %0\n.option pop" : : "r"(external_and_timer));
}

// RISC-V semihosting: this very sequence of three uncompressed instructions, with the operation in a0 and its arguments' address in a1.
long semihost(long operation, const void *arguments) {
  register long a0 __asm__("a0") = operation;
  register const void *a1 __asm__("a1") = arguments;
  __asm__ volatile(
      ".balign 16\n.option push\n.option norvc\nslli zero, zero, 0x1f\nebreak\nsrai zero, zero, 7\n.option pop"
      : "+r"(a0)
      : "r"(a1)
      : "memory");
  return a0;
}

enum { SYS_OPEN = 1, SYS_WRITE = 5, SYS_READ = 6 };

// ":tt" is the console: mode 0 ("r") its input, mode 4 ("w") its output.
long console(long mode) {
  const struct { const char *name; long mode, length; } arguments = {":tt", mode, 3};
  return semihost(SYS_OPEN, &arguments);
}

// Both answer how many bytes were NOT transferred.
size_t transfer(long operation, long handle, const char *at, size_t size) {
  const struct { long handle; const char *at; size_t size; } arguments = {handle, at, size};
  const long left = semihost(operation, &arguments);
  return left < 0 || size_t(left) > size ? 0 : size - size_t(left);
}

// printf by lines: libsemihost's own stdout traps once a character and comes out of QEMU as standard error.
char line[128];
size_t used = 0;

int flush(FILE *) {
  board::output(line, used);
  used = 0;
  return 0;
}

int put(char c, FILE *) {
  line[used++] = c;
  return c == '\n' || used == sizeof line ? flush(nullptr) : 0;
}

__attribute__((destructor)) void last() { flush(nullptr); }

FILE console_file = FDEV_SETUP_STREAM(put, nullptr, flush, _FDEV_SETUP_WRITE);

}  // namespace

// libsemihost's would be linked unless all three stand here; input() is how to read.
FILE *const stdin = &console_file;
FILE *const stdout = &console_file;
FILE *const stderr = &console_file;

namespace board {

uint32_t millis() { return uint32_t(ticks() / TICKS_PER_MS); }

void idle() {
  const uint64_t until = ticks() + TICKS_PER_MS;
  clintCompare(1) = 0xffffffffu;  // no early match between the two halves
  clintCompare(0) = uint32_t(until);
  clintCompare(1) = uint32_t(until >> 32);
  __asm__ volatile("wfi");
  const uint32_t source = plicClaim;
  if (source) plicClaim = source;
}

size_t wireRead(uint8_t *to, size_t size) {
  size_t count = 0;
  while (count < size && (uart[LINE_STATUS] & DATA_READY)) to[count++] = uart[DATA];
  return count;
}

void wireWrite(const uint8_t *from, size_t size) {
  for (size_t i = 0; i < size; i++) {
    while (!(uart[LINE_STATUS] & TRANSMITTER_EMPTY)) {
    }
    uart[DATA] = from[i];
  }
}

void wireDial(uint32_t settle) {
  uint8_t dropped[16];
  const uint32_t start = millis();
  for (;;) {
    while (wireRead(dropped, sizeof dropped)) {
    }
    if (millis() - start >= settle) return;
    idle();
  }
}

size_t input(char *to, size_t size) {
  static long handle = -1;
  if (handle < 0) handle = console(0);
  return transfer(SYS_READ, handle, to, size);
}

void output(const char *from, size_t size) {
  static long handle = -1;
  if (handle < 0) handle = console(4);
  while (size) {
    const size_t written = transfer(SYS_WRITE, handle, from, size);
    if (!written) return;
    from += written;
    size -= written;
  }
}

}  // namespace board
