// libFuzzer: any bytes as one packet, through a receive buffer of any size. What is accepted must be encodable, and what was encoded from it must
// read the same: two encodings are compared. The first byte picks version and sender, the second how the bytes are cut.
#include <stdlib.h>

#include "fields.h"
#include "../src/umqtt/framer.h"

using namespace umqtt;

namespace {

uint8_t items[1 << 16];

struct Check {
  Reader &in;
  uint32_t version;

  template <class Coder> void packet() {
    if (in.first() >> 4 != Coder::type) return;
    static uint8_t first[1 << 17], second[1 << 17];
    typename Coder::Packet value = typename Coder::Packet();
    Coder::decode(in, in.first(), version, value);
    if (in.failed() || in.partial()) return;
    Writer once(Span{first, sizeof first});
    if (Coder::encode(once, value, version) != Rule::none) abort();
    const Bytes made = once.written();
    if (made.size == 0 || once.length() > in.length()) abort();
    Writer twice(Span{second, sizeof second});
    const uint32_t header = made.size - once.length();
    typename Coder::Packet again = typename Coder::Packet();
    Reader back(Bytes(items, sizeof items));
    back.begin(made.data, header, made.size - header, made.size);
    Coder::decode(back, made.data[0], version, again);
    Coder::encode(twice, again, version);
    if (back.failed() || made != twice.written()) abort();
  }
};

bool next(Framer &framer, Reader &in, int side, uint32_t version) {
  if (side == 0) return framer.next<headerRule>(in, version, wire::largest);
  if (side == 1) return framer.next<serverHeaderRule>(in, version, wire::largest);
  return framer.next<clientHeaderRule>(in, version, wire::largest);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 2) return 0;
  const uint32_t version = data[0] & 1 ? 3 : 4;
  const uint32_t room = data[1] < 8 ? 4096 : data[1] * 8u;
  uint8_t *const buffer = static_cast<uint8_t *>(malloc(room)); // of its own, so that a byte beyond it is found
  const Span memory = {buffer, room};
  Framer framer(memory);
  framer.start();
  for (size_t at = 2; at < size;) {
    const Span to = framer.room();
    const uint32_t rest = static_cast<uint32_t>(size - at);
    const uint32_t count = to.size < rest ? to.size : rest;
    if (count == 0) abort(); // there is always room
    memcpy(to.data, data + at, count);
    at += count;
    framer.filled(count);
    Reader in(Bytes(items, sizeof items));
    while (next(framer, in, data[0] / 2 % 3, version)) {
      if (in.failed()) return free(buffer), 0;
      const uint32_t header = in.restAt();
      const bool partial = in.partial();
      Check check = {in, version};
      eachPacket(check);
      if (partial && framer.left() > 0) framer.keep(header + 1);
    }
  }
  free(buffer);
  return 0;
}
