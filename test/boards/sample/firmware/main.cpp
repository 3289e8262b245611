// The stand-in firmware: says "hello" on the board's wire, prints what comes back with its checksum, and ends. On mega by the WiFi
// shim, twice, so that hanging up and dialling again is tried too, or with SAMPLE_SERIAL on Serial itself, Serial1 being the console;
// on native there is no wire.
#include <sample.h>

static const uint8_t hello[] = {'h', 'e', 'l', 'l', 'o'};

#if defined(ARDUINO)
#include <Arduino.h>
#include <WiFi.h>
#include <WiFiClientSecure.h>
#include <avr/sleep.h>

static void exchange(WiFiClient &net) {
  if (!net.connect("127.0.0.1", 1883)) {
    Serial.println("refused");
    return;
  }
  uint8_t answer[sizeof hello];
  size_t have = 0;
  net.write(hello, sizeof hello);
  while (have < sizeof answer && net.connected()) {
    const int more = net.read(answer + have, sizeof answer - have);
    if (more > 0) have += size_t(more);
  }
  Serial.print("wire ");
  Serial.println(checksum(answer, have));
  net.stop();
}

static void end() {
  noInterrupts();
  sleep_enable();
  sleep_cpu();
}

#if defined(SAMPLE_SERIAL)
void setup() {
  uint8_t answer[sizeof hello];
  Serial.begin(115200);
  Serial1.begin(115200);
  Serial.setTimeout(5000);
  Serial.write(hello, sizeof hello);
  const size_t have = Serial.readBytes(answer, sizeof answer);
  Serial1.print("wire ");
  Serial1.println(checksum(answer, have));
  Serial1.flush();
  end();
}
#else
void setup() {
  Serial.begin(115200);
  WiFi.begin("network", "password");
  Serial.println(WiFi.status() == WL_CONNECTED ? "wifi" : "no wifi");
  WiFiClient plain;
  exchange(plain);
  WiFiClientSecure secure;
  exchange(secure);  // neither a CA nor setInsecure(): must not connect
  secure.setInsecure();
  exchange(secure);
  Serial.flush();
  end();
}
#endif

void loop() {}

#elif defined(BOARD_RV32IMC)
#include <board.h>
#include <stdio.h>

int main() {
  uint8_t answer[sizeof hello];
  size_t have = 0;
  board::wireDial(0);
  board::wireWrite(hello, sizeof hello);
  for (const uint32_t start = board::millis(); have < sizeof answer && board::millis() - start < 5000; board::idle())
    have += board::wireRead(answer + have, sizeof answer - have);
  printf("wire %u\n", unsigned(checksum(answer, have)));
  return 0;
}

#else
#include <stdio.h>

int main() {
  printf("no wire %u\n", unsigned(checksum(hello, sizeof hello)));
  return 0;
}
#endif
