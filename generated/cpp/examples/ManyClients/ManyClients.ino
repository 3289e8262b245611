// Two clients at once, a bridge between two servers; each has memory of its own, here less than the default.
#include <WiFi.h>
#include <umqtt.h>

WiFiClient wifiNear, wifiFar;
umqtt::ArduinoTransport netNear(wifiNear), netFar(wifiFar);
umqtt::MQTTClientOf<512, 256, 512, 256, 32> nearby(netNear, "bridge", "192.168.0.2");
umqtt::MQTTClientOf<512, 256, 512, 256, 32> faraway(netFar, "bridge-1", "broker.example");

// The other client is the context.
void pass(const umqtt::Publish &message, void *to) {
  static_cast<umqtt::MQTTClientBase *>(to)->publish(message.topic, message.payload, message.retain, 1);
}

void setup() {
  Serial.begin(115200);
  WiFi.begin("your network", "its password");
  while (WiFi.status() != WL_CONNECTED) delay(500);

  nearby.setKeepalive(60);
  faraway.setKeepalive(60);
  nearby.setCallback(pass, static_cast<umqtt::MQTTClientBase *>(&faraway));
  faraway.setCallback(pass, static_cast<umqtt::MQTTClientBase *>(&nearby));
  while (nearby.connect() != umqtt::Error::OK) delay(5000);
  while (faraway.connect() != umqtt::Error::OK) delay(5000);
  nearby.subscribe("sensors/#", 1);
  faraway.subscribe("commands/#", 1);
}

void loop() {
  nearby.checkMsg();
  faraway.checkMsg();
  delay(10);
}
