// The example of the umqtt document: one client, two topics, and an answer on the other topic to whatever comes.
#include <WiFi.h>
#include <umqtt.h>

const char *const wifiSsid = "your network";
const char *const wifiPassword = "its password";

WiFiClient wifi;
umqtt::ArduinoTransport net(wifi);
umqtt::MQTTClient client(net, "HaaSCpp", "broker-cn.emqx.io", 1883);

void subCb(const umqtt::Publish &message, void *) {
  Serial.print("From Topic: ");
  Serial.write(message.topic.data, message.topic.size);
  Serial.print("  Message: ");
  Serial.write(message.payload.data, message.payload.size);
  Serial.println();
  if (message.topic == "HaaSRegister") client.publish("HaaSUser", "Nice to meet you, HaaS C++ User");
  if (message.topic == "HaaSUser") client.publish("HaaSRegister", "Hi, HaaS C++, I am coming");
}

void setup() {
  Serial.begin(115200);
  WiFi.begin(wifiSsid, wifiPassword);
  while (WiFi.status() != WL_CONNECTED) delay(500);

  client.setCallback(subCb);
  while (client.connect() != umqtt::Error::OK) delay(5000);

  client.subscribe("HaaSRegister");
  client.subscribe("HaaSUser");
  client.publish("HaaSRegister", "Hi, HaaS C++");
}

void loop() {
  client.checkMsg();
  delay(1000); // as the document has it: it answers itself, and a public server should not notice
}
