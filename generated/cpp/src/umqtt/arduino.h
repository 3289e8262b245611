// A transport over any Arduino Client (WiFiClient, WiFiClientSecure, EthernetClient): only what all of them have, and setNoDelay() of those that have
// it, since a packet is one write. Their `connect` and `write` may take their time. TLS is the client's: a WiFiClientSecure without a CA connects nowhere unless setInsecure() was called on it.
#pragma once

#include <Arduino.h>
#include <Client.h>

#include "timers.h"
#include "transport.h"

namespace umqtt {

class ArduinoTransport : public Transport {
 public:
  /// The client stays the caller's.
  template <class Any> explicit ArduinoTransport(Any &client) : client_(client), hurry_(hurry<Any>), timeout_(0), open_(false) {}

  void connect(const char *host, uint16_t port, uint32_t timeout) override {
    timeout_ = timeout;
    client_.clearWriteError();
    open_ = client_.connect(host, port) == 1;
    if (open_) hurry_(client_);
  }
  State state() override { return open_ && client_.connected() ? OPEN : CLOSED; }
  uint32_t read(uint8_t *to, uint32_t size) override {
    uint32_t count = 0;
    while (open_ && count < size) { // where there is TLS, one record at a time
      const int ready = client_.available();
      const int more = ready > 0 ? client_.read(to + count, static_cast<size_t>(lesser(static_cast<uint32_t>(ready), size - count))) : 0;
      if (more <= 0) break;
      count += static_cast<uint32_t>(more);
    }
    return count;
  }
  bool write(const uint8_t *from, uint32_t size) override {
    for (const uint32_t start = now(); size > 0;) {
      const size_t count = client_.write(from, static_cast<size_t>(lesser(size, AT_ONCE)));
      from += count;
      size -= static_cast<uint32_t>(count);
      if (count > 0) continue;
      // An error may be a part that went out without being counted (WiFiNINA): it must not go out again.
      if (client_.getWriteError() || !client_.connected() || now() - start >= timeout_) return false;
      delay(1);
    }
    return true;
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
  template <class Any> static void hurry(::Client &client) { noDelay(static_cast<Any &>(client), 0); }
  template <class Any> static auto noDelay(Any &client, int) -> decltype(client.setNoDelay(true), void()) { client.setNoDelay(true); }
  static void noDelay(::Client &, long) {}

  /// WiFi101 takes no more; Ethernet would drop what is beyond 2048, and says it did not.
  static constexpr uint32_t AT_ONCE = 1400;

  ::Client &client_;
  void (*hurry_)(::Client &);
  uint32_t timeout_;
  bool open_;
};

} // namespace umqtt
