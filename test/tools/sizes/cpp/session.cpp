// The session with every input and every wish, around a host that does nothing.
#include "umqtt/session.h"

using namespace umqtt;

volatile uint32_t sink;

class Host : public Session {
 public:
  Host(const Config &config, const Memory &memory) : Session(config, memory, sink, sink) {}

 private:
  void dial() override {}
  void hangUp() override {}
  void send(Bytes packet) override { sink = packet.size; }
  void deliver(const Publish &message) override { sink = message.payload.size; }
  void skip(const Publish &, uint32_t length) override { sink = length; }
  void settled(Operation, Error, List<uint8_t>) override {}
  void status(int8_t) override {}
  void error(Error) override {}
  void violation(Rule, uint32_t) override {}
};

int main() {
  static Config config;
  static Memory memory;
  Host host(config, memory);
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
  Unsubscribe unsubscribe = Unsubscribe();
  host.unsubscribe(unsubscribe, 1);
#endif
  host.disconnect();
  host.close();
}
