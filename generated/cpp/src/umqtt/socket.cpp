// The sockets of socket.h: never blocking, and without Nagle's delay, since a packet is one write.
#include "socket.h"

#ifdef UMQTT_HAS_SOCKETS

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

namespace umqtt {

namespace {

bool later(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

} // namespace

void SocketTransport::connect(const char *host, uint16_t port, uint32_t timeout) {
  close();
  timeout_ = timeout;
  error_ = 0;
  char service[6];
  snprintf(service, sizeof service, "%u", static_cast<unsigned>(port));
  addrinfo hints = addrinfo();
  hints.ai_socktype = SOCK_STREAM;
  const int answer = getaddrinfo(host, service, &hints, &found_);
  if (answer != 0) {
    found_ = nullptr;
    error_ = answer < 0 ? answer : -answer;
    return;
  }
  next_ = found_;
  tryNext();
}

/// A name may have an address of IPv6 where the server listens on IPv4 only.
void SocketTransport::tryNext() {
  for (; next_ && socket_ < 0; next_ = next_->ai_next) {
    socket_ = ::socket(next_->ai_family, next_->ai_socktype, next_->ai_protocol);
    if (socket_ < 0) {
      error_ = errno;
      continue;
    }
    const int on = 1;
    fcntl(socket_, F_SETFL, fcntl(socket_, F_GETFL, 0) | O_NONBLOCK);
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket_, next_->ai_addr, next_->ai_addrlen) != 0 && errno != EINPROGRESS) fail(errno);
  }
}

Transport::State SocketTransport::state() {
  if (socket_ < 0) return CLOSED;
  if (open_) return OPEN;
  if (!waitFor(true, 0)) return OPENING;
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error == 0) {
    open_ = true;
    forget();
    return OPEN;
  }
  fail(error);
  tryNext();
  return socket_ < 0 ? CLOSED : OPENING;
}

uint32_t SocketTransport::read(uint8_t *to, uint32_t size) {
  if (socket_ < 0) return 0;
  const ssize_t count = recv(socket_, to, size, 0);
  if (count == 0) fail(0);
  if (count < 0 && !later(errno)) fail(errno);
  return count > 0 ? static_cast<uint32_t>(count) : 0;
}

bool SocketTransport::write(const uint8_t *from, uint32_t size) {
  for (const uint32_t start = now(); size > 0;) {
    const ssize_t count = socket_ < 0 ? -1 : ::send(socket_, from, size, MSG_NOSIGNAL);
    if (count > 0) {
      from += count;
      size -= static_cast<uint32_t>(count);
      continue;
    }
    if (socket_ < 0 || !later(errno)) break;
    const uint32_t spent = now() - start;
    if (spent >= timeout_ || !waitFor(true, timeout_ - spent)) break;
  }
  return size == 0;
}

void SocketTransport::close() {
  fail(error_);
  forget();
}

void SocketTransport::forget() {
  if (found_) freeaddrinfo(found_);
  found_ = next_ = nullptr;
}

uint32_t SocketTransport::now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint32_t>(time.tv_sec) * 1000u + static_cast<uint32_t>(time.tv_nsec / 1000000);
}

void SocketTransport::wait(uint32_t ms) {
  waitFor(socket_ >= 0 && !open_, ms);
}

/// Until the socket can be read or written, at most so many ms; without a socket it is just the time.
bool SocketTransport::waitFor(bool writing, uint32_t ms) {
  pollfd watched = {socket_, static_cast<short>(writing ? POLLOUT : POLLIN), 0};
  return poll(&watched, 1, static_cast<int>(ms)) > 0;
}

void SocketTransport::fail(int error) {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  open_ = false;
  error_ = error;
}

} // namespace umqtt

#endif
