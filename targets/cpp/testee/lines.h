// The words of the line protocol: hex, numbers, lists, `name=value`, and how they are printed. C headers only: a testee runs on boards too.
#pragma once

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"

#ifndef TESTEE_ROOM
#define TESTEE_ROOM (288u << 20) // bytes for the values of requests, and for each buffer of the client; pages not used cost nothing
#endif

/// What is wrong with a request: the first thing found, printed as `bad …`.
extern char objection[128];
inline bool refuse(const char *what, const char *name = "") {
  if (objection[0] == 0) snprintf(objection, sizeof objection, "bad %s%s", what, name);
  return false;
}

/// Appends to the answer; it goes out when the request is done, unless the request turns out to be none.
__attribute__((format(printf, 1, 2))) void print(const char *format, ...);
void print(umqtt::Bytes value);

/// Memory for values; what a client keeps stays until the next `new`.
uint8_t *allocate(uint32_t size);
inline int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

/// `00ff@3`: hex, then so many bytes 78.
inline umqtt::Bytes bytesOf(const char *text, const char *name) {
  const size_t digits = strspn(text, "0123456789abcdef");
  const char *more = text + digits;
  const unsigned long long count = *more == '@' ? strtoull(more + 1, nullptr, 10) : 0;
  const bool counted = *more == 0 || (*more == '@' && more[1] != 0 && strspn(more + 1, "0123456789") == strlen(more + 1));
  if (digits % 2 != 0 || !counted) return refuse("value ", name), umqtt::Bytes("");
  if (digits / 2 + count > TESTEE_ROOM) return refuse("too_long"), umqtt::Bytes("");
  const uint32_t size = static_cast<uint32_t>(digits / 2 + count);
  uint8_t *const data = allocate(size);
  if (!data) return umqtt::Bytes("");
  for (size_t i = 0; i < digits / 2; i++) data[i] = static_cast<uint8_t>(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
  memset(data + digits / 2, 0x78, size - digits / 2);
  return umqtt::Bytes(data, size);
}
/// At most the largest number that 32 bits hold.
inline uint32_t numberOf(const char *text, const char *name) {
  const size_t length = strlen(text);
  if (length == 0 || length > 10 || strspn(text, "0123456789") != length) return refuse("value ", name), 0;
  const unsigned long long value = strtoull(text, nullptr, 10);
  return value > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(value);
}
inline bool flagOf(const char *text, const char *name) {
  if (strcmp(text, "0") == 0 || strcmp(text, "1") == 0) return text[0] == '1';
  return refuse("value ", name);
}

/// The words of a request, `name=value` from some place on. Each is asked for by name; what nobody asked for is unknown.
class Words {
 public:
  static const int MOST = 64;

  explicit Words(char *line) : count_(0), used_() {
    for (char *at = line; at && count_ < MOST;) {
      word_[count_++] = at;
      at = strchr(at, ' ');
      if (at) *at++ = 0;
    }
  }
  /// The word at a place, "" behind the last.
  const char *at(int i) const { return i < count_ ? word_[i] : ""; }
  int count() const { return count_; }
  /// From here on words are `name=value`.
  void from(int first) { first_ = first; }

  /// The value of a name, nullptr where it is not given.
  const char *find(const char *name) {
    const size_t length = strlen(name);
    const char *value = nullptr;
    for (int i = first_; i < count_; i++) {
      if (strncmp(word_[i], name, length) != 0 || (word_[i][length] != '=' && word_[i][length] != 0)) continue;
      if (value || word_[i][length] == 0) refuse("value ", name);
      used_[i] = true;
      value = word_[i] + length + (word_[i][length] == '=');
    }
    return value;
  }
  const char *need(const char *name) {
    const char *const value = find(name);
    if (!value) refuse("missing ", name);
    return value ? value : "";
  }
  bool has(const char *prefix) const {
    for (int i = first_; i < count_; i++)
      if (strncmp(word_[i], prefix, strlen(prefix)) == 0) return true;
    return false;
  }
  umqtt::Bytes bytes(const char *name) { return bytesOf(need(name), name); }
  umqtt::Bytes maybe(const char *name) {
    const char *const value = find(name);
    return value ? bytesOf(value, name) : umqtt::Bytes();
  }
  uint32_t number(const char *name, uint32_t otherwise) {
    const char *const value = find(name);
    return value ? numberOf(value, name) : otherwise;
  }
  bool flag(const char *name, bool otherwise) {
    const char *const value = find(name);
    return value ? flagOf(value, name) : otherwise;
  }
  /// True where every word was asked for and nothing was wrong. An unknown one comes before anything else that is.
  bool done() {
    for (int i = first_; i < count_; i++) {
      if (used_[i]) continue;
      objection[0] = 0;
      word_[i][strcspn(word_[i], "=")] = 0;
      return refuse("unknown ", word_[i]);
    }
    return objection[0] == 0;
  }

 private:
  char *word_[MOST];
  int count_;
  int first_ = 0;
  bool used_[MOST];
};

/// Cuts the next item off a list, at `mark`; false at its end.
inline bool nextItem(char *&rest, char mark, char *&item) {
  if (!rest) return false;
  item = rest;
  rest = strchr(rest, mark);
  if (rest) *rest++ = 0;
  return true;
}
inline umqtt::Bytes itemBytes(const char *text, const char *name) { return bytesOf(strcmp(text, "-") == 0 ? "" : text, name); }
/// A copy that may be cut up.
inline char *copied(const char *text) {
  const size_t size = strlen(text) + 1;
  return static_cast<char *>(memcpy(allocate(static_cast<uint32_t>(size)), text, size));
}

inline unsigned long plain(uint32_t value) { return value; }

void answerSession(Words &words);
