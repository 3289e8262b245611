// The testee of this target: targets/TESTEE.md over the emitted client. It translates lines; what it prints comes from the client. Here are
// the loop and the packets; session.cpp has the rest.
#include "lines.h"

#include "../src/umqtt/framer.h"

#ifdef BOARD_RV32IMC // its standard input and output
#include "board.h"
#endif

using namespace umqtt;

char objection[128];

namespace {

uint8_t memory[TESTEE_ROOM];
uint32_t used;
uint8_t out[TESTEE_ROOM + 5];
char reply[TESTEE_ROOM < (64u << 20) ? TESTEE_ROOM : 64u << 20];
size_t said;
char line[TESTEE_ROOM < (8u << 20) ? TESTEE_ROOM : 8u << 20];

/// Sets the fields of a packet from words.
struct Given {
  Words &words;
  uint32_t version;

  bool group(const char *prefix, bool &present) { return present = words.has(prefix); }
  void field(const char *name, bool &value, bool) { value = zero(name) ? words.flag(name, false) : flagOf(words.need(name), name); }
  void field(const char *name, uint32_t &value, bool optional) {
    const char *const text = optional || zero(name) ? words.find(name) : words.need(name);
    value = text ? numberOf(text, name) : 0;
    if (optional && text && value == 0) value = UINT32_MAX; // 0 says absent: another number that no packet can carry
  }
  void field(const char *name, Bytes &value, bool optional) { value = optional ? words.maybe(name) : words.bytes(name); }
  void field(const char *name, List<uint8_t> &list, bool) {
    items(name, list, [](char *text, const char *of) { return static_cast<uint8_t>(numberOf(text, of) > 255 ? 255 : numberOf(text, of)); });
  }
  void field(const char *name, List<Text> &list, bool) { items(name, list, itemBytes); }
  template <class Struct> void field(const char *name, List<Struct> &list, bool) {
    const uint32_t level = version;
    items(name, list, [level](char *text, const char *of) {
      Struct value = Struct();
      Parts parts = {text, of};
      visit(parts, value, level);
      if (parts.rest || !parts.whole) refuse("value ", of);
      return value;
    });
  }

 private:
  /// Fields that a line may leave out.
  static bool zero(const char *name) { return strcmp(name, "dup") == 0 || strcmp(name, "qos") == 0 || strcmp(name, "retain") == 0; }
  /// `612f62:1`: the fields of one item.
  struct Parts {
    char *rest;
    const char *of;
    bool whole;
    Parts(char *text, const char *name) : rest(text), of(name), whole(true) {}
    const char *next() {
      char *item = nullptr;
      if (!nextItem(rest, ':', item)) whole = false;
      return item ? item : "-";
    }
    void field(const char *, Bytes &value, bool) { value = itemBytes(next(), of); }
    void field(const char *, uint32_t &value, bool) {
      const char *const text = next();
      value = whole ? numberOf(text, of) : 0;
    }
  };
  template <class T, class Parse> void items(const char *name, List<T> &list, Parse parse) {
    char *rest = copied(words.need(name));
    if (*rest == 0) rest = nullptr;
    uint32_t count = rest ? 1 : 0;
    for (const char *c = rest; c && *c; c++) count += *c == ',';
    T *const room = reinterpret_cast<T *>(allocate(count * static_cast<uint32_t>(sizeof(T))));
    if (!room) return;
    list = List<T>(room, count);
    char *item = nullptr;
    for (T *at = room; nextItem(rest, ',', item); ++at) *at = parse(item, name);
  }
};

/// Prints the fields of a packet.
struct Shown {
  uint32_t version;
  const char *prefix;

  bool group(const char *, bool &present) { return present; }
  void field(const char *name, bool &value, bool) { print(" %s=%d", name, value); }
  void field(const char *name, uint32_t &value, bool optional) {
    if (!optional || value != 0) print(" %s=%lu", name, plain(value));
  }
  void field(const char *name, Bytes &value, bool optional) {
    if (!optional || value.present()) print(" %s=", name), print(value);
  }
  template <class T> void field(const char *name, List<T> &list, bool) {
    print(" %s=", name);
    for (uint32_t i = 0; i < list.count; i++) {
      if (i > 0) print(",");
      item(list.items[i]);
    }
  }

 private:
  struct Parts {
    bool first;
    void field(const char *, Bytes &value, bool) { item(value), first = false; }
    void field(const char *, uint32_t &value, bool) {
      print(first ? "%lu" : ":%lu", plain(value)), first = false;
    }
  };
  static void item(uint8_t value) { print("%d", value); }
  static void item(Bytes value) { value.size > 0 ? print(value) : print("-"); }
  template <class Struct> void item(Struct value) {
    Parts parts = {true};
    visit(parts, value, version);
  }
};

struct Encoding {
  Words &words;
  uint32_t version;
  bool found;

  template <class Coder> void packet() {
    if (strcmp(words.at(2), Coder::name()) != 0) return;
    found = true;
    typename Coder::Packet value = typename Coder::Packet();
    Given given = {words, version};
    visit(given, value, version);
    if (!words.done()) return;
    Writer writer(Span{out, sizeof out});
    Rule broken = Coder::encode(writer, value, version);
    if (broken == Rule::none && writer.length() > wire::largest) broken = wire::over;
    if (broken != Rule::none) return print("error %s\n", RULE_NAMES[static_cast<uint8_t>(broken)]);
    if (writer.written().size == 0) return static_cast<void>(refuse("too_long"));
    print("ok ");
    print(writer.written());
    print("\n");
  }
};

struct Decoding {
  Reader &in;
  uint32_t version;
  bool alone; // nothing stands behind it

  template <class Coder> void packet() {
    if (in.first() >> 4 != Coder::type) return;
    typename Coder::Packet value = typename Coder::Packet();
    Coder::decode(in, in.first(), version, value);
    if (in.failed()) return print("error %s %lu\n", RULE_NAMES[static_cast<uint8_t>(in.rule())], plain(in.offset()));
    if (!alone) return static_cast<void>(refuse("more_than_one_packet")); // the packet's own faults come first
    print("ok %s", Coder::name());
    Shown shown = {version, ""};
    visit(shown, value, version);
    print("\n");
  }
};

void decodeLine(Bytes bytes, uint32_t version) {
  if (objection[0] != 0) return;
  const Span buffer = {const_cast<uint8_t *>(bytes.data), bytes.size};
  Framer framer(buffer);
  framer.start();
  framer.filled(bytes.size);
  Reader in(Bytes(out, sizeof out));
  if (!framer.next<headerRule>(in, version, wire::largest) || in.partial())
    print("error incomplete %lu\n", plain(bytes.size));
  else if (in.failed())
    print("error %s %lu\n", RULE_NAMES[static_cast<uint8_t>(in.rule())], plain(in.offset()));
  else {
    Decoding decoding = {in, version, in.size() == bytes.size};
    eachPacket(decoding);
  }
}

void answerPacket(Words &words) {
  const char *const level = words.at(1);
  const uint32_t version = strcmp(level, "3") == 0 ? 3 : strcmp(level, "4") == 0 ? 4 : 0;
  if (version == 0) return static_cast<void>(refuse("value version"));
  words.from(3);
  if (strcmp(words.at(0), "decode") == 0) return decodeLine(bytesOf(words.at(2), "bytes"), version);
  Encoding encoding = {words, version, false};
  eachPacket(encoding);
  if (!encoding.found) refuse("unknown ", words.at(2));
}

#ifdef BOARD_RV32IMC
int nextByte() {
  static char block[512];
  static size_t size, at;
  if (at == size) {
    size = board::input(block, sizeof block);
    at = 0;
  }
  return size == 0 ? EOF : static_cast<unsigned char>(block[at++]);
}
void answer(const char *text, size_t size) { board::output(text, size); }
#else
int nextByte() { return getchar(); }
void answer(const char *text, size_t size) {
  fwrite(text, 1, size, stdout);
  fflush(stdout);
}
#endif

/// One line without its end; false at the end of input. What is too long is read and left out.
bool readLine() {
  size_t length = 0;
  int c = nextByte();
  if (c == EOF) return false;
  for (; c != EOF && c != '\n'; c = nextByte()) {
    if (length + 1 < sizeof line) line[length++] = static_cast<char>(c);
    else refuse("too_long");
  }
  line[length] = 0;
  return true;
}

} // namespace

uint8_t *allocate(uint32_t size) {
  const uint32_t room = (size + 7) & ~7u;
  if (room < size || room > sizeof memory - used) return refuse("too_long"), nullptr;
  used += room;
  return memory + used - room;
}
uint32_t kept; // bytes of `memory` that the client holds on to

void print(const char *format, ...) {
  va_list values;
  va_start(values, format);
  const int length = vsnprintf(reply + said, sizeof reply - said, format, values);
  va_end(values);
  said += static_cast<size_t>(length);
  if (said + 1 < sizeof reply) return;
  said = 0;
  refuse("too_long");
}
void print(Bytes value) {
  const uint32_t shown = value.size > 65536 ? 32 : value.size;
  if (2 * shown >= sizeof reply - said) return static_cast<void>(refuse("too_long"));
  for (uint32_t i = 0; i < 2 * shown; i++) reply[said++] = "0123456789abcdef"[value.data[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
  if (shown < value.size) print("+%lu", plain(value.size - shown));
}

void keepAllocated(bool afresh) {
  if (afresh) used = 0;
  kept = used;
}

int main() {
  for (;;) {
    objection[0] = 0;
    used = kept;
    said = 0;
    if (!readLine()) return 0;
    if (objection[0] == 0) {
      Words words(line);
      if (strcmp(words.at(0), "decode") == 0 || strcmp(words.at(0), "encode") == 0) answerPacket(words);
      else answerSession(words);
    }
    if (objection[0] != 0) said = 0, print("%s\n", objection);
    print(".\n");
    answer(reply, said);
  }
}
