// The firmware's program on a host: haas.h on sockets, or, with a client id as its argument, echo.h. The server's port is the environment's UMQTT_LINK, as `pio run -e native -t upload
// --upload-port 1883` gives it.
#if defined(BOARD_NATIVE)

#include <stdio.h>
#include <stdlib.h>

#include "echo.h"
#include "haas.h"

static umqtt::SocketTransport net;

void say(umqtt::Text text) { fwrite(text.data, 1, text.size, stdout); }

int main(int count, char **words) {
  setvbuf(stdout, nullptr, _IOLBF, 0);
  const char *const link = getenv("UMQTT_LINK");
  const uint16_t port = link ? static_cast<uint16_t>(atoi(link)) : 1883;
  if (count > 1) {
    umqtt::MQTTClientOf<2048, 512, 4096> client(net, words[1], "127.0.0.1", port);
    return runEcho(client, words[1]);
  }
  umqtt::MQTTClient client(net, "HaaSCpp", "127.0.0.1", port);
  Haas haas(client, 6);
  if (haas.start() != umqtt::Error::OK) return 1;
  while (!haas.done() && client.waitMsg(10000) == umqtt::Error::OK) {
  }
  client.disconnect();
  return haas.done() ? 0 : 1;
}

#endif
