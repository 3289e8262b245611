// A client on a transport in memory, and what the server of a test says and hears, in hex. For the folders beside this file.
#pragma once

#include <umqtt.h>
#include <umqtt/memory.h>

#include "check.h"

namespace bench {

using namespace umqtt;

typedef MemoryTransport<256> Net;
typedef MQTTClientOf<64, 128, 256, 128, 16> Small;

inline uint8_t nibble(char c) { return static_cast<uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10); }

/// The server says so.
inline void say(Net &net, const char *hex) {
  for (; *hex; hex += 2) {
    const uint8_t byte = static_cast<uint8_t>(nibble(hex[0]) << 4 | nibble(hex[1]));
    net.give(&byte, 1);
  }
}
/// Whether exactly this was written since the last question.
inline bool heard(Net &net, const char *hex) {
  const Bytes written = net.written();
  bool same = written.size == strlen(hex) / 2;
  for (uint32_t i = 0; same && i < written.size; i++) same = written.data[i] == static_cast<uint8_t>(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
  net.taken();
  return same;
}

/// A server that answers each wait with the next line of a script.
struct Script {
  const char *const *lines;
  uint8_t count;
  uint8_t at;
};
inline void play(Net &net, void *context) {
  Script &script = *static_cast<Script *>(context);
  if (script.at < script.count) say(net, script.lines[script.at++]);
}
template <uint8_t n> Script script(const char *const (&lines)[n]) { return Script{lines, n, 0}; }
inline void serve(Net &net, Script &script) {
  net.served = [](MemoryTransport<256> &of, void *context) { play(of, context); };
  net.context = &script;
}

/// What the callbacks were told.
struct Seen {
  uint8_t messages, errors, progresses, pieces;
  char topic[24];
  uint8_t payload[24];
  uint32_t size;
  Error error;
  Progress progress;
  uint32_t detail, offset, total;
};
inline void onMessage(const Publish &message, void *context) {
  Seen &seen = *static_cast<Seen *>(context);
  ++seen.messages;
  memset(seen.topic, 0, sizeof seen.topic);
  memcpy(seen.topic, message.topic.data, message.topic.size < sizeof seen.topic ? message.topic.size : sizeof seen.topic - 1);
  seen.size = message.payload.size;
  memcpy(seen.payload, message.payload.data, seen.size < sizeof seen.payload ? seen.size : sizeof seen.payload);
}
inline void onError(Error error, void *context) {
  Seen &seen = *static_cast<Seen *>(context);
  ++seen.errors;
  seen.error = error;
}
inline void onProgress(Progress progress, uint32_t detail, void *context) {
  Seen &seen = *static_cast<Seen *>(context);
  ++seen.progresses;
  seen.progress = progress;
  seen.detail = detail;
}
inline void listen(MQTTClientBase &client, Seen &seen) {
  seen = Seen();
  client.setCallback(onMessage, &seen);
  client.onError(onError, &seen);
  client.onProgress(onProgress, &seen);
}

/// Connected without waiting, the CONNECT heard.
inline bool connected(Net &net, MQTTClientBase &client, bool cleanSession = true, const char *connack = "20020000") {
  if (client.connect(cleanSession, Wait::No) != Error::OK) return false;
  client.checkMsg();
  net.taken();
  say(net, connack);
  client.checkMsg();
  return client.connected();
}

} // namespace bench
