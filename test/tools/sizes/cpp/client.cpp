// The example of the user's document, and each of its methods once, over a transport that does nothing; and what is printed beside, where it is
// asked for: what the document has not, and nobody pays who does not call it.
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
#ifdef BESIDE_UNSUBSCRIBE
  sink = static_cast<uint32_t>(client.unsubscribe("dev/cmd"));
#endif
  sink = static_cast<uint32_t>(client.getMqttsta());
  client.waitMsg();
  client.checkMsg();
#ifdef BESIDE_CHUNKS
  client.setChunkCallback([](const Publish &piece, uint32_t offset, uint32_t, void *) { sink = piece.payload.size + offset; });
#endif
#ifdef BESIDE_STREAMS
  sink = static_cast<uint32_t>(client.beginPublish("dev/log", sink));
  sink = static_cast<uint32_t>(client.write(Bytes(&net, 4)));
  sink = static_cast<uint32_t>(client.endPublish());
#endif
#ifdef BESIDE_PROGRESS
  client.onProgress([](Progress, uint32_t detail, void *) { sink = detail; });
#endif
  client.disconnect();
  client.close();
}
