// What a client needs of the machine under it: a connection, a clock and a way to wait. Implementations: socket.h (POSIX, lwIP), arduino.h (any
// Arduino Client), memory.h (tests). Nothing here may call the client.
#pragma once

#include "span.h"

namespace umqtt {

class Transport {
 public:
  enum State : uint8_t { CLOSED, OPENING, OPEN };

  /// Begins to connect; `state` says what came of it. One that cannot do so in the background may take so many ms.
  virtual void connect(const char *host, uint16_t port, uint32_t timeout) = 0;
  /// CLOSED also where the other side closed, or connecting failed. Asked only where `read` has nothing.
  virtual State state() = 0;
  /// What has come, at most `size` bytes; 0: nothing now. Never waits.
  virtual uint32_t read(uint8_t *to, uint32_t size) = 0;
  /// All of it, in one piece where that is possible; false: the connection is broken.
  virtual bool write(const uint8_t *from, uint32_t size) = 0;
  /// Closes; what was written still goes out. Whatever the state.
  virtual void close() = 0;

  /// Milliseconds on a clock that only goes forward, modulo 2^32.
  virtual uint32_t now() = 0;
  /// Waits until something can be read or has changed, at most so many ms; it may return early.
  virtual void wait(uint32_t ms) = 0;

 protected:
  ~Transport() = default;
};

} // namespace umqtt
