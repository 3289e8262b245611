// Tests only: arduino-esp32's WiFiClient on an Arduino core without Wi-Fi, so that sketches written for an ESP32 compile and run here.
// The connection is UART 3, which simavr-serial wires to a TCP port: pin 22 dials and hangs up, pin 23 tells the carrier; host and port
// are the emulator's. Names and signatures of the 2.x line: WiFiClient.h with ESPLwIPClient as commit 4ce2cc3 (#3216) of arduino-esp32
// brought it; with ESP_ARDUINO_VERSION_MAJOR 3: libraries/Network/src/NetworkClient.h at commit 03e3bed, which WiFiClient then names.
// Read at these commits, not at release tags. Written anew, and only what a client of `Client &` needs. Not here: several connections
// at once (connect() fails while another client holds the wire).
#pragma once

#include <Arduino.h>
#include <Client.h>
#include <IPAddress.h>

#ifndef ESP_ARDUINO_VERSION_MAJOR
#define ESP_ARDUINO_VERSION_MAJOR 2
#endif

class ESPLwIPClient : public Client {
 public:
  virtual int connect(IPAddress ip, uint16_t port, int32_t timeout) = 0;
  virtual int connect(const char *host, uint16_t port, int32_t timeout) = 0;
#if ESP_ARDUINO_VERSION_MAJOR >= 3
  virtual void setConnectionTimeout(uint32_t milliseconds) = 0;
#else
  virtual int setTimeout(uint32_t seconds) = 0;
#endif
};

class WiFiClient : public ESPLwIPClient {
 public:
  WiFiClient() : timeout_(3000) {}
  ~WiFiClient() { stop(); }

  int connect(IPAddress, uint16_t port) { return dial(port, timeout_); }
  int connect(IPAddress, uint16_t port, int32_t timeout_ms) { return dial(port, timeout_ms); }
  int connect(const char *host, uint16_t port) { return host && *host ? dial(port, timeout_) : 0; }
  int connect(const char *host, uint16_t port, int32_t timeout_ms) { return host && *host ? dial(port, timeout_ms) : 0; }

  size_t write(uint8_t data) { return write(&data, 1); }
  size_t write(const uint8_t *buf, size_t size) { return connected() ? Serial3.write(buf, size) : 0; }
  using Print::write;

  int available() { return holder() == this ? Serial3.available() : 0; }
  int read() { return available() ? Serial3.read() : -1; }
  // As on the ESP32: -1 where there is nothing.
  int read(uint8_t *buf, size_t size) {
    size_t count = 0;
    while (count < size && available()) buf[count++] = uint8_t(Serial3.read());
    return count || !size ? int(count) : -1;
  }
  int peek() { return available() ? Serial3.peek() : -1; }
  // The worst of what the versions do: 2.x and, after #10242, 3.x discard what was received; 3.0.0 and, after #12613, later ones do
  // nothing. A library must not call it.
  void flush() { clear(); }
  void clear() {
    while (read() >= 0) {
    }
  }
  void stop() {
    if (holder() != this) return;
    holder() = nullptr;
    // Not Serial3.flush(): under simavr 1.6 the transmission's end may never be flagged.
    while (Serial3.availableForWrite() < SERIAL_TX_BUFFER_SIZE - 1) {
    }
    digitalWrite(DIAL_PIN, LOW);
  }
  // As on the ESP32: what was received before the end counts as connected.
  uint8_t connected() { return holder() == this && (digitalRead(CARRIER_PIN) || Serial3.available()); }
  operator bool() { return connected(); }

#if ESP_ARDUINO_VERSION_MAJOR >= 3
  void setConnectionTimeout(uint32_t milliseconds) { timeout_ = int32_t(milliseconds); }
#else
  int setTimeout(uint32_t seconds) {
    timeout_ = int32_t(seconds * 1000);
    return 0;
  }
#endif
  int setNoDelay(bool) { return 0; }
  IPAddress remoteIP() const { return IPAddress(127, 0, 0, 1); }

 private:
  enum { DIAL_PIN = 22, CARRIER_PIN = 23 };
  int32_t timeout_;

  static WiFiClient *&holder() {
    static WiFiClient *client = nullptr;
    return client;
  }

  int dial(uint16_t port, int32_t timeout_ms) {
    stop();
    if (holder() || !port) return 0;
    holder() = this;
    Serial3.begin(1000000);
    while (Serial3.read() >= 0) {
    }
    pinMode(CARRIER_PIN, INPUT);
    pinMode(DIAL_PIN, OUTPUT);
    digitalWrite(DIAL_PIN, HIGH);
    const uint32_t start = millis();
    while (!digitalRead(CARRIER_PIN) && uint32_t(millis() - start) < uint32_t(timeout_ms)) {
    }
    if (digitalRead(CARRIER_PIN)) return 1;
    stop();
    return 0;
  }
};

#if ESP_ARDUINO_VERSION_MAJOR >= 3
typedef WiFiClient NetworkClient;
#endif
