// Messages larger than any buffer: received in pieces, as an update is, and published in pieces, as a picture is.
#include <WiFi.h>
#include <umqtt.h>

WiFiClient wifi;
umqtt::ArduinoTransport net(wifi);
umqtt::MQTTClientOf<512> client(net, "camera-1", "broker.example"); // messages up to about 512 bytes come whole

void onMessage(const umqtt::Publish &message, void *) {
  Serial.write(message.payload.data, message.payload.size);
  Serial.println();
}

// One that is sent again begins at 0 again; the last piece comes once.
void onChunk(const umqtt::Publish &message, uint32_t offset, uint32_t total, void *) {
  if (offset == 0) Serial.println("an update begins");
  // write message.payload.data, message.payload.size to flash
  if (offset + message.payload.size == total) Serial.println("and is complete");
}

void publishPicture(uint32_t size) {
  uint8_t piece[128];
  memset(piece, 0xff, sizeof piece); // from the camera
  if (client.beginPublish("camera/1/picture", size) != umqtt::Error::OK) return;
  while (size > 0) {
    const uint32_t now = size < sizeof piece ? size : sizeof piece;
    if (client.write(umqtt::Bytes(piece, now)) != umqtt::Error::OK) return;
    size -= now;
  }
  client.endPublish();
}

void setup() {
  Serial.begin(115200);
  WiFi.begin("your network", "its password");
  while (WiFi.status() != WL_CONNECTED) delay(500);

  client.setKeepalive(60);
  client.setCallback(onMessage);
  client.setChunkCallback(onChunk);
  while (client.connect() != umqtt::Error::OK) delay(5000);
  client.subscribe("camera/1/update", 1);
  publishPicture(30000);
}

void loop() {
  client.checkMsg();
  delay(10);
}
