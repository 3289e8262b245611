// A transport over any Arduino Client (WiFiClient, WiFiClientSecure, EthernetClient): only what all of them have, whose `connect` and `write` may
// take their time. TLS is the client's: a WiFiClientSecure without a CA connects nowhere unless setInsecure() was called on it.
#pragma once

#include <Arduino.h>
#include <Client.h>

#include "transport.h"

namespace umqtt {

class ArduinoTransport : public Transport {
 public:
  /// The client stays the caller's.
  explicit ArduinoTransport(::Client &client) : client_(client), timeout_(0), open_(false) {}

  void connect(const char *host, uint16_t port, uint32_t timeout) override {
    timeout_ = timeout;
    open_ = client_.connect(host, port) == 1;
  }
  State state() override { return open_ && client_.connected() ? OPEN : CLOSED; }
  uint32_t read(uint8_t *to, uint32_t size) override {
    const int ready = open_ ? client_.available() : 0;
    if (ready <= 0) return 0;
    const int count = client_.read(to, static_cast<uint32_t>(ready) < size ? static_cast<size_t>(ready) : static_cast<size_t>(size));
    return count > 0 ? static_cast<uint32_t>(count) : 0;
  }
  bool write(const uint8_t *from, uint32_t size) override {
    for (const uint32_t start = now();;) {
      const size_t count = client_.write(from, static_cast<size_t>(size));
      from += count;
      size -= static_cast<uint32_t>(count);
      if (size == 0) return true;
      if (count == 0 && (now() - start >= timeout_ || !client_.connected())) return false;
      delay(1);
    }
  }
  void close() override {
    if (open_) client_.stop();
    open_ = false;
  }
  uint32_t now() override { return static_cast<uint32_t>(millis()); }
  /// By delays, in which an ESP32's other tasks run and its watchdog is fed.
  void wait(uint32_t ms) override {
    const uint32_t start = now();
    do delay(1);
    while (!client_.available() && now() - start < (ms < 50 ? ms : 50));
  }

 private:
  ::Client &client_;
  uint32_t timeout_;
  bool open_;
};

} // namespace umqtt
