// libFuzzer: any sequence of calls, bytes, losses and time on a session with little memory. It must not send without a transport, deliver nothing
// malformed, and settle each operation once. The input is read as commands: a byte that picks one, then its arguments.
#include <stdlib.h>

#include "../src/umqtt/session.h"

using namespace umqtt;

namespace {

class Host : public Session<Host> {
  friend class Session<Host>;

 public:
  Host(Config &config, uint32_t clock) : Session<Host>(config, clock, clock) {}

  bool dialling = false;
  bool open = false;
  bool delivering = false;
  uint8_t pending[256] = {};
  const uint8_t *script = nullptr; // what the next delivery does
  size_t scriptSize = 0;

  void run(const uint8_t *data, size_t size);
  using Session::create;

 private:
  uint8_t *slot(Operation operation) { return pending + (operation & 0xff); }
  Operation begun() {
    for (uint32_t i = 1; i < sizeof pending; i++)
      if (!pending[i]) return pending[i] = 1, i;
    return 0;
  }
  void accepted(Error refused, Operation operation) {
    if (refused != Error::OK && operation != 0) *slot(operation) = 0;
  }

  void dial() { dialling = true, open = false; }
  void hangUp() { dialling = open = false; }
  void send(Bytes packet) {
    if (!open || packet.size < 2) ::abort();
  }
  void deliver(const Publish &message) {
    Writer judge;
    judge.utf8(message.topic, TextKind::TopicName);
    if (message.qos > 2 || judge.rule() != Rule::none) ::abort();
    uint32_t sum = 0;
    for (const uint8_t byte : message.payload) sum += byte; // all of it can be read
    static volatile uint32_t sink;
    sink = sum;
    if (delivering || scriptSize == 0) return;
    delivering = true;
    run(script, scriptSize);
    delivering = false;
  }
  void skip(const Publish &, uint32_t) {}
  void pass(const Reader &, uint32_t) {}
  void granted(Operation, List<uint8_t>) {}
  void settled(Operation operation, Error) {
    if (!*slot(operation)) ::abort(); // it was settled before, or never begun
    *slot(operation) = 0;
  }
  void status(int8_t now) {
    if (now < -1 || now > 2) ::abort();
  }
  void error(Error) {}
  void violation(Rule rule, uint32_t) {
    if (rule == Rule::none) ::abort();
  }
  uint32_t clock = 0;
};

void Host::run(const uint8_t *data, size_t size) {
  const uint8_t *const end = data + size;
  while (end - data >= 3) {
    const uint8_t command = *data++;
    const uint8_t a = *data++;
    const uint32_t length = *data++ % 64u;
    const Bytes bytes(data, static_cast<uint32_t>(end - data) < length ? static_cast<uint32_t>(end - data) : length);
    const Operation operation = command % 16 < 6 ? begun() : 0;
    switch (command % 16) {
      case 0:
      case 1: {
        Publish message = Publish();
        message.qos = a & 3;
        message.retain = a & 4;
        message.topic = a & 8 ? bytes : Text("t");
        message.payload = bytes;
        accepted(publish(message, operation), operation);
        break;
      }
      case 2: {
        const Subscription filters[] = {{a & 8 ? bytes : Text("a/+"), a & 3u}, {"b", 1}};
        Subscribe request = Subscribe();
        request.subscriptions = List<Subscription>(filters, a & 4 ? 2 : 1);
        accepted(subscribe(request, operation), operation);
        break;
      }
      case 3: {
        const Text filters[] = {a & 8 ? bytes : Text("a/+"), "b"};
        Unsubscribe request = Unsubscribe();
        request.topicFilters = List<Text>(filters, a & 4 ? 2 : 1);
        accepted(unsubscribe(request, operation), operation);
        break;
      }
      case 4: accepted(connect(a & 1, operation), operation); break;
      case 5: accepted(setLastWill(Will{a & 8 ? bytes : Text("will"), bytes, a & 3u, false}), operation), *slot(operation) = 0; break;
      case 6:
        if (dialling) dialling = false, open = true, opened();
        break;
      case 7:
        if (dialling || open) dialling = open = false, lost();
        break;
      case 8: clearLastWill(); break;
      case 9: ping(); break;
      case 10: disconnect(); break;
      case 11: close(); break;
      case 12:
        if (!delivering) tick(clock += static_cast<uint32_t>(a) << (length % 24));
        break;
      default:
        data = bytes.end();
        for (uint32_t at = 0; open && !delivering && at < bytes.size;) {
          const Span to = room();
          if (to.size == 0) ::abort();
          const uint32_t count = lesser(to.size, bytes.size - at);
          memcpy(to.data, bytes.data + at, count);
          at += count;
          received(count);
        }
    }
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 8) return 0;
  static uint8_t tx[256], rx[128];
  alignas(8) static uint8_t outbox[512], filters[128], received[16];
  static Config config;
  config = Config();
  config.version = data[0] & 1 ? 3 : 4;
  config.clientId = data[0] & 2 ? "" : "id";
  config.keepalive = data[1] % 4 * 30;
  config.reconn = data[0] & 4;
  config.connectTimeout = config.ackTimeout = config.pingTimeout = 10000;
  config.reconnectDelay = 1000;
  config.maxInflight = data[2] % 4 + 1;
  config.maxQueue = data[3] % 8;
  config.maxSubscriptions = data[4] % 4;
  config.maxInboundQos2 = data[5] % 8;
  config.queueQos0 = data[0] & 8;
  config.maxPacketSize = data[0] & 16 ? 200 : 1 << 20;
  config.nextPacketId = data[0] & 32 ? 65534 : 1;
  config.memory.tx = Span{tx, sizeof tx};
  config.memory.rx = Span{rx, data[6] % 2 ? 128u : 16u};
  config.memory.outbox = Span{outbox, sizeof outbox};
  config.memory.filters = Span{filters, sizeof filters};
  config.memory.received = Span{received, sizeof received};
  Host host(config, data[7]);
  if (host.create() != Error::OK) return 0;
  const size_t half = size / 4;
  host.script = data + 8;
  host.scriptSize = half > 8 ? half - 8 : 0;
  host.run(data + 8, size - 8);
  return 0;
}
