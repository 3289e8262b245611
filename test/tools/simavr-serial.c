/* Runs an AVR program under simavr with one of its UARTs wired to a TCP port of this machine, and another one as the console.
 *
 *   simavr-serial [--link UART:PORT] firmware.elf
 *
 * Without --link, UART 0 (Serial) is the console and simulated time runs as fast as it can. With --link the console is Serial, or
 * Serial1 where UART 0 itself is the link, and simulated time keeps step with the clock. UART 0 as the link is a plain wire: connected at
 * once, and again a second after the broker closed it. Any other link is a modem, which the WiFi shim drives by two pins of port A:
 * pin 22 (out) high dials, low hangs up; pin 23 (in) is high while connected. The program ends the run by sleeping with
 * interrupts off. Knows no MQTT; ending a run that lasts too long is boot.sh's. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <simavr/avr_ioport.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>

enum { HERTZ = 16000000, STEP = HERTZ / 10000, RETRY_MS = 1000, DTR = 0, DCD = 1 };

static avr_t *avr;
static avr_irq_t *uart_in, *carrier_pin;
static char link_uart;  /* '0'..'3'; 0: none */
static int port, modem;
static int carrier = -1; /* the socket */
static int wanted;       /* a plain wire always is; a modem when it was told to dial */
static int ready = 1;    /* the UART takes another byte (XON) */
static uint64_t retry_at;
static avr_cycle_count_t ends_at; /* the other side closed: when the carrier drops; 0: it has not */

static unsigned char incoming[4096], outgoing[4096];
static size_t in_from, in_to, out_size;

static uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* As close() does: what was written still leaves. */
static void hang_up(void) {
  if (carrier < 0) return;
  fcntl(carrier, F_SETFL, 0);
  send(carrier, outgoing, out_size, MSG_NOSIGNAL);
  close(carrier);
  carrier = -1;
  out_size = 0;
  retry_at = now_ns() + RETRY_MS * 1000000ull;
  if (modem) {
    wanted = 0;
    avr_raise_irq(carrier_pin, 0);
  }
}

static void dial(void) {
  const struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  const int one = 1;
  int s = socket(AF_INET, SOCK_STREAM, 0);
  if (s < 0 || connect(s, (const struct sockaddr *)&address, sizeof address) < 0) {
    if (s >= 0) close(s);
    retry_at = now_ns() + RETRY_MS * 1000000ull;
    return;
  }
  setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(s, F_SETFL, O_NONBLOCK);
  carrier = s;
  in_from = in_to = 0;
  ends_at = 0;
  if (modem) avr_raise_irq(carrier_pin, 1);
}

/* What was received before the other side closed still reaches the program, as TCP promises: the carrier drops a little later. */
static void exchange(void) {
  if (in_from == in_to) {
    const ssize_t count = recv(carrier, incoming, sizeof incoming, 0);
    if (count == 0 || (count < 0 && errno != EAGAIN)) {
      if (!ends_at) ends_at = avr->cycle + HERTZ / 100;
      else if (avr->cycle >= ends_at) hang_up();
      return;
    }
    in_from = 0;
    in_to = count > 0 ? (size_t)count : 0;
  }
  while (ready && in_from < in_to) avr_raise_irq(uart_in, incoming[in_from++]);
  if (out_size) {
    const ssize_t count = send(carrier, outgoing, out_size, MSG_NOSIGNAL);
    if (count > 0) memmove(outgoing, outgoing + count, out_size -= (size_t)count);
  }
}

static void on_link_byte(struct avr_irq_t *irq, uint32_t value, void *param) {
  (void)irq, (void)param;
  if (carrier < 0) return; /* a wire without another end */
  if (out_size == sizeof outgoing) exchange();
  if (out_size < sizeof outgoing) outgoing[out_size++] = (unsigned char)value;
}

static void on_console_byte(struct avr_irq_t *irq, uint32_t value, void *param) {
  (void)irq, (void)param;
  if (value != '\r') putchar((int)value);
  if (value == '\n') fflush(stdout);
}

static void on_xon(struct avr_irq_t *irq, uint32_t value, void *param) {
  (void)irq, (void)value, (void)param;
  ready = 1;
}

static void on_xoff(struct avr_irq_t *irq, uint32_t value, void *param) {
  (void)irq, (void)value, (void)param;
  ready = 0;
}

static void on_dtr(struct avr_irq_t *irq, uint32_t value, void *param) {
  (void)irq, (void)param;
  wanted = (int)value;
  retry_at = 0;
  if (!value) hang_up();
}

/* simavr's own console prints in colour and its polling sleeps; both off. */
static void plain(char uart) {
  uint32_t flags = 0;
  avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS(uart), &flags);
  flags &= ~(uint32_t)(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
  avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS(uart), &flags);
}

static avr_irq_t *uart_irq(char uart, int which) { return avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ(uart), which); }

static void wire(void) {
  for (char uart = '0'; uart <= '3'; uart++) plain(uart);
  avr_irq_register_notify(uart_irq(link_uart == '0' ? '1' : '0', UART_IRQ_OUTPUT), on_console_byte, NULL);
  if (!link_uart) return;
  modem = link_uart != '0';
  wanted = !modem;
  uart_in = uart_irq(link_uart, UART_IRQ_INPUT);
  avr_irq_register_notify(uart_irq(link_uart, UART_IRQ_OUTPUT), on_link_byte, NULL);
  avr_irq_register_notify(uart_irq(link_uart, UART_IRQ_OUT_XON), on_xon, NULL);
  avr_irq_register_notify(uart_irq(link_uart, UART_IRQ_OUT_XOFF), on_xoff, NULL);
  if (!modem) return;
  carrier_pin = avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('A'), DCD);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('A'), DTR), on_dtr, NULL);
}

static void errors_only(avr_t *self, const int level, const char *format, va_list arguments) {
  (void)self;
  if (level <= LOG_ERROR) vfprintf(stderr, format, arguments);
}

static void no_sleep(avr_t *self, avr_cycle_count_t cycles) { (void)self, (void)cycles; }

/* Ahead of the clock: wait. Far behind it (the machine was busy): go on from here instead of rushing. */
static void keep_step(void) {
  static uint64_t start_ns, start_cycle;
  const uint64_t simulated = (avr->cycle - start_cycle) * 1000 / (HERTZ / 1000000);
  const uint64_t elapsed = now_ns() - start_ns;
  if (!start_ns || elapsed > simulated + 100000000u) {
    start_ns = now_ns();
    start_cycle = avr->cycle;
  } else if (simulated > elapsed + 1000000u) {
    const struct timespec ahead = {0, (long)((simulated - elapsed) % 1000000000u)};
    nanosleep(&ahead, NULL);
  }
}

static int run(void) {
  avr_cycle_count_t next = 0;
  for (;;) {
    const int state = avr_run(avr);
    if (state == cpu_Done || state == cpu_Crashed) return state == cpu_Crashed;
    if (!link_uart || avr->cycle < next) continue;
    next = avr->cycle + STEP;
    if (carrier >= 0) exchange();
    else if (wanted && now_ns() >= retry_at) dial();
    keep_step();
  }
}

int main(int argc, char **argv) {
  elf_firmware_t firmware = {0};
  avr_global_logger_set(errors_only);
  if (argc == 4 && !strcmp(argv[1], "--link") && sscanf(argv[2], "%c:%d", &link_uart, &port) == 2 && link_uart >= '0' && link_uart <= '3') {
    argv += 2;
    argc -= 2;
  }
  if (argc != 2 || elf_read_firmware(argv[1], &firmware) < 0) {
    fprintf(stderr, "usage: simavr-serial [--link UART:PORT] firmware.elf\n");
    return 2;
  }
  avr = avr_make_mcu_by_name("atmega2560");
  if (!avr) return 2;
  avr_init(avr);
  avr->frequency = HERTZ;
  avr->sleep = no_sleep;
  avr_load_firmware(avr, &firmware);
  wire();
  const int failed = run();
  hang_up();
  fflush(stdout);
  return failed;
}
