// The hand-written vectors of spec/vectors on each board: what is good is read, and written again as the same bytes; what is not is refused by its rule
// and at its byte.
#include "../../../generated/cpp/testee/fields.h"

#include <umqtt.h>

#include "../check.h"

#if defined(__AVR__)
#include <avr/pgmspace.h>
#define FLASH PROGMEM
#define FROM_FLASH memcpy_P
#else
#define FLASH
#define FROM_FLASH memcpy
#endif

using namespace umqtt;

struct Vector {
  uint16_t start;
  uint8_t size;
  uint8_t version;
  uint8_t rule;
  uint8_t at;
  uint8_t canonical; // writes the same bytes again
};
#include <vectors.h>

static uint8_t memory[512];

/// Reads a packet, and writes it again where it is right.
struct Round {
  Reader &in;
  uint32_t version;
  Bytes again;

  template <class Coder> void packet() {
    if (in.first() >> 4 != Coder::type) return;
    typename Coder::Packet value = typename Coder::Packet();
    Coder::decode(in, in.first(), version, value);
    if (in.failed()) return;
    Writer out(Span{memory + sizeof memory / 2, sizeof memory / 2});
    Coder::encode(out, value, version);
    again = out.written();
  }
};

static bool holds(const Vector &vector) {
  uint8_t bytes[200];
  FROM_FLASH(bytes, BYTES + vector.start, vector.size);
  const Span buffer = {bytes, vector.size};
  Framer framer(buffer);
  framer.start();
  framer.filled(vector.size);
  Reader in(Bytes(memory, sizeof memory / 2));
  if (!framer.next<headerRule>(in, vector.version, wire::largest)) return false;
  Round round = {in, vector.version, Bytes()};
  if (!in.failed()) eachPacket(round);
  if (static_cast<uint8_t>(in.rule()) != vector.rule || (vector.rule != 0 && in.offset() != vector.at)) return false;
  return !vector.canonical || round.again == Bytes(bytes, vector.size);
}

TEST("test_every_vector") {
  uint16_t wrong = 0, first = 0;
  for (uint16_t i = 0; i < sizeof VECTORS / sizeof *VECTORS; i++) {
    Vector vector;
    FROM_FLASH(&vector, VECTORS + i, sizeof vector);
    if (holds(vector)) continue;
    if (wrong++ == 0) first = i;
  }
  if (wrong > 0) check::print("wrong: "), check::print(long(wrong)), check::print(", the first is "), check::print(long(first)), check::print("\n");
  CHECK(wrong == 0);
  CHECK(sizeof VECTORS / sizeof *VECTORS > 1000);
}

CHECK_MAIN()
