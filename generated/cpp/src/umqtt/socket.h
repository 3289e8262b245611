// A transport on sockets: POSIX systems, and lwIP (ESP-IDF). Looking up a name may take its time; all else happens in the background.
#pragma once

#include "transport.h"

// Not where Arduino is: there arduino.h is the transport, and what lwIP's headers define stays out of sketches.
#if (defined(__unix__) || defined(__APPLE__) || defined(ESP_PLATFORM)) && !defined(ARDUINO)
#define UMQTT_HAS_SOCKETS

struct addrinfo;

namespace umqtt {

class SocketTransport : public Transport {
 public:
  SocketTransport() : found_(nullptr), next_(nullptr), socket_(-1), open_(false), timeout_(0), error_(0) {}
  ~SocketTransport() { SocketTransport::close(); }

  void connect(const char *host, uint16_t port, uint32_t timeout) override;
  State state() override;
  uint32_t read(uint8_t *to, uint32_t size) override;
  /// Waits, as long as connecting may take, where the system has no room.
  bool write(const uint8_t *from, uint32_t size) override;
  void close() override;
  uint32_t now() override;
  void wait(uint32_t ms) override;

  /// The system's errno of what failed last, or getaddrinfo's answer, which is negative here.
  int error() const { return error_; }

 private:
  SocketTransport(const SocketTransport &);
  void operator=(const SocketTransport &);
  void tryNext();
  void forget();
  bool waitFor(bool writing, uint32_t ms);
  void fail(int error);

  addrinfo *found_; // the addresses of a name, until one of them has connected
  addrinfo *next_;  // the one to be tried when that at hand fails
  int socket_;
  bool open_;
  uint32_t timeout_;
  int error_;
};

} // namespace umqtt

#endif
