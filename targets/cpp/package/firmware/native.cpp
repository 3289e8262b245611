// The firmware's program on a host: haas.h on sockets. The server's port is the environment's UMQTT_LINK, as `pio run -e native -t upload
// --upload-port 1883` gives it.
#if defined(BOARD_NATIVE)

#include <stdio.h>
#include <stdlib.h>

#include "haas.h"

static umqtt::SocketTransport net;

void say(umqtt::Text text) { fwrite(text.data, 1, text.size, stdout); }

int main() {
  const char *const port = getenv("UMQTT_LINK");
  umqtt::MQTTClient client(net, "HaaSCpp", "127.0.0.1", port ? static_cast<uint16_t>(atoi(port)) : 1883);
  Haas haas(client, 6);
  if (haas.start() != umqtt::Error::OK) return 1;
  while (!haas.done() && client.waitMsg(10000) == umqtt::Error::OK) {
  }
  client.disconnect();
  return haas.done() ? 0 : 1;
}

#endif
