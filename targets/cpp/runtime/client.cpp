// The client of client.h. A turn: deadlines, the transport's state, what it has read. Whatever the session asks for meanwhile that could come
// back to it (a broken link, a result) is noted, and handled when the session has done with its input.
#include "client.h"

namespace umqtt {

namespace {

const uint32_t LONGEST_WAIT = 1000; // ms; then the transport is asked again
const uint32_t MOST_MESSAGES = 16; // that one turn delivers: then no more is read

/// Evens out the delays of many devices that lost one server: what tells them apart is their name.
uint32_t seedOf(Text clientId) {
  uint32_t hash = 1;
  for (const uint8_t c : clientId) hash = hash * 33 ^ c;
  return hash | 1;
}

/// Empty where it does not fit.
void copy(Text text, Span to) {
  if (text.size >= to.size) text.size = 0;
  memcpy(to.data, text.data, text.size);
  to.data[text.size] = 0;
}

} // namespace

// cppcheck-suppress uninitDerivedMemberVar ; ClientState() is all zeros
MQTTClientBase::MQTTClientBase(Transport &net, Config &config, Text server, uint16_t port)
    : Session(config, 0, seedOf(config.clientId)), ClientState() {
  copy(server, config.memory.host);
  config.port = port ? port : PORT;
  net_ = &net;
  told_ = -1;
}

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
  Error refused = begin(wait);
  if (*config_.memory.host.data == 0) refused = Error::INVALID_ARGUMENT;
  if (refused == Error::OK) refused = create();
  if (refused == Error::OK) refused = Session::connect(cleanSession, operation() | 1); // it needs a number, waited for or not
  return finish(refused);
}

Error MQTTClientBase::ping() {
  Error refused = begin(Wait::No);
  if (refused == Error::OK) refused = sent(Session::ping());
  return finish(refused);
}

Error MQTTClientBase::publish(Text topic, Bytes message, bool retain, uint8_t qos, Wait wait) {
  Error refused = begin(qos > 0 ? wait : Wait::No);
  if (refused == Error::OK) {
    Publish packet; // field by field: clearing all of it first takes longer
    packet.dup = false;
    packet.qos = qos;
    packet.retain = retain;
    packet.topic = topic;
    packet.packetId = 0;
    packet.payload = message;
    refused = Session::publish(packet, operation());
    if (qos == 0) refused = sent(refused);
  }
  return finish(refused);
}

#ifdef UMQTT_HAS_SUBSCRIBE
Error MQTTClientBase::subscribe(Text topic, uint8_t qos, Wait wait) {
  return finish(askOne(topic, qos, wait));
}

/// The list is gone from the stack before the wait.
UMQTT_APART Error MQTTClientBase::askOne(Text topic, uint8_t qos, Wait wait) {
  const Subscription filter = {topic, qos};
  return ask(one(filter), nullptr, wait);
}

Error MQTTClientBase::subscribe(List<Subscription> filters, uint8_t *granted, Wait wait) { return finish(ask(filters, granted, wait)); }

Error MQTTClientBase::ask(List<Subscription> filters, uint8_t *granted, Wait wait) {
  Error refused = begin(wait);
  Subscribe request = Subscribe();
  request.subscriptions = filters;
#ifdef UMQTT_HAS_RECONNECT
  {
    Writer measure; // asked again, each filter must fit what packets go out from
    encodeSubscribe(measure, request, level());
    if (measure.size() > config_.memory.tx.size) refused = Error::PACKET_TOO_LARGE;
  }
#endif
  if (refused == Error::OK) {
    if (!busy_) granted_ = granted;
    refused = Session::subscribe(request, operation());
  }
  return refused;
}
#endif

#ifdef UMQTT_HAS_UNSUBSCRIBE
Error MQTTClientBase::unsubscribe(Text topic, Wait wait) { return unsubscribe(one(topic), wait); }

Error MQTTClientBase::unsubscribe(List<Text> topics, Wait wait) {
  Error refused = begin(wait);
  if (refused == Error::OK) {
    Unsubscribe request = Unsubscribe();
    request.topicFilters = topics;
    refused = Session::unsubscribe(request, operation());
  }
  return finish(refused);
}
#endif

Error MQTTClientBase::waitMsg(uint32_t ms) {
  if (busy_) return Error::ACK_TIMEOUT;
  result_ = Error::OK;
  return await(ms, true);
}

void MQTTClientBase::checkMsg() {
  if (!busy_ && link_ != Link::Streaming) turn();
}

void MQTTClientBase::disconnect() {
  begin(Wait::No);
  Session::disconnect();
  told_ = -1;
}

void MQTTClientBase::close() {
  begin(Wait::No);
  Session::close();
  told_ = -1;
}

/// A call begins: the session learns the time, and where the call waits, its operation gets a number. INVALID_ARGUMENT: a message is under way.
Error MQTTClientBase::begin(Wait wait) {
  if (link_ == Link::Streaming) return Error::INVALID_ARGUMENT;
  at(clock());
  tooLarge_ = false;
  if (!busy_) {
    numbers_ += 2;
    waiting_ = wait == Wait::Answer ? numbers_ | 1 : 0;
    result_ = Error::OK;
  }
  return Error::OK;
}

/// Of what is not kept until it is acknowledged: whether it left.
inline Error MQTTClientBase::sent(Error refused) const { return refused == Error::OK && link_ == Link::Broken ? Error::CONNECTION_LOST : refused; }

/// Waits for the operation's end where it was accepted: connect's has a deadline of the session's.
Error MQTTClientBase::finish(Error refused) {
  if (refused == Error::OK && tooLarge_) refused = Error::PACKET_TOO_LARGE;
  if (busy_) return refused;
  return refused == Error::OK && waiting_ != 0 ? await(waiting_ == connecting_ ? UINT32_MAX : config_.ackTimeout, false) : tidy(refused);
}

/// Turns until the call that waits has its result, or a message was delivered.
Error MQTTClientBase::await(uint32_t most, bool message) {
  const uint32_t start = clock();
  do {
    if (message && (static_cast<uint32_t>(mqttsta()) > 1 || link_ == Link::Streaming)) return Error::NOT_CONNECTED;
    turn();
    if (message ? delivered_ > 0 : waiting_ == 0) return result_;
  } while (idle(start, most));
  waiting_ = 0;
  return Error::ACK_TIMEOUT;
}

/// Leaves the machine to others until there may be something to do; false where so many ms since `start` are over.
UMQTT_APART bool MQTTClientBase::idle(uint32_t start, uint32_t most) {
  const uint32_t now = clock();
  if (now - start >= most) return false;
  net_->wait(wait(now, lesser(most - (now - start), LONGEST_WAIT)));
  return true;
}

inline void MQTTClientBase::turn() {
  delivered_ = 0;
  tick(clock());
  if (link_ == Link::Wanted || link_ == Link::Opening) openLink();
  if (link_ == Link::Open) readLink();
  tidy(Error::OK);
}

UMQTT_ONCE void MQTTClientBase::openLink() {
  if (link_ == Link::Wanted) {
    link_ = Link::Opening;
    net_->connect(reinterpret_cast<const char *>(config_.memory.host.data), static_cast<uint16_t>(config_.port), config_.connectTimeout);
    at(clock()); // it may have taken its time
  }
  const Transport::State state = net_->state();
  if (state == Transport::CLOSED) link_ = Link::Broken;
  if (state != Transport::OPEN) return;
  link_ = Link::Open;
  tooLarge_ = false;
  opened();
  if (!tooLarge_) return;
  Session::close();
  result_ = Error::PACKET_TOO_LARGE;
}

UMQTT_ONCE void MQTTClientBase::readLink() {
  for (uint32_t blocks = MOST_MESSAGES; link_ == Link::Open && blocks > delivered_; blocks--) {
    const Span to = room();
    const uint32_t count = net_->read(to.data, to.size);
    if (count == 0) {
      if (net_->state() != Transport::OPEN) link_ = Link::Broken;
      return;
    }
    received(count);
    if (count < to.size) return;
  }
}

/// A broken link is closed, and the application told what was noted. Answers what it is given.
Error MQTTClientBase::tidy(Error answer) {
  if (link_ == Link::Broken) {
    hangUp();
    lost();
  }
  if (progressing_) progressing_(*this, 0);
  const Error code = error_;
  if (code != Error::OK) {
    error_ = Error::OK;
    busy_ = true;
    if (errors_.call) errors_.call(code, errors_.context);
    busy_ = false;
  }
  return answer;
}

} // namespace umqtt
