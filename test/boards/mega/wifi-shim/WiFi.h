// Tests only: as much of arduino-esp32's WiFi object as a station sketch uses. Begun, it is connected: what carries the bytes is the
// emulator's wire (WiFiClient.h). Names, signatures and values: libraries/WiFi/src of arduino-esp32, for 2.x WiFiSTA.h at commit 0eb6f2b,
// WiFiGeneric.h at a8bf41f and WiFiType.h at 084c9ec, for 3.x WiFiSTA.h at acf6c7b; their common part but for disconnect()'s third
// parameter in 3.x. Written anew.
#pragma once

#include "WiFiClient.h"

typedef enum {
  WL_NO_SHIELD = 255,
  WL_IDLE_STATUS = 0,
  WL_NO_SSID_AVAIL = 1,
  WL_SCAN_COMPLETED = 2,
  WL_CONNECTED = 3,
  WL_CONNECT_FAILED = 4,
  WL_CONNECTION_LOST = 5,
  WL_DISCONNECTED = 6
} wl_status_t;

typedef enum { WIFI_MODE_NULL = 0, WIFI_MODE_STA, WIFI_MODE_AP, WIFI_MODE_APSTA } wifi_mode_t;
#define WiFiMode_t wifi_mode_t
#define WIFI_OFF WIFI_MODE_NULL
#define WIFI_STA WIFI_MODE_STA

class WiFiClass {
 public:
  wl_status_t begin(const char *ssid, const char *passphrase = nullptr, int32_t channel = 0, const uint8_t *bssid = nullptr, bool connect = true) {
    (void)passphrase, (void)channel, (void)bssid;
    begun() = connect && ssid && *ssid;
    return status();
  }
  wl_status_t begin() {
    begun() = true;
    return status();
  }
  wl_status_t status() { return begun() ? WL_CONNECTED : WL_DISCONNECTED; }
  bool isConnected() { return begun(); }
  bool reconnect() { return begun() = true; }
#if ESP_ARDUINO_VERSION_MAJOR >= 3
  bool disconnect(bool = false, bool = false, unsigned long = 100) {
#else
  bool disconnect(bool = false, bool = false) {
#endif
    begun() = false;
    return true;
  }
  uint8_t waitForConnectResult(unsigned long = 60000) { return uint8_t(status()); }
  bool setAutoReconnect(bool) { return true; }
  bool getAutoReconnect() { return true; }
  static bool mode(wifi_mode_t) { return true; }
  void persistent(bool) {}
  bool setSleep(bool) { return true; }
  static bool setHostname(const char *) { return true; }
  IPAddress localIP() { return begun() ? IPAddress(127, 0, 0, 1) : IPAddress(0, 0, 0, 0); }
  String macAddress() { return String("02:00:00:00:00:01"); }
  String SSID() const { return String("emulated"); }
  int8_t RSSI() { return begun() ? -50 : 0; }

 private:
  // One for all translation units, although the object below is each one's own.
  static bool &begun() {
    static bool is = false;
    return is;
  }
};

static WiFiClass WiFi __attribute__((unused));
