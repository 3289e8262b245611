// The session with every input and every wish, around a host that does nothing. The calls are counted, too: what is called once becomes part of them.
#include "umqtt/session.h"

using namespace umqtt;

volatile uint32_t sink;

class Host : public Session<Host> {
  friend class Session<Host>;

 public:
  explicit Host(Config &config) : Session<Host>(config, sink, sink) {}

 private:
  void dial() {}
  void hangUp() {}
  void send(Bytes packet) { sink = packet.size; }
  void deliver(const Publish &message) { sink = message.payload.size; }
  void skip(const Publish &, uint32_t length) { sink = length; }
  void pass(const Reader &, uint32_t) {}
  void settled(Operation, Error) {}
  void granted(Operation, List<uint8_t>) {}
  void status(int8_t) {}
  void error(Error) {}
  void violation(Rule, uint32_t) {}
};

namespace umqtt {

__attribute__((noinline)) void everything(Config &config) {
  Host host(config);
  sink = static_cast<uint32_t>(host.create());
  host.connect(sink, 1);
  host.opened();
  host.received(sink);
  sink = host.room().size;
  host.lost();
  host.tick(sink);
  sink = host.wait(sink, sink);
  sink = static_cast<uint32_t>(host.mqttsta());
  Publish message = Publish();
  host.publish(message, 1);
  host.ping();
#ifdef UMQTT_HAS_WILL
  host.setLastWill(Will());
  host.clearLastWill();
#endif
#ifdef UMQTT_HAS_SUBSCRIBE
  Subscribe subscribe = Subscribe();
  host.subscribe(subscribe, 1);
#endif
#ifdef UMQTT_HAS_UNSUBSCRIBE
  Unsubscribe unsubscribe = Unsubscribe();
  host.unsubscribe(unsubscribe, 1);
#endif
  host.disconnect();
  host.close();
}

} // namespace umqtt

int main() {
  static Config config;
  everything(config);
}
