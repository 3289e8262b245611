// The client of client.h. A turn: deadlines, the transport's state, what it has read. Whatever the session asks for meanwhile that could come
// back to it (a broken link, a result) is noted, and handled when the session has done with its input.
#include "client.h"

namespace umqtt {

namespace {

const Operation CONNECTING = UINT32_MAX;
const uint32_t LONGEST_WAIT = 1000; // ms; then the transport is asked again
const uint8_t MOST_MESSAGES = 16; // that one turn delivers: then no more is read

/// Evens out the delays of many devices that lost one server: what tells them apart is their name.
uint32_t seedOf(Text clientId) {
  uint32_t hash = 2166136261u;
  for (const uint8_t c : clientId) hash = (hash ^ c) * 16777619u;
  return hash | 1;
}

/// nullptr where it does not fit.
const char *copied(Text text, Span to) {
  if (text.size == 0 || text.size >= to.size) return nullptr;
  memcpy(to.data, text.data, text.size);
  to.data[text.size] = 0;
  return reinterpret_cast<const char *>(to.data);
}

} // namespace

MQTTClientBase::MQTTClientBase(Transport &net, Config &config, const Memory &memory, Span host, Text server, uint16_t port)
    : Session(config, memory, 0, seedOf(config.clientId)), net_(net), host_(copied(server, host)), port_(port ? port : PORT) {}

void MQTTClientBase::setKeepalive(uint16_t seconds) {
  config_.keepalive = seconds;
  config_.pingTimeout = pingTimeoutOf(seconds);
}

#ifdef UMQTT_HAS_WILL
Error MQTTClientBase::setLastWill(Text topic, Bytes message, bool retain, uint8_t qos) {
  return topic.present() ? Session::setLastWill(Will{topic, message, qos, retain}) : clearLastWill();
}
#endif

Error MQTTClientBase::connect(bool cleanSession, Wait wait) {
  if (!host_ || link_ == Link::Streaming) return Error::INVALID_ARGUMENT;
  Error refused = create();
  if (refused != Error::OK) return refused;
  const bool waits = begin(wait) != 0;
  refused = Session::connect(cleanSession, CONNECTING); // which may end the one before
  if (waits) waiting_ = CONNECTING;
  return finish(refused, waits ? CONNECTING : 0);
}

Error MQTTClientBase::ping() {
  if (link_ == Link::Streaming) return Error::INVALID_ARGUMENT;
  begin(Wait::No);
  return finish(sent(Session::ping()), 0);
}

Error MQTTClientBase::publish(Text topic, Bytes message, bool retain, uint8_t qos, Wait wait) {
  if (link_ == Link::Streaming) return Error::INVALID_ARGUMENT;
  const Operation operation = begin(qos > 0 ? wait : Wait::No);
  Publish packet = Publish();
  packet.qos = qos;
  packet.retain = retain;
  packet.topic = topic;
  packet.payload = message;
  const Error refused = Session::publish(packet, operation);
  return finish(qos > 0 ? refused : sent(refused), operation, config_.ackTimeout);
}

#ifdef UMQTT_HAS_SUBSCRIBE
Error MQTTClientBase::subscribe(Text topic, uint8_t qos, Wait wait) {
  const Subscription filter = {topic, qos};
  return subscribe(one(filter), nullptr, wait);
}

Error MQTTClientBase::subscribe(List<Subscription> filters, uint8_t *granted, Wait wait) {
  if (link_ == Link::Streaming) return Error::INVALID_ARGUMENT;
  const Operation operation = begin(wait);
  Subscribe request = Subscribe();
  request.subscriptions = filters;
  if (frameSize(sizeSubscribe(request)) > tx_.size) return Error::PACKET_TOO_LARGE; // asked again, each filter must fit it
  granted_ = granted;
  return finish(Session::subscribe(request, operation), operation, config_.ackTimeout);
}
#endif

#ifdef UMQTT_HAS_UNSUBSCRIBE
Error MQTTClientBase::unsubscribe(Text topic, Wait wait) { return unsubscribe(one(topic), wait); }

Error MQTTClientBase::unsubscribe(List<Text> topics, Wait wait) {
  if (link_ == Link::Streaming) return Error::INVALID_ARGUMENT;
  const Operation operation = begin(wait);
  Unsubscribe request = Unsubscribe();
  request.topicFilters = topics;
  return finish(Session::unsubscribe(request, operation), operation, config_.ackTimeout);
}
#endif

Error MQTTClientBase::waitMsg(uint32_t ms) {
  const uint32_t start = clock();
  for (;;) {
    if ((mqttsta() != 0 && mqttsta() != 1) || link_ == Link::Streaming) return Error::NOT_CONNECTED;
    checkMsg();
    if (delivered_ > 0) return Error::OK;
    if (busy_ || !idle(start, ms)) return Error::ACK_TIMEOUT;
  }
}

void MQTTClientBase::checkMsg() {
  if (!busy_ && link_ != Link::Streaming) turn();
}

void MQTTClientBase::disconnect() {
  begin(Wait::No);
  Session::disconnect();
  told_ = mqttsta();
}

void MQTTClientBase::close() {
  begin(Wait::No);
  Session::close();
  told_ = mqttsta();
}

uint32_t MQTTClientBase::clock() { return net_.now(); }

/// A call begins: the session learns the time. The number of an operation to wait for, 0 where the call does not.
Operation MQTTClientBase::begin(Wait wait) {
  at(clock());
  tooLarge_ = false;
  if (wait == Wait::No || busy_) return 0;
  if (++operations_ == CONNECTING) operations_ = 1;
  return waiting_ = operations_;
}

/// Of what is not kept until it is acknowledged: whether it left.
Error MQTTClientBase::sent(Error refused) const { return refused == Error::OK && link_ == Link::Broken ? Error::CONNECTION_LOST : refused; }

/// Waits for the operation's end, at most so many ms, where it was accepted.
Error MQTTClientBase::finish(Error refused, Operation operation, uint32_t most) {
  if (refused == Error::OK && tooLarge_) refused = Error::PACKET_TOO_LARGE;
  if (!busy_) {
    mendLink();
    report();
  }
  if (refused != Error::OK || operation == 0) return refused;
  const uint32_t start = clock();
  for (turn(); waiting_ == operation; turn()) {
    if (idle(start, most)) continue;
    waiting_ = 0;
    return Error::ACK_TIMEOUT;
  }
  return result_;
}

/// Leaves the machine to others until there may be something to do; false where so many ms since `start` are over.
bool MQTTClientBase::idle(uint32_t start, uint32_t most) {
  const uint32_t now = clock();
  const uint32_t left = most == UINT32_MAX ? most : most - lesser(now - start, most);
  if (left > 0) net_.wait(wait(now, lesser(left, LONGEST_WAIT)));
  return left > 0;
}

void MQTTClientBase::turn() {
  delivered_ = 0;
  tick(clock());
  if (link_ == Link::Wanted || link_ == Link::Opening) openLink();
  if (link_ == Link::Open) readLink();
  mendLink();
  report();
}

void MQTTClientBase::openLink() {
  if (link_ == Link::Wanted) {
    link_ = Link::Opening;
    net_.connect(host_, port_, config_.connectTimeout);
    at(clock()); // it may have taken its time
  }
  const Transport::State state = net_.state();
  if (state == Transport::CLOSED) link_ = Link::Broken;
  if (state != Transport::OPEN) return;
  link_ = Link::Open;
  tooLarge_ = false;
  opened();
  if (tooLarge_) Session::close();
}

void MQTTClientBase::readLink() {
  for (uint8_t blocks = MOST_MESSAGES; link_ == Link::Open && blocks > delivered_; blocks--) {
    const Span to = room();
    const uint32_t count = net_.read(to.data, to.size);
    if (count == 0) {
      if (net_.state() != Transport::OPEN) link_ = Link::Broken;
      return;
    }
    received(count);
    if (count < to.size) return;
  }
}

void MQTTClientBase::mendLink() {
  if (link_ != Link::Broken) return;
  hangUp();
  lost();
}

void MQTTClientBase::report() {
  if (busy_) return;
  const int8_t before = told_;
  told_ = mqttsta();
  if (before != told_) {
    if (told_ == 0) tell(Progress::Connected, present());
    else if (told_ != 1 || before == 0) tell(told_ == 1 ? Progress::Lost : Progress::Ended, static_cast<uint16_t>(reason()));
  }
#ifdef UMQTT_HAS_RECONNECT
  const bool waits = armed(Timer::Reconnect);
  if (waits && !waitTold_) tell(Progress::Reconnecting, wait(clock(), INT32_MAX));
  waitTold_ = waits;
#endif
  const Error code = error_;
  error_ = Error::OK;
  if (code == Error::OK || !errors_.call) return;
  busy_ = true;
  errors_.call(code, errors_.context);
  busy_ = false;
}

void MQTTClientBase::tell(Progress progress, uint32_t detail) {
  if (!progress_.call) return;
  const bool before = busy_;
  busy_ = true;
  progress_.call(progress, detail, progress_.context);
  busy_ = before;
}

void MQTTClientBase::hangUp() {
  if (link_ != Link::Idle && link_ != Link::Wanted) net_.close();
  link_ = Link::Idle;
}

void MQTTClientBase::send(Bytes packet) {
  if (packet.size == 0) tooLarge_ = true;
  else if (link_ == Link::Open && !net_.write(packet.data, packet.size)) link_ = Link::Broken;
}

void MQTTClientBase::deliver(const Publish &message) {
  if (delivered_ < MOST_MESSAGES) ++delivered_;
  if (!message_.call) return;
  busy_ = true;
  message_.call(message, message_.context);
  busy_ = false;
}

void MQTTClientBase::skip(const Publish &message, uint32_t length) {
  if (!pieces_) return tell(Progress::Skipped, length);
  if (delivered_ < MOST_MESSAGES) ++delivered_;
  pieces_(*this, nullptr, &message, length);
}

void MQTTClientBase::pass(const Frame &frame) {
  if (pieces_) pieces_(*this, &frame, nullptr, frame.length);
}

void MQTTClientBase::settled(Operation operation, Error error) {
  if (operation != waiting_) return;
  waiting_ = 0;
  result_ = error == Error::ABORTED && tooLarge_ ? Error::PACKET_TOO_LARGE : error;
}

void MQTTClientBase::granted(Operation operation, List<uint8_t> codes) {
  if (operation == waiting_ && granted_) memcpy(granted_, codes.items, codes.count);
}

void MQTTClientBase::violation(Rule rule, uint32_t offset) {
  broken_ = rule;
  brokenAt_ = offset;
}

} // namespace umqtt
