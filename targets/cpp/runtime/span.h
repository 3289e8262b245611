// Texts, bytes, lists and values that may be absent: views of memory that belongs to others. Nothing here allocates or copies.
#pragma once

#include <stdint.h>
#include <string.h>

/// Before a function that is called from one place: it becomes part of that place, as a compiler that saw the whole program would decide.
/// And before one that must not, for its stack would be everyone's.
#if defined(__GNUC__)
#define UMQTT_ONCE inline __attribute__((always_inline))
#define UMQTT_APART __attribute__((noinline))
#else
#define UMQTT_ONCE inline
#define UMQTT_APART
#endif

namespace umqtt {

/// So many bytes at an address. An absent one points nowhere; a present one may be empty.
struct Bytes {
  const uint8_t *data;
  uint32_t size;

  Bytes() : data(nullptr), size(0) {}
  Bytes(const void *at, uint32_t length) : data(static_cast<const uint8_t *>(at)), size(length) {}
  /// A C string; nullptr is absent. Where the compiler sees which it is, it counts.
  UMQTT_ONCE Bytes(const char *text) : data(reinterpret_cast<const uint8_t *>(text)), size(text ? static_cast<uint32_t>(strlen(text)) : 0) {}

  bool present() const { return data != nullptr; }
  const uint8_t *begin() const { return data; }
  const uint8_t *end() const { return data + size; }
  bool contains(char c) const { return contains(c, c); }
  /// Whether one of two characters is in it.
  bool contains(char a, char b) const {
    for (const uint8_t c : *this)
      if (c == a || c == b) return true;
    return false;
  }
  bool operator==(const Bytes &other) const { return size == other.size && (size == 0 || memcmp(data, other.data, size) == 0); }
  bool operator!=(const Bytes &other) const { return !(*this == other); }
};
/// UTF-8, with its length and without a zero at its end.
typedef Bytes Text;

/// Memory of the caller's to write in.
struct Span {
  uint8_t *data;
  uint32_t size;
};

/// Items one behind the other.
template <class T> struct List {
  const T *items;
  uint32_t count;

  List() : items(nullptr), count(0) {}
  List(const T *first, uint32_t many) : items(first), count(many) {}
  const T *begin() const { return items; }
  const T *end() const { return items + count; }
  const T &operator[](uint32_t i) const { return items[i]; }
};
/// A list of one; use it in the expression that makes it.
template <class T> List<T> one(const T &item) { return List<T>(&item, 1); }

/// The items of a list, the last one first.
template <class T> struct Backwards {
  struct Iterator {
    const T *behind;
    const T &operator*() const { return behind[-1]; }
    bool operator!=(const Iterator &other) const { return behind != other.behind; }
    void operator++() { --behind; }
  };
  List<T> list;
  Iterator begin() const { return Iterator{list.end()}; }
  Iterator end() const { return Iterator{list.begin()}; }
};
template <class T> Backwards<T> backwards(const List<T> &list) { return Backwards<T>{list}; }

/// A value that may be absent: all zero then.
template <class T> struct Optional : T {
  bool isPresent;

  // cppcheck-suppress uninitDerivedMemberVar
  Optional() : T(), isPresent(false) {}
  // cppcheck-suppress uninitDerivedMemberVar
  Optional(const T &value) : T(value), isPresent(true) {}
  bool present() const { return isPresent; }
  void set(const T &value) {
    static_cast<T &>(*this) = value;
    isPresent = true;
  }
  void clear() { memset(static_cast<void *>(this), 0, sizeof *this); }
};

} // namespace umqtt
