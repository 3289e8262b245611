// No call waits: connecting, publishing and subscribing go on in loop(), and callbacks tell what came of them. (Opening the TCP connection is the
// WiFiClient's, which does wait, a few seconds at most.)
#include <WiFi.h>
#include <umqtt.h>

using umqtt::Wait;

WiFiClient wifi;
umqtt::ArduinoTransport net(wifi);
umqtt::MQTTClient client(net, "HaaSCpp", "broker.example");

uint32_t tried;

void onProgress(umqtt::Progress progress, uint32_t detail, void *) {
  switch (progress) {
    case umqtt::Progress::Connected:
      Serial.println("connected");
      if (!detail) client.subscribe("commands", 1, Wait::No); // inside a callback no call waits anyway
      break;
    case umqtt::Progress::Reconnecting:
      Serial.print("again in ms: ");
      Serial.println(detail);
      break;
    case umqtt::Progress::Ended:
      Serial.print("ended with error ");
      Serial.println(detail);
      break;
    default:
      break;
  }
}

void onMessage(const umqtt::Publish &message, void *) { client.publish("echo", message.payload, false, 1); }

void setup() {
  Serial.begin(115200);
  WiFi.begin("your network", "its password");
  client.setKeepalive(60);
  client.setCallback(onMessage);
  client.onProgress(onProgress);
}

void loop() {
  // Status 1 is connecting, and waiting to reconnect; the first attempt is ours to repeat.
  if (WiFi.status() == WL_CONNECTED && client.status() == -1 && (tried == 0 || millis() - tried > 5000)) {
    tried = millis();
    client.connect(true, Wait::No);
  }
  client.loop();
  // what else the sketch has to do
}
