// The firmware on the emulated rv32imc board, whose UART is the connection: haas.h, or, with a client id as its first argument, echo.h. The second
// argument is how long the wire needs to come back, in ms.
#if defined(BOARD_RV32IMC)

#include <board.h>
#include <stdio.h>
#include <stdlib.h>

#include "echo.h"
#include "haas.h"

namespace {

class WireTransport : public umqtt::Transport {
 public:
  uint32_t settle = 0;

  void connect(const char *, uint16_t, uint32_t) override {
    board::wireDial(settle);
    open_ = true;
  }
  State state() override { return open_ ? OPEN : CLOSED; }
  uint32_t read(uint8_t *to, uint32_t size) override { return board::wireRead(to, size); }
  bool write(const uint8_t *from, uint32_t size) override {
    board::wireWrite(from, size);
    return true;
  }
  void close() override { open_ = false; }
  uint32_t now() override { return board::millis(); }
  void wait(uint32_t) override { board::idle(); }

 private:
  bool open_ = false;
};

WireTransport net;

int haas() {
  static umqtt::MQTTClient client(net, "HaaSCpp", "wire");
  static Haas example(client, 6);
  if (example.start() != umqtt::Error::OK) return 1;
  while (!example.done() && client.waitMsg(10000) == umqtt::Error::OK) {
  }
  client.disconnect();
  return example.done() ? 0 : 1;
}

/// A lost connection is noticed by the keep-alive alone: a UART does not say that the other side hung up.
int echo(const char *id) {
  static umqtt::MQTTClientOf<2048, 512, 4096> client(net, id, "wire");
  client.setKeepalive(2);
  return runEcho(client, id);
}

} // namespace

void say(umqtt::Text text) { printf("%.*s", int(text.size), reinterpret_cast<const char *>(text.data)); }

int main(int count, char **words) {
  if (count > 2) net.settle = static_cast<uint32_t>(atoi(words[2]));
  return count > 1 ? echo(words[1]) : haas();
}

#endif
