// The firmware on the emulated rv32imc board, whose UART is the connection: haas.h, or, with a client id as its first argument, the same answers for
// one partner and at every QoS: a message on HaaSUser/<id>/<qos> comes back on HaaSRegister/<id>/<qos>, until one that says "bye". The second
// argument is how long the wire needs to come back, in ms.
#if defined(BOARD_RV32IMC)

#include <board.h>
#include <stdio.h>
#include <stdlib.h>

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

/// Answers one partner.
class Echo {
 public:
  Echo(umqtt::MQTTClientBase &client, const char *id) : client_(client), id_(id), done_(false) {
    client.setCallback(subCb, this);
    client.onProgress(progress, this);
  }
  umqtt::Error start() {
    umqtt::Error error = client_.connect(false);
    char filter[48];
    for (uint8_t qos = 0; qos <= 2 && error == umqtt::Error::OK; qos++) {
      snprintf(filter, sizeof filter, "HaaSUser/%s/%u", id_, unsigned(qos));
      error = client_.subscribe(filter, qos);
    }
    return error;
  }
  bool done() const { return done_; }

 private:
  static void subCb(const umqtt::Publish &message, void *self) { static_cast<Echo *>(self)->answer(message); }
  void answer(const umqtt::Publish &message) {
    const uint8_t qos = static_cast<uint8_t>(message.topic.data[message.topic.size - 1] - '0');
    printf("got %u %.*s\n", unsigned(qos), int(message.payload.size), reinterpret_cast<const char *>(message.payload.data));
    char topic[48];
    snprintf(topic, sizeof topic, "HaaSRegister/%s/%u", id_, unsigned(qos));
    const umqtt::Error error = client_.publish(topic, message.payload, false, qos);
    if (error != umqtt::Error::OK) printf("error %d\n", int(error));
    if (message.payload == "bye") done_ = true;
  }
  static void progress(umqtt::Progress event, uint32_t detail, void *) { printf("progress %u %lu\n", unsigned(event), static_cast<unsigned long>(detail)); }

  umqtt::MQTTClientBase &client_;
  const char *id_;
  bool done_;
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
  static Echo partner(client, id);
  client.setKeepalive(2);
  client.config().reconnectDelay = 100;
  client.config().connectTimeout = 3000;
  const umqtt::Error error = partner.start();
  printf("started %d\n", int(error));
  if (error != umqtt::Error::OK) return 1;
  while (!partner.done() || client.inflight() + client.queued() > 0) client.waitMsg(100);
  client.disconnect();
  return 0;
}

} // namespace

void say(umqtt::Text text) { printf("%.*s", int(text.size), reinterpret_cast<const char *>(text.data)); }

int main(int count, char **words) {
  if (count > 2) net.settle = static_cast<uint32_t>(atoi(words[2]));
  return count > 1 ? echo(words[1]) : haas();
}

#endif
