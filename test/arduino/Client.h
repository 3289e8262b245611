// Tests only: the part of Arduino's Client (and of the Print and Stream under it) that all cores agree on. Written anew after ArduinoCore-API 1.5.2.
#pragma once

#include "Arduino.h"

class Client {
 public:
  virtual int connect(const char *host, uint16_t port) = 0;
  virtual size_t write(const uint8_t *buf, size_t size) = 0;
  virtual int available() = 0;
  virtual int read(uint8_t *buf, size_t size) = 0;
  virtual void stop() = 0;
  virtual uint8_t connected() = 0;

  int getWriteError() { return writeError_; }
  void clearWriteError() { writeError_ = 0; }

 protected:
  void setWriteError(int error = 1) { writeError_ = error; }
  ~Client() {}

 private:
  int writeError_ = 0;
};
