// Exactly once, in both directions and across lost connections: the server keeps the session (connect(false)), the client what it has not been told
// is there. Needs a client id of its own that does not change.
#include <WiFi.h>
#include <umqtt.h>

WiFiClient wifi;
umqtt::ArduinoTransport net(wifi);
umqtt::MQTTClientOf<2048, 512, 4096> client(net, "meter-12345678", "broker.example"); // 4 KB for what is on its way

uint32_t reading;

void onMessage(const umqtt::Publish &message, void *) {
  Serial.write(message.payload.data, message.payload.size); // comes once, however often the connection was lost
  Serial.println();
}

void onProgress(umqtt::Progress progress, uint32_t detail, void *) {
  if (progress == umqtt::Progress::Connected) Serial.println(detail ? "the server kept the session" : "a new session");
  if (progress == umqtt::Progress::Lost) Serial.println("connection lost; what is on its way is sent again later");
}

void setup() {
  Serial.begin(115200);
  WiFi.begin("your network", "its password");
  while (WiFi.status() != WL_CONNECTED) delay(500);

  client.setKeepalive(60);
  client.setCallback(onMessage);
  client.onProgress(onProgress);
  while (client.connect(false) != umqtt::Error::OK) delay(5000);
  client.subscribe("meters/12345678/commands", 2);
}

void loop() {
  client.checkMsg();
  static uint32_t last;
  if (millis() - last < 10000) return;
  last = millis();
  char text[16];
  ultoa(reading, text, 10);
  // Kept until the server has it, also while there is no connection; QUEUE_FULL says that the memory for it is used up.
  if (client.publish("meters/12345678/reading", text, false, 2, umqtt::Wait::No) == umqtt::Error::OK) ++reading;
}
