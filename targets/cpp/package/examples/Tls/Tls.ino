// TLS: the WiFiClientSecure is handed over like any other client. It connects to nobody unless it knows whom to trust.
#include <WiFi.h>
#include <WiFiClientSecure.h>
#include <umqtt.h>

const char *const ca = // the certificate of the authority that signed the server's, in PEM
    "-----BEGIN CERTIFICATE-----\n"
    "...\n"
    "-----END CERTIFICATE-----\n";

WiFiClientSecure wifi;
umqtt::ArduinoTransport net(wifi);
umqtt::MQTTClient client(net, "HaaSCpp", "broker.example", 8883);

void setup() {
  Serial.begin(115200);
  WiFi.begin("your network", "its password");
  while (WiFi.status() != WL_CONNECTED) delay(500);

  wifi.setCACert(ca); // chain and name are verified; dates are not, unless the core was built with MBEDTLS_HAVE_TIME_DATE
  // wifi.setInsecure();   would trust everybody; only where that is meant
#ifdef ESP32
  wifi.setHandshakeTimeout(20); // s; by default it may take 120, and nothing else runs meanwhile
#endif

  client.setKeepalive(60);
  client.setUser("user", "password");
  client.setLastWill("clients/HaaSCpp", "gone", true, 1);
  const umqtt::Error error = client.connect();
  if (error != umqtt::Error::OK) {
    Serial.print("error ");
    Serial.println(int(error));
    return;
  }
  client.publish("clients/HaaSCpp", "here", true, 1);
}

void loop() {
  client.checkMsg();
  delay(10);
}
