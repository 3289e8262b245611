// umqtt::MQTTClient on a transport in memory: what its calls write and answer, what its callbacks are told. The session's own behaviour is the
// scenarios' concern; expectations here are the standard's bytes and API.md's promises.
#include "../client_bench.h"

using namespace bench;

TEST("test_arguments_are_checked") {
  Net net;
  Small nameless(net, "a", "");
  CHECK(nameless.connect() == Error::INVALID_ARGUMENT);
  Small client(net, "a", "server");
  client.setVersion(5);
  CHECK(client.connect() == Error::INVALID_ARGUMENT && client.rule() == Rule::version);
  client.setVersion(4);
  CHECK(client.publish("t", "m") == Error::NOT_CONNECTED);
  CHECK(connected(net, client));
  CHECK(client.publish("t/#", "m") == Error::INVALID_ARGUMENT && client.rule() == Rule::topic_wildcard);
  CHECK(client.publish("t", "m", false, 3) == Error::INVALID_ARGUMENT && client.rule() == Rule::bad_qos);
  CHECK(client.subscribe("a/#/b") == Error::INVALID_ARGUMENT && client.rule() == Rule::bad_filter);
  CHECK(client.setLastWill("w/+", "m") == Error::INVALID_ARGUMENT);
}

TEST("test_publish_is_one_write_in_the_order_retain_qos") {
  Net net;
  Small client(net, "a", "server");
  CHECK(connected(net, client));
  const uint32_t before = net.writes;
  CHECK(client.publish("t", "hi", true) == Error::OK);
  CHECK(heard(net, "310500017468" "69"));
  CHECK(client.publish("t", "hi", false, 1, Wait::No) == Error::OK);
  CHECK(heard(net, "320700017400016869"));
  CHECK(net.writes == before + 2);
  CHECK(client.inflight() == 1);
}

TEST("test_publish_waits_for_its_last_acknowledgement") {
  Net net;
  Small client(net, "a", "server");
  CHECK(connected(net, client));
  const char *const lines[] = {"40020001", "50020002", "70020002"};
  Script answers = script(lines);
  serve(net, answers);
  CHECK(client.publish("t", "1", false, 1) == Error::OK);
  CHECK(answers.at == 1);
  CHECK(client.publish("t", "2", false, 2) == Error::OK);
  CHECK(answers.at == 3);
  CHECK(heard(net, "32060001740001" "31" "34060001740002" "32" "62020002"));
  net.served = nullptr;
  const uint32_t start = net.now();
  CHECK(client.publish("t", "3", false, 1) == Error::ACK_TIMEOUT);
  CHECK(net.now() - start >= 10000 && client.inflight() == 1); // the message stays
}

TEST("test_subscribe_tells_what_was_granted") {
  Net net;
  Small client(net, "a", "server");
  CHECK(connected(net, client));
  const char *const lines[] = {"900400010180", "9003000280", "b0020003"};
  Script answers = script(lines);
  serve(net, answers);
  const Subscription filters[] = {{"a", 2}, {"b", 1}};
  uint8_t granted[2] = {9, 9};
  CHECK(client.subscribe(List<Subscription>(filters, 2), granted) == Error::OK);
  CHECK(granted[0] == 1 && granted[1] == 128);
  CHECK(heard(net, "820a0001" "00016102" "00016201"));
  CHECK(client.subscribe("c") == Error::SUBSCRIBE_FAILURE);
  CHECK(client.subscriptions() == 1);
  CHECK(client.unsubscribe("a") == Error::OK);
  CHECK(client.subscriptions() == 0);
}

TEST("test_messages_come_in_the_callback_and_are_acknowledged_afterwards") {
  Net net;
  Small client(net, "a", "server");
  Seen seen;
  listen(client, seen);
  CHECK(connected(net, client));
  say(net, "3206000174000968");
  client.checkMsg();
  CHECK(seen.messages == 1 && strcmp(seen.topic, "t") == 0 && seen.size == 1 && seen.payload[0] == 'h');
  CHECK(heard(net, "40020009"));
  say(net, "300300017" "4"); // no payload
  CHECK(client.waitMsg(1000) == Error::OK);
  CHECK(seen.messages == 2 && seen.size == 0);
  CHECK(client.waitMsg(1000) == Error::ACK_TIMEOUT);
}

static MQTTClientBase *inside;
static void publishInside(const Publish &message, void *) {
  if (message.topic == "t") {
    CHECK(inside->publish("u", "x", false, 2) == Error::OK); // does not wait
    CHECK(inside->subscribe("v") == Error::OK);
    inside->checkMsg(); // does nothing
  }
}
TEST("test_calls_inside_the_callback_do_not_wait") {
  Net net;
  Small client(net, "a", "server");
  inside = &client;
  client.setCallback(publishInside);
  CHECK(connected(net, client));
  say(net, "3206000174000968" "3003000174");
  client.checkMsg();
  CHECK(heard(net, "34060001750001" "78" "820600020001" "7600" "40020009" "34060001750003" "78" "820600040001" "7600"));
}

TEST("test_half_a_packet_does_not_block") {
  Net net;
  Small client(net, "a", "server");
  Seen seen;
  listen(client, seen);
  CHECK(connected(net, client));
  const uint32_t start = net.now();
  say(net, "30050001");
  client.checkMsg();
  CHECK(net.now() == start && seen.messages == 0);
  say(net, "746869");
  client.checkMsg();
  CHECK(seen.messages == 1 && seen.size == 2);
}

TEST("test_several_clients_at_once") {
  Net one, other;
  Small a(one, "a", "server"), b(other, "b", "server");
  CHECK(connected(one, a) && connected(other, b));
  CHECK(a.publish("t", "a", false, 1, Wait::No) == Error::OK);
  CHECK(b.publish("t", "b", false, 1, Wait::No) == Error::OK);
  CHECK(heard(one, "3206000174000161") && heard(other, "3206000174000162"));
}

TEST("test_memory_bounds_what_is_kept") {
  Net net;
  Small client(net, "a", "server");
  CHECK(connected(net, client));
  const uint8_t big[200] = {0};
  CHECK(client.publish("t", Bytes(big, sizeof big)) == Error::PACKET_TOO_LARGE);
  CHECK(client.connected() && heard(net, ""));
  CHECK(client.publish("t", Bytes(big, sizeof big), false, 1, Wait::No) == Error::OK); // it fits the outbox
  CHECK(client.publish("t", Bytes(big, 100), false, 1, Wait::No) == Error::QUEUE_FULL);
  CHECK(client.connected());
}

CHECK_MAIN()
