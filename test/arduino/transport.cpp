// ArduinoTransport over clients that have the habits of real ones, as their sources show them: WiFiClient and WiFiClientSecure of arduino-esp32
// 2.0.17 and 3.2.0, EthernetClient 2.0.2, WiFiNINA 2.1.0, WiFi101 0.16.1. Prints what fails.
#define ARDUINO 10819

#include <umqtt.h>

#include <stdio.h>
#include <string>
#include <type_traits>
#include <vector>

// A sketch's objects are global: with a destructor each would be registered for a program's end that never comes.
static_assert(std::is_trivially_destructible<umqtt::MQTTClient>::value && std::is_trivially_destructible<umqtt::ArduinoTransport>::value, "");

static int failures = 0;
#define CHECK(condition) ((condition) ? void() : (void)(++failures, printf("%s:%d: %s\n", __func__, __LINE__, #condition)))

/// A connection whose other side is the test's.
struct Peer : Client {
  std::vector<std::string> in; // what came; with TLS each is a record
  std::string out;
  bool open = false, closed = false; // by us; by them

  int connect(const char *, uint16_t) override { return open = true; }
  size_t write(const uint8_t *buf, size_t size) override {
    out.append(reinterpret_cast<const char *>(buf), size);
    return size;
  }
  int available() override { return in.empty() ? 0 : static_cast<int>(in[0].size()); }
  /// -1 where there is nothing.
  int read(uint8_t *buf, size_t size) override {
    if (in.empty()) return -1;
    const size_t count = in[0].copy(reinterpret_cast<char *>(buf), size);
    in[0].erase(0, count);
    if (in[0].empty()) in.erase(in.begin());
    return static_cast<int>(count);
  }
  void stop() override { open = false; }
  uint8_t connected() override { return open && !closed; } // although something is left, as NetworkClient 3.x
  using Client::setWriteError;
};

/// So many bytes, none like its neighbours.
static std::string bytes(size_t size) {
  std::string all;
  while (all.size() < size) all += static_cast<char>(all.size() * 7 + all.size() / 256);
  return all;
}
static bool write(umqtt::ArduinoTransport &net, const std::string &all) {
  return net.write(reinterpret_cast<const uint8_t *>(all.data()), static_cast<uint32_t>(all.size()));
}

static void readsSeveralRecords() {
  Peer tls;
  umqtt::ArduinoTransport net(tls);
  net.connect("host", 1, 1000);
  tls.in = {"one", "two", "three"};
  uint8_t to[9];
  CHECK(net.read(to, sizeof to) == 9 && !memcmp(to, "onetwothr", 9));
  CHECK(net.read(to, sizeof to) == 2 && net.read(to, sizeof to) == 0);
  CHECK(net.state() == umqtt::Transport::OPEN);
}

static void readsWhatCameBeforeTheClose() {
  static int messages, lost;
  Peer wifi;
  umqtt::ArduinoTransport net(wifi);
  umqtt::MQTTClient client(net, "id", "server");
  client.setReconn(false);
  client.setCallback([](const umqtt::Publish &, void *) { ++messages; });
  client.onError([](umqtt::Error error, void *) { lost += error == umqtt::Error::CONNECTION_LOST; });
  CHECK(client.connect(true, umqtt::Wait::No) == umqtt::Error::OK);
  client.checkMsg();
  wifi.in = {std::string("\x20\x02\0\0\x30\x04\0\x01tx", 10), std::string("\x30\x04\0\x01ty", 6)};
  wifi.closed = true;
  const uint32_t before = clockMs();
  client.checkMsg();
  client.checkMsg();
  CHECK(messages == 2 && lost == 1);
  CHECK(clockMs() == before); // it never waits
}

static void writesInPiecesThatAllTake() {
  struct : Peer {
    size_t write(const uint8_t *buf, size_t size) override {
      Peer::write(buf, size < 2048 ? size : 2048); // the W5500's memory of a socket
      return size;
    }
  } ethernet;
  struct : Peer {
    size_t write(const uint8_t *buf, size_t size) override { return size > 1400 ? 0 : Peer::write(buf, size); }
  } wifi101;
  for (Peer *peer : {static_cast<Peer *>(&ethernet), static_cast<Peer *>(&wifi101)}) {
    umqtt::ArduinoTransport net(*peer);
    net.connect("host", 1, 1000);
    CHECK(write(net, bytes(70000)) && peer->out == bytes(70000));
  }
}

static void writesNothingTwice() {
  struct : Peer {
    size_t write(const uint8_t *buf, size_t size) override {
      if (Peer::write(buf, size)) setWriteError(); // it went, but nobody said so in time
      return 0;
    }
  } nina;
  umqtt::ArduinoTransport net(nina);
  net.connect("host", 1, 1000);
  CHECK(!write(net, "abc") && nina.out == "abc");
  net.connect("host", 1, 1000);
  CHECK(!nina.getWriteError());
}

static void sendsAtOnce() {
  struct : Peer {
    int times = 0;
    void setNoDelay(bool on) { times += on; }
  } wifi;
  umqtt::ArduinoTransport net(wifi), asAny(static_cast<Client &>(wifi));
  CHECK(wifi.times == 0); // only on a connection
  net.connect("host", 1, 1000);
  CHECK(wifi.times == 1);
  asAny.connect("host", 1, 1000);
  CHECK(wifi.times == 1);
}

static void waitsForRoom() {
  struct : Peer {
    uint32_t roomAt = 0;
    size_t write(const uint8_t *buf, size_t size) override { return clockMs() < roomAt ? 0 : Peer::write(buf, size < 100 ? size : 100); }
  } wifi;
  umqtt::ArduinoTransport net(wifi);
  net.connect("host", 1, 1000);
  wifi.roomAt = clockMs() + 500;
  CHECK(write(net, bytes(250)) && wifi.out == bytes(250));
  wifi.roomAt = clockMs() + 5000;
  const uint32_t before = clockMs();
  CHECK(!write(net, "abc") && clockMs() - before == 1000);
  wifi.closed = true;
  CHECK(!write(net, "abc") && clockMs() - before == 1000);
}

int main() {
  readsSeveralRecords();
  readsWhatCameBeforeTheClose();
  writesInPiecesThatAllTake();
  writesNothingTwice();
  sendsAtOnce();
  waitsForRoom();
  return failures != 0;
}
