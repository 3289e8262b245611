// A sketch without any network library: Serial itself is the connection (the emulator wires it to the broker), as an Arduino Client, and Serial1 the
// console. It runs the document's example and ends.
#include <Arduino.h>
#include <Client.h>
#include <avr/sleep.h>

#include "../../../../generated/cpp/firmware/haas.h"

class SerialClient : public Client {
 public:
  int connect(IPAddress, uint16_t) { return open_ = true; }
  int connect(const char *, uint16_t) { return open_ = true; }
  size_t write(uint8_t byte) { return Serial.write(byte); }
  size_t write(const uint8_t *from, size_t size) { return Serial.write(from, size); }
  int available() { return Serial.available(); }
  int read() { return Serial.read(); }
  int read(uint8_t *to, size_t size) {
    size_t count = 0;
    while (count < size && Serial.available()) to[count++] = uint8_t(Serial.read());
    return count > 0 ? int(count) : -1;
  }
  int peek() { return Serial.peek(); }
  void flush() {}
  void stop() { open_ = false; }
  uint8_t connected() { return open_; }
  operator bool() { return open_; }

 private:
  bool open_ = false;
};

static SerialClient serial;
static umqtt::ArduinoTransport net(serial);
static umqtt::MQTTClient client(net, "HaaSSerial", "wire");
static Haas haas(client, 6);

void say(umqtt::Text text) { Serial1.write(text.data, text.size); }

void setup() {
  Serial.begin(115200);
  Serial1.begin(115200);
  haas.start();
}

void loop() {
  if (!haas.done() && client.connected()) return client.checkMsg();
  client.disconnect();
  Serial1.flush();
  noInterrupts();
  sleep_enable();
  sleep_cpu();
}
