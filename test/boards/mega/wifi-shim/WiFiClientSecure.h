// Tests only: arduino-esp32's WiFiClientSecure without TLS, so that sketches that use it compile; it connects only when told how to
// verify, or that it need not. Names and signatures: libraries/WiFiClientSecure/src/WiFiClientSecure.h of arduino-esp32's 2.x line at
// commit a8c2e42 and libraries/NetworkClientSecure/src/NetworkClientSecure.h of 3.x at commit 1941c05, whose second name
// WiFiClientSecure is. Written anew.
#pragma once

// In 3.x it no longer brings WiFi.h along (discussion #9496): a sketch includes both.
#include "WiFiClient.h"
#if ESP_ARDUINO_VERSION_MAJOR < 3
#include "WiFi.h"
#endif

class WiFiClientSecure : public WiFiClient {
 public:
  WiFiClientSecure() : verifiable_(false) {}

  int connect(IPAddress ip, uint16_t port) { return verifiable_ ? WiFiClient::connect(ip, port) : 0; }
  int connect(IPAddress ip, uint16_t port, int32_t timeout) { return verifiable_ ? WiFiClient::connect(ip, port, timeout) : 0; }
  int connect(const char *host, uint16_t port) { return verifiable_ ? WiFiClient::connect(host, port) : 0; }
  int connect(const char *host, uint16_t port, int32_t timeout) { return verifiable_ ? WiFiClient::connect(host, port, timeout) : 0; }

  void setInsecure() { verifiable_ = true; }
  void setCACert(const char *rootCA) { verifiable_ = rootCA != nullptr; }
#if ESP_ARDUINO_VERSION_MAJOR >= 3
  void setCACertBundle(const uint8_t *bundle, size_t) { verifiable_ = bundle != nullptr; }
#else
  void setCACertBundle(const uint8_t *bundle) { verifiable_ = bundle != nullptr; }
#endif
  void setPreSharedKey(const char *pskIdent, const char *psKey) { verifiable_ = pskIdent && psKey; }
  void setCertificate(const char *) {}
  void setPrivateKey(const char *) {}
  void setHandshakeTimeout(unsigned long) {}
  void setAlpnProtocols(const char **) {}
  int lastError(char *buf, const size_t size) {
    if (size) *buf = 0;
    return 0;
  }

 private:
  bool verifiable_;
};

#if ESP_ARDUINO_VERSION_MAJOR >= 3
typedef WiFiClientSecure NetworkClientSecure;
#endif
