// The example of the user's document, and each of its methods once, over a transport that does nothing.
#include "umqtt/client.h"

using namespace umqtt;

volatile uint32_t sink;

namespace {

class Nothing : public Transport {
 public:
  void connect(const char *, uint16_t, uint32_t) override {}
  State state() override { return static_cast<State>(sink); }
  uint32_t read(uint8_t *, uint32_t) override { return sink; }
  bool write(const uint8_t *, uint32_t) override { return sink; }
  void close() override {}
  uint32_t now() override { return sink; }
  void wait(uint32_t) override {}
};

Nothing net;
MQTTClient client(net, "esp32", "broker.example", 1883);

void onMessage(const Publish &message, void *) { sink = message.payload.size; }
void onError(Error error, void *) { sink = static_cast<uint32_t>(error); }

} // namespace

int main() {
  client.setKeepalive(60);
  client.setCallback(onMessage);
  client.errorRegisterCb(onError);
#ifdef UMQTT_HAS_AUTH
  client.setUser("user", "password");
#endif
#ifdef UMQTT_HAS_WILL
  client.setLastWill("dev/will", "gone");
#endif
  sink = static_cast<uint32_t>(client.connect());
  client.ping();
  sink = static_cast<uint32_t>(client.subscribe("dev/cmd", sink ? 1 : 0));
  sink = static_cast<uint32_t>(client.publish("dev/temp", "22.5", false, sink ? 1 : 0));
#ifdef UMQTT_HAS_UNSUBSCRIBE
  sink = static_cast<uint32_t>(client.unsubscribe("dev/cmd"));
#endif
  sink = static_cast<uint32_t>(client.getMqttsta());
  client.waitMsg();
  client.checkMsg();
  client.disconnect();
  client.close();
}
