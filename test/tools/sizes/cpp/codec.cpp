// What a client needs of the codec, both ways, and nothing else: the linker keeps exactly this.
#include "umqtt/codec.h"

using namespace umqtt;

volatile uint32_t sink;
uint8_t memory[512];

template <class Packet> static void decoded(void (*decode)(Reader &, Packet &)) {
  Reader in(memory, 2, 100, 102);
  Packet packet = Packet();
  decode(in, packet);
  sink = in.failed();
}

int main() {
  const uint32_t version = sink;
  Writer out(Span{memory, sizeof memory});
  const Connect connect = Connect();
  const Publish publish = Publish();
  const Subscribe subscribe = Subscribe();
  const Unsubscribe unsubscribe = Unsubscribe();
  sink = static_cast<uint32_t>(ruleWill(Will()));
  sink = static_cast<uint32_t>(serverHeaderRule(memory[0], version));
  sink = again(memory[0], version);
  const Rule broken[] = {encodeConnect(out, connect, version), encodePublish(out, publish, version), encodeSubscribe(out, subscribe, version), encodeUnsubscribe(out, unsubscribe, version)};
  for (Rule each : broken) sink = static_cast<uint32_t>(each);
  encodePuback(out, Puback{1}, version);
  encodePubrec(out, Pubrec{1}, version);
  encodePubrel(out, Pubrel{false, 1}, version);
  encodePubcomp(out, Pubcomp{1}, version);
  encodePingreq(out);
  encodeDisconnect(out);
  sink = out.length();
  sink = out.written().size;
  decoded<Connack>([](Reader &in, Connack &packet) { decodeConnack(in, sink, packet); });
  decoded<Publish>([](Reader &in, Publish &packet) { decodePublish(in, sink, packet); });
  decoded<Puback>(decodePuback);
  decoded<Pubrec>(decodePubrec);
  decoded<Pubrel>([](Reader &in, Pubrel &packet) { decodePubrel(in, sink, packet); });
  decoded<Pubcomp>(decodePubcomp);
  decoded<Suback>(decodeSuback);
  decoded<Unsuback>(decodeUnsuback);
  decoded<Pingresp>(decodePingresp);
}
