// umqtt::MQTTClient on a transport in memory: connecting, losing the connection, deadlines. Calls and messages are test_client's.
#include "../client_bench.h"

using namespace bench;

TEST("test_connect_waits_for_the_answer") {
  Net net;
  Small client(net, "a", "server");
  const char *const lines[] = {"20020000"};
  Script answers = script(lines);
  serve(net, answers);
  CHECK(client.getMqttsta() == -1);
  CHECK(client.connect() == Error::OK);
  CHECK(heard(net, "100d00044d5154540402000000" "0161"));
  CHECK(net.writes == 1);
  CHECK(client.getMqttsta() == 0);
  CHECK(!client.sessionPresent());
}

TEST("test_connect_answers_refusals_and_network_errors") {
  Net net;
  Small client(net, "a", "server");
  const char *const lines[] = {"20020005"};
  Script answers = script(lines);
  serve(net, answers);
  CHECK(client.connect() == Error::NOT_AUTHORIZED);
  CHECK(client.getMqttsta() == -1);
  net.next = Transport::CLOSED;
  CHECK(client.connect() == Error::NETWORK_ERROR);
}

TEST("test_connect_ends_at_its_deadline") {
  Net net(0xfffff000u); // the clock wraps meanwhile
  Small client(net, "a", "server");
  client.config().connectTimeout = 9000;
  const uint32_t start = net.now();
  CHECK(client.connect() == Error::CONNECT_TIMEOUT);
  CHECK(net.now() - start >= 9000 && net.now() - start < 10100);
}

TEST("test_the_host_name_is_copied") {
  Net net;
  char name[] = "server";
  Small client(net, "a", name);
  memset(name, 'x', sizeof name - 1);
  CHECK(connected(net, client));
}

TEST("test_a_lost_connection_is_made_again_and_subscribed_again") {
  Net net;
  Small client(net, "a", "server");
  client.config().reconnectDelay = 500;
  Seen seen;
  listen(client, seen);
  CHECK(connected(net, client));
  CHECK(seen.progress == Progress::Connected);
  CHECK(client.subscribe("s", 1, Wait::No) == Error::OK);
  say(net, "9003000101");
  client.checkMsg();
  CHECK(client.publish("t", "1", false, 1, Wait::No) == Error::OK);
  net.end();
  client.checkMsg();
  CHECK(client.getMqttsta() == 1);
  CHECK(seen.progress == Progress::Reconnecting && seen.detail <= 500);
  CHECK(client.reason() == Error::CONNECTION_LOST);
  CHECK(client.publish("t", "0") == Error::NOT_CONNECTED); // QoS 0 is dropped, and the call says so
  CHECK(client.publish("t", "2", false, 1, Wait::No) == Error::OK);
  net.advance(501);
  client.checkMsg();
  net.taken();
  say(net, "20020000");
  client.checkMsg();
  CHECK(client.connected() && net.connects == 2);
  CHECK(heard(net, "82060004000173" "01" "3a060001740002" "31" "32060001740003" "32"));
  CHECK(client.inflight() == 2);
  CHECK(seen.errors == 0);
}

TEST("test_without_reconnecting_the_error_callback_is_called") {
  Net net;
  Small client(net, "a", "server");
  client.setReconn(false);
  Seen seen;
  listen(client, seen);
  CHECK(connected(net, client));
  net.end();
  client.checkMsg();
  CHECK(client.getMqttsta() == 2 && seen.errors == 1 && seen.error == Error::CONNECTION_LOST);
  CHECK(seen.progress == Progress::Ended);
  CHECK(client.waitMsg(1000) == Error::NOT_CONNECTED);
}

TEST("test_a_violation_names_its_rule") {
  Net net;
  Small client(net, "a", "server");
  client.setReconn(false);
  Seen seen;
  listen(client, seen);
  CHECK(connected(net, client));
  say(net, "3205000174" "0000");
  client.checkMsg();
  CHECK(seen.error == Error::PROTOCOL_ERROR && client.broken() == Rule::bad_packet_id && client.brokenAt() == 5);
  CHECK(seen.messages == 0 && client.getMqttsta() == -1);
}

TEST("test_pings_across_the_wrap_of_the_clock") {
  Net net(0xffffffffu - 20000);
  Small client(net, "a", "server");
  client.setKeepalive(60);
  CHECK(connected(net, client));
  net.advance(44000);
  client.checkMsg();
  CHECK(heard(net, ""));
  net.advance(1000);
  client.checkMsg();
  CHECK(heard(net, "c000"));
  net.advance(10000);
  client.checkMsg();
  CHECK(client.getMqttsta() == 1 && client.reason() == Error::PING_TIMEOUT);
}

TEST("test_a_broken_write_is_a_lost_connection") {
  Net net;
  Small client(net, "a", "server");
  Seen seen;
  listen(client, seen);
  CHECK(connected(net, client));
  net.broken = true;
  CHECK(client.publish("t", "x") == Error::CONNECTION_LOST);
  CHECK(client.getMqttsta() == 1 && seen.progress == Progress::Reconnecting);
}

TEST("test_the_will_and_the_login") {
  Net net;
  Small client(net, "a", "server");
  client.setUser("u", "p");
  CHECK(client.setLastWill("w", "m", true, 1) == Error::OK);
  CHECK(client.connect(false, Wait::No) == Error::OK);
  client.checkMsg();
  CHECK(heard(net, "101900044d51545404ec0000" "000161" "000177" "00016d" "000175" "000170"));
  CHECK(client.setLastWill(Text()) == Error::OK);
  CHECK(client.connect(true, Wait::No) == Error::OK);
  client.checkMsg();
  CHECK(heard(net, "101300044d51545404c20000" "000161" "000175" "000170"));
}

TEST("test_mqtt_3_1_is_chosen_at_run_time") {
  Net net;
  Small client(net, "a", "server");
  client.setVersion(3);
  CHECK(client.connect(true, Wait::No) == Error::OK);
  client.checkMsg();
  CHECK(heard(net, "100f00064d514973647003020000" "000161"));
}

TEST("test_disconnect_and_close") {
  Net net;
  Small client(net, "a", "server");
  Seen seen;
  listen(client, seen);
  client.disconnect(); // idempotent
  CHECK(connected(net, client));
  client.disconnect();
  CHECK(heard(net, "e000") && client.getMqttsta() == -1);
  CHECK(net.state() == Transport::CLOSED);
  CHECK(connected(net, client));
  client.close();
  CHECK(heard(net, "") && client.getMqttsta() == -1);
  CHECK(seen.errors == 0);
}

TEST("test_what_is_kept_is_sent_again_after_a_broken_write") {
  Net net;
  Small client(net, "a", "server");
  CHECK(connected(net, client, false));
  net.broken = true;
  CHECK(client.publish("t", "x", false, 1, Wait::No) == Error::OK); // it is kept, so nothing is lost
  CHECK(client.getMqttsta() == 1 && client.inflight() == 1);
  net.broken = false;
  net.advance(1001);
  client.checkMsg();
  net.taken();
  say(net, "20020100");
  client.checkMsg();
  CHECK(heard(net, "3a06000174000178"));
}

CHECK_MAIN()
