// What a client needs of the codec, both ways, and nothing else: each function stands by itself, and the linker keeps exactly these.
#include "umqtt/codec.h"

using namespace umqtt;

volatile uint32_t sink;
uint8_t memory[512];

/// Nothing is made part of this program, which is not counted: what is kept is called through its address.
template <class Function> Function *kept(Function *function) {
  Function *volatile const address = function;
  return address;
}
template <class Packet> static void encoded(Rule (*encode)(Writer &, const Packet &, uint32_t)) {
  Writer out(Span{memory, sizeof memory});
  sink = static_cast<uint32_t>(kept(encode)(out, Packet(), sink));
  sink = out.length() + out.size() + out.written().size;
}
template <class Packet> static Reader &decoded(Packet &packet, void (*decode)(Reader &, Packet &)) {
  static Reader in;
  in.begin(memory, 2, 100, 102);
  kept(decode)(in, packet);
  sink = in.failed();
  return in;
}

int main() {
  encoded(encodeConnect);
  encoded(encodePublish);
  encoded(encodeSubscribe);
  encoded(encodeUnsubscribe);
  Writer out(Span{memory, sizeof memory});
  kept(encodePacketId)(out, 1, 0x40); // PUBACK, PUBREC, PUBREL, PUBCOMP
  out.finish(0xc0);                   // PINGREQ, DISCONNECT
  sink = static_cast<uint32_t>(kept(ruleWill)(Will()));
  sink = static_cast<uint32_t>(kept(serverHeaderRule)(memory[0], sink));
  sink = kept(again)(memory[0], sink);

  Connack connack;
  Publish publish;
  Suback suback;
  uint32_t packetId;
  Reader &in = decoded(suback, decodeSuback);
  kept(decodeConnack)(in, sink, connack);
  kept(decodePublish)(in, sink, publish);
  kept(decodePacketId)(in, packetId); // PUBACK, PUBREC, PUBREL, PUBCOMP, UNSUBACK
  in.finish();                        // PINGRESP
}
