// The firmware for ESP32 (and whatever has Arduino's WiFi): joins the network, runs haas.h, and comes back from the loss of either. Nothing in
// loop() waits for long, so that no watchdog barks.
#if defined(ARDUINO)

#include <Arduino.h>
#include <WiFi.h>

#include "haas.h"

#if defined(__AVR__)
#include <avr/sleep.h>
#endif

#if !defined(UMQTT_WIFI_SSID) || !defined(UMQTT_WIFI_PASSWORD) || !defined(UMQTT_SERVER)
#error "No Wi-Fi network or server: write secrets.ini beside platformio.ini, or give the build flags UMQTT_WIFI_SSID, UMQTT_WIFI_PASSWORD, UMQTT_SERVER"
#endif
#ifndef UMQTT_PORT
#define UMQTT_PORT 0
#endif
#ifndef UMQTT_MESSAGES
#define UMQTT_MESSAGES UINT32_MAX
#endif

static const uint32_t WIFI_MS = 20000; // joining takes its time, and another begin() would start it over
static const uint32_t SERVER_MS = 5000;

static WiFiClient wifi;
static umqtt::ArduinoTransport net(wifi);
static umqtt::MQTTClient client(net, "HaaSCpp", UMQTT_SERVER, UMQTT_PORT);
static Haas haas(client, UMQTT_MESSAGES);
static uint32_t tried;

void say(umqtt::Text text) { Serial.write(text.data, text.size); }

/// Whether the last attempt, at the network or at the server, is so many ms ago.
static bool due(uint32_t after) {
  if (millis() - tried < after) return false;
  tried = millis();
  return true;
}

static bool online() {
  static bool before = false;
  const bool now = WiFi.status() == WL_CONNECTED;
  if (now != before) say(now ? "Wi-Fi connected\n" : "Wi-Fi lost\n");
  if (now != before) tried = millis() - WIFI_MS; // at once
  before = now;
  if (!now && due(WIFI_MS)) WiFi.begin(UMQTT_WIFI_SSID, UMQTT_WIFI_PASSWORD);
  return now;
}

/// After UMQTT_MESSAGES: the emulator takes a sleep without interrupts for the end.
static void end() {
  client.disconnect();
  Serial.flush();
#if defined(__AVR__)
  noInterrupts();
  sleep_enable();
  sleep_cpu();
#endif
}

void setup() {
  Serial.begin(115200);
  WiFi.mode(WIFI_STA);
#ifdef UMQTT_USER
#ifndef UMQTT_PASSWORD
#define UMQTT_PASSWORD nullptr
#endif
  client.setUser(UMQTT_USER, UMQTT_PASSWORD);
#endif
  client.setKeepalive(60);
  tried = millis() - WIFI_MS;
}

void loop() {
  if (online()) {
    if (haas.done()) end();
    else if (client.getMqttsta() == 0 || client.getMqttsta() == 1) client.checkMsg();
    else if (due(SERVER_MS)) haas.start();
  }
  delay(1000); // as the document has it: it answers itself, and a public server should not notice
}

#endif
