// The example of the umqtt document, the same on every board: two topics, and an answer on the other topic to whatever comes. The board brings the
// network and `say`, its console.
#pragma once

#include <umqtt.h>

/// Writes to the board's console.
void say(umqtt::Text text);

class Haas {
 public:
  /// It answers itself, so it would go on for ever: it stops answering after so many messages.
  Haas(umqtt::MQTTClientBase &client, uint32_t messages) : client_(client), left_(messages) {
    client.setCallback(subCb, this);
    client.onProgress(progress, this);
  }

  umqtt::Error start(bool cleanSession = true) {
    umqtt::Error error = client_.connect(cleanSession);
    if (error == umqtt::Error::OK) error = client_.subscribe("HaaSRegister");
    if (error == umqtt::Error::OK) error = client_.subscribe("HaaSUser");
    if (error == umqtt::Error::OK) error = client_.publish("HaaSRegister", "Hi, HaaS C++");
    if (error != umqtt::Error::OK) sayNumber("error ", static_cast<uint16_t>(error));
    return error;
  }
  bool done() const { return left_ == 0; }

  static void sayNumber(const char *text, uint32_t number) {
    char digits[12] = "";
    char *at = digits + sizeof digits - 1;
    *--at = '\n';
    uint8_t size = 1;
    do ++size, *--at = static_cast<char>('0' + number % 10);
    while (number /= 10);
    say(text);
    say(umqtt::Text(at, size));
  }

 private:
  static void subCb(const umqtt::Publish &message, void *self) {
    say("From Topic: ");
    say(message.topic);
    say("  Message: ");
    say(message.payload);
    say("\n");
    static_cast<Haas *>(self)->answer(message.topic);
  }
  void answer(umqtt::Text topic) {
    if (left_ == 0 || --left_ == 0) return;
    if (topic == "HaaSRegister") client_.publish("HaaSUser", "Nice to meet you, HaaS C++ User");
    if (topic == "HaaSUser") client_.publish("HaaSRegister", "Hi, HaaS C++, I am coming");
  }
  static void progress(umqtt::Progress event, uint32_t detail, void *) {
    switch (event) {
      case umqtt::Progress::Connected: return say("connected\n");
      case umqtt::Progress::Lost: return sayNumber("lost, error ", detail);
      case umqtt::Progress::Reconnecting: return sayNumber("connecting again, in ms: ", detail);
      case umqtt::Progress::Ended: return sayNumber("ended, error ", detail);
      case umqtt::Progress::Skipped: return sayNumber("skipped a message, bytes: ", detail);
    }
  }

  umqtt::MQTTClientBase &client_;
  uint32_t left_;
};
