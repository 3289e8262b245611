// A transport in memory, with a clock that only moves when it is told to or waited for: tests of an application play the server with it.
#pragma once

#include "transport.h"

namespace umqtt {

template <uint32_t capacity = 1024> class MemoryTransport : public Transport {
 public:
  explicit MemoryTransport(uint32_t now = 0) : now_(now) {}

  /// What the next attempt to connect leads to, and what the connection is now.
  State next = OPEN;
  /// Writes fail.
  bool broken = false;
  /// Called in `wait`: the server's turn. What it gives is read afterwards.
  void (*served)(MemoryTransport &, void *context) = nullptr;
  void *context = nullptr;
  uint32_t writes = 0;
  uint32_t connects = 0;

  void give(const void *bytes, uint32_t size) {
    if (size > capacity - inSize_) size = capacity - inSize_;
    memcpy(in_ + inSize_, bytes, size);
    inSize_ += size;
  }
  /// The server closes: what it gave can still be read.
  void end() { state_ = CLOSED; }
  /// What was written since `taken`.
  Bytes written() const { return Bytes(out_, outSize_); }
  void taken() { outSize_ = 0; }
  void advance(uint32_t ms) { now_ += ms; }

  void connect(const char *, uint16_t, uint32_t) override {
    ++connects;
    state_ = next;
    inSize_ = outSize_ = 0;
  }
  State state() override { return state_; }
  uint32_t read(uint8_t *to, uint32_t size) override {
    if (size > inSize_) size = inSize_;
    memcpy(to, in_, size);
    inSize_ -= size;
    memmove(in_, in_ + size, inSize_);
    return size;
  }
  bool write(const uint8_t *from, uint32_t size) override {
    if (broken || state_ != OPEN || size > capacity - outSize_) return false;
    memcpy(out_ + outSize_, from, size);
    outSize_ += size;
    ++writes;
    return true;
  }
  void close() override { state_ = CLOSED; }
  uint32_t now() override { return now_; }
  void wait(uint32_t ms) override {
    if (served) served(*this, context);
    if (inSize_ == 0) now_ += ms;
  }

 private:
  State state_ = CLOSED;
  uint32_t now_;
  uint32_t inSize_ = 0;
  uint32_t outSize_ = 0;
  uint8_t in_[capacity];
  uint8_t out_[capacity];
};

} // namespace umqtt
