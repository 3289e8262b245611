// Messages larger than the client's memory: in pieces, skipped, and published in pieces. The receive buffer holds 64 bytes here.
#include "../client_bench.h"

using namespace bench;

static uint32_t expected;
static bool right;
static void onPiece(const Publish &message, uint32_t offset, uint32_t total, void *context) {
  Seen &seen = *static_cast<Seen *>(context);
  ++seen.pieces;
  if (offset == 0) expected = 0, right = true;
  if (offset != expected || !(message.topic == "t")) right = false;
  for (uint32_t i = 0; i < message.payload.size; i++)
    if (message.payload.data[i] != static_cast<uint8_t>(offset + i)) right = false;
  expected = offset + message.payload.size;
  seen.offset = offset;
  seen.total = total;
}
/// A message of `size` bytes 0, 1, 2 … in bits of `step` bytes.
static void send(Net &net, MQTTClientBase &client, const char *head, uint32_t size, uint32_t step) {
  say(net, head);
  for (uint32_t i = 0; i < size; i++) {
    const uint8_t byte = static_cast<uint8_t>(i);
    net.give(&byte, 1);
    if (i % step == step - 1) client.checkMsg();
  }
  client.checkMsg();
  client.checkMsg();
  client.checkMsg();
}

TEST("test_a_large_message_comes_in_pieces_however_it_is_cut") {
  for (uint32_t step = 1; step < 150; step = step * 3 + 1) {
    Net net;
    Small client(net, "a", "server");
    Seen seen;
    listen(client, seen);
    client.setChunkCallback(onPiece, &seen);
    CHECK(connected(net, client));
    expected = 0;
    send(net, client, "32cd010001740009", 200, step); // remaining length 205
    CHECK(right && expected == 200 && seen.total == 200);
    CHECK(seen.messages == 0 && seen.pieces > 3);
    CHECK(heard(net, "40020009"));
    say(net, "300400017468");
    client.checkMsg();
    CHECK(seen.messages == 1 && client.connected()); // in step
  }
}

TEST("test_without_a_handler_it_is_skipped_reported_and_acknowledged") {
  Net net;
  Small client(net, "a", "server");
  Seen seen;
  listen(client, seen);
  CHECK(connected(net, client));
  send(net, client, "32cd010001740009", 200, 50);
  CHECK(seen.messages == 0 && seen.progress == Progress::Skipped && seen.detail == 205);
  CHECK(heard(net, "40020009"));
  say(net, "300400017468");
  client.checkMsg();
  CHECK(seen.messages == 1);
}

TEST("test_a_message_that_just_fits_is_no_piece") {
  Net net;
  Small client(net, "a", "server");
  Seen seen;
  listen(client, seen);
  client.setChunkCallback(onPiece, &seen);
  CHECK(connected(net, client));
  send(net, client, "303e000174", 59, 100); // 64 bytes in all
  CHECK(seen.messages == 1 && seen.pieces == 0 && seen.size == 59);
  send(net, client, "303f000174", 60, 100); // 65
  CHECK(seen.messages == 1 && seen.pieces == 2 && right && expected == 60);
}

TEST("test_a_repeated_large_message_of_qos_2_is_handed_over_once") {
  Net net;
  Small client(net, "a", "server");
  Seen seen;
  listen(client, seen);
  client.setChunkCallback(onPiece, &seen);
  CHECK(connected(net, client));
  send(net, client, "34cd010001740009", 200, 50);
  const uint8_t pieces = seen.pieces;
  CHECK(right && expected == 200 && heard(net, "50020009"));
  send(net, client, "3ccd010001740009", 200, 50);
  CHECK(seen.pieces == pieces && heard(net, "50020009"));
}

TEST("test_a_topic_that_does_not_fit_ends_the_connection") {
  Net net;
  Small client(net, "a", "server");
  client.setReconn(false);
  Seen seen;
  listen(client, seen);
  CHECK(connected(net, client));
  send(net, client, "306e0064", 100, 200); // a topic of 100 bytes
  CHECK(seen.messages == 0 && client.getMqttsta() == -1 && seen.errors == 1);
}

TEST("test_a_large_message_is_published_in_pieces") {
  Net net;
  Small client(net, "a", "server");
  CHECK(connected(net, client));
  uint8_t piece[50];
  memset(piece, 0x78, sizeof piece);
  CHECK(client.beginPublish("t", 200, true) == Error::OK);
  CHECK(heard(net, "31cb01000174"));
  CHECK(client.publish("u", "x") == Error::INVALID_ARGUMENT);
  for (uint8_t i = 0; i < 4; i++) CHECK(client.write(Bytes(piece, sizeof piece)) == Error::OK);
  CHECK(client.write("x") == Error::INVALID_ARGUMENT);
  CHECK(net.written().size == 200);
  net.taken();
  CHECK(client.endPublish() == Error::OK);
  CHECK(client.publish("u", "x") == Error::OK);
  CHECK(heard(net, "300400017578"));
  CHECK(client.beginPublish("t/#", 5) == Error::INVALID_ARGUMENT && client.rule() == Rule::topic_wildcard);
}

TEST("test_a_message_that_is_not_finished_ends_the_connection") {
  Net net;
  Small client(net, "a", "server");
  CHECK(client.beginPublish("t", 5) == Error::NOT_CONNECTED);
  CHECK(connected(net, client));
  CHECK(client.beginPublish("t", 5) == Error::OK);
  CHECK(client.write("abc") == Error::OK);
  CHECK(client.endPublish() == Error::INVALID_ARGUMENT);
  CHECK(client.getMqttsta() == 1);
}

CHECK_MAIN()
