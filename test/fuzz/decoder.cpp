// libFuzzer: any bytes as one packet, through a receive buffer of any size. What is accepted must be encodable, and what was encoded from it must
// read the same: two encodings are compared. The first byte picks version and sender, the second how the bytes are cut.
#include <stdlib.h>

#include "fields.h"
#include "../src/umqtt/framer.h"

using namespace umqtt;

namespace {

struct Check {
  const Frame &frame;
  uint32_t version;

  template <class Coder> void packet() {
    if (frame.data[0] >> 4 != Coder::type) return;
    static uint8_t items[1 << 16], first[1 << 17], second[1 << 17];
    typename Coder::Packet value = typename Coder::Packet();
    Reader in(frame.data, frame.header, frame.length, frame.have, Bytes(items, sizeof items));
    Coder::decode(in, frame.data[0], version, value);
    if (in.failed() || frame.have < frame.header + frame.length) return;
    Writer once(Span{first, sizeof first});
    if (Coder::encode(once, value, version) != Rule::none) abort();
    const Bytes made = once.written();
    if (made.size == 0 || once.length() > frame.length) abort();
    Writer twice(Span{second, sizeof second});
    const uint32_t header = made.size - once.length();
    typename Coder::Packet again = typename Coder::Packet();
    Reader back(made.data, header, made.size - header, made.size, Bytes(items, sizeof items));
    Coder::decode(back, made.data[0], version, again);
    Coder::encode(twice, again, version);
    if (back.failed() || made != twice.written()) abort();
  }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 2) return 0;
  const uint32_t version = data[0] & 1 ? 3 : 4;
  const Framer::HeaderRule rules[] = {headerRule, serverHeaderRule, clientHeaderRule};
  const uint32_t room = data[1] < 8 ? 4096 : data[1] * 8u;
  uint8_t *const buffer = static_cast<uint8_t *>(malloc(room)); // of its own, so that a byte beyond it is found
  Framer framer(Span{buffer, room});
  framer.start();
  for (size_t at = 2; at < size;) {
    const Span to = framer.room();
    const uint32_t rest = static_cast<uint32_t>(size - at);
    const uint32_t count = to.size < rest ? to.size : rest;
    if (count == 0) abort(); // there is always room
    memcpy(to.data, data + at, count);
    at += count;
    framer.filled(count);
    Frame frame;
    while (framer.next(frame, rules[data[0] / 2 % 3], version, wire::largest)) {
      if (frame.broken != Rule::none) return free(buffer), 0;
      Check check = {frame, version};
      eachPacket(check);
      if (frame.have < frame.header + frame.length && frame.left > 0) framer.keep(frame.header + (frame.length > 4 && frame.have > 8 ? 1 : 0));
    }
  }
  free(buffer);
  return 0;
}
