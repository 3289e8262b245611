// Counts the instructions of the common work: each packet into and out of given memory, and a client over a transport that only counts writes.
#include "measure.h"
#include "umqtt/client.h"

using namespace umqtt;

namespace {

uint8_t memory[2048];
volatile uint32_t sink;

struct Wire : Transport {
  uint32_t writes = 0;
  uint32_t size = 0;
  uint8_t *into = nullptr; // where the client reads to: what comes is put there beforehand, the copy is not the client's
  bool open = false;

  void connect(const char *, uint16_t, uint32_t) override { open = true; }
  State state() override { return open ? OPEN : CLOSED; }
  uint32_t read(uint8_t *to, uint32_t) override {
    into = to;
    const uint32_t count = size;
    size = 0;
    return count;
  }
  void give(Bytes bytes) {
    memcpy(into, bytes.data, bytes.size);
    size = bytes.size;
  }
  bool write(const uint8_t *, uint32_t) override {
    ++writes;
    return true;
  }
  void close() override { open = false; }
  uint32_t now() override { return 0; }
  void wait(uint32_t) override {}
};

Wire net;
MQTTClientOf<2048> client(net, "dev-12345678-esp32", "broker");

const char payload[] = "01234567890123456789";
Connect connect;
Publish publish;
Subscribe subscribe;
const Subscription filter = {"dev/12345678/cmd/#", 1};
const Puback puback = {1};

/// What judging texts costs: they are written as such, and as bytes.
template <uint32_t count> void texts(const Text (&list)[count], TextKind kind) {
  Writer out(Span{memory, sizeof memory});
  for (const Text &text : list) out.utf8(text, kind);
  sink = out.size();
}
template <uint32_t count> void bytes(const Text (&list)[count]) {
  Writer out(Span{memory, sizeof memory});
  for (const Text &text : list) out.bytes(text);
  sink = out.size();
}
void onMessage(const Publish &message, void *) { sink = message.payload.size; }

} // namespace

int main() {
  connect.clientId = "dev-12345678-esp32";
  connect.keepAlive = 60;
  connect.cleanSession = true;
  connect.will = Will{"dev/12345678/status", Bytes("offline", 7), 1, true};
  connect.username = "device";
  connect.password = Bytes("123456789012345", 15);
  publish.topic = "dev/12345678/temp";
  publish.payload = Bytes(payload, 20);
  subscribe.packetId = 1;
  subscribe.subscriptions = one(filter);
  static Writer out(Span{memory, sizeof memory});
  static Rule broken;

  MEASURE("encode PUBLISH q0 20 B", broken = encodePublish(out, publish, 4));
  const Bytes frame = out.written();
  static Reader in;
  in.begin(frame.data, 2, frame.size - 2, frame.size);
  static Publish found;
  MEASURE("decode PUBLISH 20 B", decodePublish(in, 0x30, found));
  sink = in.failed() || found.payload.size != 20;
  if (sink) return 1;
  out = Writer(Span{memory, sizeof memory});
  MEASURE("encode CONNECT with everything", broken = encodeConnect(out, connect, 4));
  out = Writer(Span{memory, sizeof memory});
  MEASURE("encode SUBSCRIBE", broken = encodeSubscribe(out, subscribe, 4));
  out = Writer(Span{memory, sizeof memory});
  MEASURE("encode PUBACK", broken = encodePuback(out, puback, 4));
  const Bytes ack = out.written();
  in.begin(ack.data, 2, 2, 4);
  static Puback got;
  MEASURE("decode PUBACK", decodePuback(in, got));
  if (in.failed() || got.packetId != 1) return 2;

  const Text topic[] = {publish.topic};
  const Text names[] = {connect.clientId, connect.will.topic, connect.username};
  const Text filters[] = {filter.topicFilter};
  MEASURE("texts of PUBLISH", texts(topic, TextKind::TopicName));
  MEASURE("bytes of PUBLISH", bytes(topic));
  MEASURE("texts of CONNECT", texts(names, TextKind::TopicName));
  MEASURE("bytes of CONNECT", bytes(names));
  MEASURE("texts of SUBSCRIBE", texts(filters, TextKind::TopicFilter));
  MEASURE("bytes of SUBSCRIBE", bytes(filters));

  client.setCallback(onMessage);
  client.connect(true, Wait::No);
  client.loop();
  client.loop();
  printf("writes of connect: %lu\n", static_cast<unsigned long>(net.writes));
  const uint8_t accepted[] = {0x20, 2, 0, 0};
  net.give(Bytes(accepted, sizeof accepted));
  client.loop();
  if (!client.connected()) return 3;
  net.writes = 0;
  static Error answered;
  MEASURE("client: publish q0 20 B", answered = client.publish("dev/12345678/temp", Bytes(payload, 20)));
  if (answered != Error::OK) return 4;
  printf("writes of publish q0: %lu\n", static_cast<unsigned long>(net.writes));
  static uint8_t large[1024];
  publish.payload = Bytes(large, sizeof large);
  static uint8_t message[1200];
  Writer incoming(Span{message, sizeof message});
  encodePublish(incoming, publish, 4);
  client.loop();
  net.give(incoming.written());
  MEASURE("client: receive q0 1 KiB", client.loop());
  if (sink != sizeof large) return 5;
  return 0;
}
