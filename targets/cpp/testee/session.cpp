// The session half of the testee: `new`, `call`, `open`, `recv`, `drop`, `tick`, `stats`, `handler` over the emitted session. It numbers
// operations and prints what the session asks for; it knows no rule of its own.
#include "../src/umqtt/options.h"
#include "../src/umqtt/session.h"

#include <stdarg.h>

#include "lines.h"

using namespace umqtt;

void keepAllocated(bool afresh);

namespace {

const Operation CONNECT = 0xffffffff; // above every number that an operation can have
const char *const TIMER_NAMES[] = {UMQTT_TIMERS};

Config config; // of the client there is

class Client : public Session<Client> {
  friend class Session<Client>;

 public:
  Client(uint32_t clock, uint32_t seed) : Session<Client>(config, clock, seed), clock_(clock) {}
  void *operator new(size_t, void *at) { return at; }

  void answer(Words &words) {
    const char *const request = words.at(0);
    if (strcmp(request, "call") == 0) call(words, 1);
    else if (strcmp(request, "handler") == 0) setHandler(words);
    else if (strcmp(request, "stats") == 0) stats();
    else if (strcmp(request, "open") == 0) open();
    else if (strcmp(request, "drop") == 0) drop();
    else if (strcmp(request, "recv") == 0) receive(bytesOf(words.at(1), "bytes"));
    else if (strcmp(request, "tick") == 0) tick(words.at(1));
    else refuse("unknown ", request);
  }

 private:
  void open() {
    if (!dialling_) return static_cast<void>(refuse("not_dialling"));
    dialling_ = false;
    open_ = true;
    opened();
  }
  void drop() {
    if (!dialling_ && !open_) return static_cast<void>(refuse("not_open"));
    dialling_ = open_ = false;
    lost();
  }
  void receive(Bytes bytes) {
    if (objection[0] != 0) return;
    if (!open_) return static_cast<void>(refuse("not_open"));
    for (uint32_t done = 0; open_ && done < bytes.size;) {
      const Span to = room();
      const uint32_t count = lesser(to.size, bytes.size - done);
      memcpy(to.data, bytes.data + done, count);
      done += count;
      received(count);
    }
  }
  void tick(const char *ms) {
    const uint32_t elapsed = numberOf(ms, "ms");
    if (objection[0] == 0) Session::tick(clock_ += elapsed);
  }
  void stats() {
    tell("stats inflight=%lu queued=%lu requests=%lu subscriptions=%lu inbound=%lu unexpected=%lu timers=", plain(inflight()), plain(queued()),
          plain(requests()), plain(subscriptions()), plain(inbound()), plain(unexpected()));
    const char *comma = "";
    for (uint8_t i = 0; i < sizeof TIMER_NAMES / sizeof *TIMER_NAMES; i++)
      if (armed(static_cast<Timer>(i))) print("%s%s", comma, TIMER_NAMES[i]), comma = ",";
    print("\n");
  }
  void setHandler(Words &words) {
    if (strcmp(words.at(1), "throw") == 0) return static_cast<void>(refuse("unsupported"));
    if (strcmp(words.at(1), "call") != 0 || words.count() < 3) return static_cast<void>(refuse("value handler"));
    size_t length = 0;
    for (int i = 2; i < words.count(); i++) length += static_cast<size_t>(snprintf(handler_ + length, sizeof handler_ - length, i > 2 ? " %s" : "%s", words.at(i)));
    handling_ = length < sizeof handler_ || refuse("too_long");
  }

  /// A refused call prints only that; an accepted operation its number before all else.
  void call(Words &words, int at) {
    const char *const name = words.at(at);
    words.from(at + 1);
    const bool numbered = strcmp(name, "publish") == 0 || strcmp(name, "subscribe") == 0 || strcmp(name, "unsubscribe") == 0;
    const Operation before = announced_;
    announced_ = numbered ? operations_ + 1 : 0;
    const Error refused = perform(name, words);
    if (objection[0] == 0 && refused == Error::OK) {
      announce();
      if (numbered) ++operations_;
    } else if (objection[0] == 0) {
      announced_ = 0;
      reject(refused, rule());
    }
    announced_ = before;
  }
  void announce() {
    const Operation operation = announced_;
    announced_ = 0;
    if (operation != 0) print("op %lu\n", plain(operation));
  }
  Error perform(const char *name, Words &words) {
    if (strcmp(name, "connect") == 0) {
      const bool clean = words.flag("clean_session", true);
      return words.done() ? connect(clean, CONNECT) : Error::OK;
    }
    if (strcmp(name, "publish") == 0) return publishWords(words);
    if (strcmp(name, "subscribe") == 0) return subscribeWords(words);
    if (strcmp(name, "unsubscribe") == 0) return unsubscribeWords(words);
    if (strcmp(name, "set_last_will") == 0) return willWords(words);
    if (!words.done()) return Error::OK;
    if (strcmp(name, "ping") == 0) return ping();
    if (strcmp(name, "disconnect") == 0) return disconnect();
    if (strcmp(name, "close") == 0) return close();
    refuse("unknown ", name);
    return Error::OK;
  }
  Error publishWords(Words &words) {
    Publish message = Publish();
    message.topic = words.bytes("topic");
    message.payload = words.bytes("msg");
    message.retain = words.flag("retain", false);
    message.qos = words.number("qos", 0);
    return words.done() && has(message.qos) ? kept(publish(message, announced_)) : Error::OK;
  }
  Error subscribeWords(Words &words) {
    static Subscription items[4096];
    Subscribe request = Subscribe();
    const char *const topics = words.find("topics");
    const char *const topic = topics ? nullptr : words.need("topic");
    const uint32_t qos = topics ? 0 : words.number("qos", 0);
    char *rest = topics && *topics ? copied(topics) : nullptr;
    uint32_t count = 0;
    if (topic) items[count++] = Subscription{bytesOf(topic, "topic"), qos};
    for (char *item; nextItem(rest, ',', item);) {
      if (count == sizeof items / sizeof *items) return refuse("too_long"), Error::OK;
      char *filter = nullptr;
      nextItem(item, ':', filter);
      items[count++] = Subscription{itemBytes(filter, "topics"), numberOf(item ? item : "", "topics")};
    }
    request.subscriptions = List<Subscription>(items, count);
    for (uint32_t i = 0; i < count; i++)
      if (!has(items[i].qos)) return Error::OK;
    return words.done() ? kept(subscribe(request, announced_)) : Error::OK;
  }
  Error unsubscribeWords(Words &words) {
#ifdef UMQTT_HAS_UNSUBSCRIBE
    static Text items[4096];
    Unsubscribe request = Unsubscribe();
    const char *const topics = words.find("topics");
    const char *const topic = topics ? nullptr : words.need("topic");
    char *rest = topics && *topics ? copied(topics) : nullptr;
    uint32_t count = 0;
    if (topic) items[count++] = bytesOf(topic, "topic");
    for (char *item; nextItem(rest, ',', item);) {
      if (count == sizeof items / sizeof *items) return refuse("too_long"), Error::OK;
      items[count++] = itemBytes(item, "topics");
    }
    request.topicFilters = List<Text>(items, count);
    return words.done() ? kept(unsubscribe(request, announced_)) : Error::OK;
#else
    return refuse("unsupported"), static_cast<void>(words), Error::OK;
#endif
  }
  Error willWords(Words &words) {
#ifdef UMQTT_HAS_WILL
    if (words.count() == 2) return clearLastWill();
    Will will = Will();
    will.topic = words.bytes("topic");
    will.message = words.bytes("message");
    will.retain = words.flag("retain", false);
    will.qos = words.number("qos", 0);
    if (!words.done()) return Error::OK;
    keepAllocated(false);
    return setLastWill(will);
#else
    return refuse("unsupported"), static_cast<void>(words), Error::OK;
#endif
  }

  /// A small profile refuses what a larger one keeps, and says so in its own way: here it is unsupported.
  bool has(uint32_t qos) const {
#ifndef UMQTT_HAS_QOS1
    if (qos == 1) return refuse("unsupported");
#endif
#ifndef UMQTT_HAS_QOS2
    if (qos == 2) return refuse("unsupported");
#endif
    return static_cast<void>(qos), true;
  }
  Error kept(Error refused) const {
#ifndef UMQTT_HAS_QUEUE
    if (refused == Error::QUEUE_FULL || (refused == Error::NOT_CONNECTED && mqttsta() == 1)) refuse("unsupported");
#endif
    return refused;
  }

  // what the session wants
  void dial() {
    dialling_ = true;
    tell("dial\n");
  }
  void hangUp() {
    dialling_ = open_ = false;
    tell("hang_up\n");
  }
  void send(Bytes packet) {
    tell("send ");
    print(packet);
    print("\n");
  }
  void deliver(const Publish &message) {
    tell("deliver topic=");
    print(message.topic);
    print(" payload=");
    print(message.payload);
    print(" qos=%lu retain=%d dup=%d\n", plain(message.qos), message.retain, message.dup);
    if (!handling_) return;
    handling_ = false;
    Words words(handler_);
    call(words, 0);
  }
  void skip(const Publish &, uint32_t length) { tell("skip %lu\n", plain(length)); }
  void pass(const Reader &, uint32_t) {}
  void granted(Operation, List<uint8_t> codes) { codes_ = codes; }
  void settled(Operation operation, Error error) {
    const List<uint8_t> codes = codes_;
    codes_ = List<uint8_t>();
    if (operation == CONNECT) tell("settle connect ");
    else tell("settle %lu ", plain(operation));
    if (error != Error::OK) return print("error %d\n", static_cast<int>(error));
    print("ok");
    if (operation == CONNECT) print(" session_present=%d", present());
    for (uint32_t i = 0; i < codes.count; i++) print("%s%d", i == 0 ? " granted=" : ",", codes[i]);
    print("\n");
  }
  void status(int8_t mqttsta) { tell("status %d\n", mqttsta); }
  void error(Error code) {
    tell("error %d\n", static_cast<int>(code));
#ifndef UMQTT_HAS_RECONNECT
    if (config.reconn) refuse("unsupported"); // it would have gone on
#endif
  }
  void violation(Rule rule, uint32_t offset) { tell("violation %s %lu\n", RULE_NAMES[static_cast<uint8_t>(rule)], plain(offset)); }

  __attribute__((format(printf, 2, 3))) void tell(const char *format, ...) {
    announce();
    char text[128];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    print("%s", text);
  }

  uint32_t clock_;
  Operation operations_ = 0;
  List<uint8_t> codes_; // granted, of the operation settled next
  Operation announced_ = 0; // the number of the call at hand, until it is printed
  bool dialling_ = false;
  bool open_ = false;
  bool handling_ = false;
  char handler_[1024];

 public:
  static void reject(Error code, Rule rule) {
    const char *const name = code == Error::INVALID_ARGUMENT ? RULE_NAMES[static_cast<uint8_t>(rule)] : errorName(code);
    print("rejected %d %s\n", static_cast<int>(code), name);
  }
};

Client *client;
uint8_t clientRoom[sizeof(Client)] __attribute__((aligned(8)));
uint8_t tx[TESTEE_ROOM], rx[TESTEE_ROOM], outbox[TESTEE_ROOM] __attribute__((aligned(8)));
#ifdef UMQTT_HAS_RECONNECT
uint8_t filters[TESTEE_ROOM / 16] __attribute__((aligned(8)));
#endif
#ifdef UMQTT_HAS_QOS2
uint8_t received[65536 * 2] __attribute__((aligned(8)));
#endif

/// Whether the profile has what is asked for.
bool supported(Words &words) {
#ifndef UMQTT_HAS_AUTH
  if (words.has("user=") || words.has("password=")) return refuse("unsupported");
#endif
#ifndef UMQTT_HAS_VERSION3
  if (words.has("version=3")) return refuse("unsupported");
#endif
#ifndef UMQTT_HAS_DEADLINES
  if (words.has("ack_timeout=")) return refuse("unsupported");
#endif
#ifndef UMQTT_HAS_RECONNECT
  if (words.has("reconn=1")) return refuse("unsupported");
#endif
#ifndef UMQTT_HAS_QUEUE
  if (words.has("queue_qos0=1")) return refuse("unsupported");
#endif
  return static_cast<void>(words), true;
}

void create(Words &words) {
  words.from(1);
  if (!supported(words)) return;
  Config given = Config();
  given.version = words.number("version", 4);
  given.clientId = words.bytes("client_id");
  given.user = words.maybe("user");
  given.password = words.maybe("password");
  words.maybe("server");
  const uint32_t port = words.number("port", 0);
  given.keepalive = words.number("keepalive", 0);
  given.reconn = words.flag("reconn", true);
  given.connectTimeout = words.number("connect_timeout", 20000);
  given.reconnectDelay = 1000;
  given.ackTimeout = words.number("ack_timeout", 10000);
  given.pingTimeout = words.number("ping_timeout", pingTimeoutOf(given.keepalive));
  given.maxInflight = words.number("max_inflight", 20);
  given.maxQueue = words.number("max_queue", 1000);
  given.maxSubscriptions = words.number("max_subscriptions", 1000);
  given.maxInboundQos2 = words.number("max_inbound_qos2", 1000);
  given.queueQos0 = words.flag("queue_qos0", false);
  given.maxPacketSize = words.number("max_packet_size", 268435455);
  given.nextPacketId = words.number("next_packet_id", 1);
  const uint32_t buffer = words.number("rx_buffer", 0);
  const uint32_t clock = words.number("clock", 0);
  const uint32_t seed = words.number("seed", 0);
  if (!words.done()) return;
  if (buffer > sizeof rx) return static_cast<void>(refuse("too_long"));
  keepAllocated(false);
  config = given;
  config.memory.tx = Span{tx, sizeof tx};
  config.memory.rx = Span{rx, buffer == 0 ? static_cast<uint32_t>(sizeof rx) : buffer};
  config.memory.outbox = Span{outbox, sizeof outbox};
#ifdef UMQTT_HAS_RECONNECT
  config.memory.filters = Span{filters, sizeof filters};
#endif
#ifdef UMQTT_HAS_QOS2
  config.memory.received = Span{received, sizeof received};
#endif
  client = new (clientRoom) Client(clock, seed);
  const Error refused = client->create();
  const Rule broken = parameterRule(port);
  if (refused == Error::OK && broken == Rule::none) return;
  Client::reject(refused == Error::OK ? Error::INVALID_ARGUMENT : refused, refused == Error::OK ? broken : client->rule());
  client = nullptr;
}

} // namespace

void answerSession(Words &words) {
  if (strcmp(words.at(0), "new") == 0) create(words);
  else if (client) client->answer(words);
  else refuse("no_client");
}
