// The same test source on every board: TEST("name") { CHECK(…); } prints Unity's lines, which PlatformIO reads.
// Plain C++11 without a library, a 16-bit int included; one translation unit a test program. Leaves starting it to boot.sh.
#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(ARDUINO)
#include <Arduino.h>
#include <avr/sleep.h>
#else
#include <stdio.h>
#endif

namespace check {

struct Test {
  const char *name;
  int line;
  void (*body)();
  Test *next;
  static Test *&first() {
    static Test *head = nullptr;
    return head;
  }
  Test(const char *title, int at, void (*run)()) : name(title), line(at), body(run), next(nullptr) {
    Test **end = &first();
    while (*end) end = &(*end)->next;
    *end = this;
  }
};

inline int &failedLine() {
  static int line = 0;
  return line;
}
inline const char *&failedText() {
  static const char *text = nullptr;
  return text;
}

inline void fail(int line, const char *text) {
  if (failedLine()) return;
  failedLine() = line;
  failedText() = text;
}

inline void print(const char *text) {
#if defined(ARDUINO)
  Serial.print(text);
#else
  fputs(text, stdout);
#endif
}

inline void print(long number) {
  char digits[12];
  size_t at = sizeof digits - 1;
  digits[at] = 0;
  do digits[--at] = char('0' + number % 10);
  while (number /= 10);
  print(digits + at);
}

// file:line:name:PASS or file:line:name:FAIL: text
inline void run(const char *file) {
  long tests = 0, failures = 0;
  for (Test *test = Test::first(); test; test = test->next) {
    failedLine() = 0;
    test->body();
    const bool failed = failedLine() != 0;
    tests++;
    failures += failed;
    print(file), print(":"), print(long(failed ? failedLine() : test->line)), print(":"), print(test->name);
    if (failed) print(":FAIL: "), print(failedText()), print("\n");
    else print(":PASS\n");
  }
  print("-----------------------\n");
  print(tests), print(" Tests "), print(failures), print(" Failures 0 Ignored\n");
}

}  // namespace check

#define CHECK_JOIN_(a, b) a##b
#define CHECK_JOIN(a, b) CHECK_JOIN_(a, b)
#define TEST(name)                                                                                                \
  static void CHECK_JOIN(body, __LINE__)();                                                                       \
  static check::Test CHECK_JOIN(test, __LINE__)(name, __LINE__, CHECK_JOIN(body, __LINE__));                      \
  static void CHECK_JOIN(body, __LINE__)()

// The first one that fails is the test's; what follows still runs.
#define CHECK(condition)                                  \
  do {                                                    \
    if (!(condition)) check::fail(__LINE__, #condition);  \
  } while (0)

// Once, at the end of the file. Exit code 0 after failures: PlatformIO counts the lines, and would call anything else a crash.
#if defined(ARDUINO)
#define CHECK_MAIN()                                            \
  void setup() {                                                \
    Serial.begin(115200);                                       \
    check::run(__FILE__);                                       \
    Serial.flush();                                             \
    noInterrupts();                                             \
    sleep_enable();                                             \
    sleep_cpu(); /* ends simavr */                              \
  }                                                             \
  void loop() {}
#else
#define CHECK_MAIN()       \
  int main() {             \
    check::run(__FILE__);  \
    return 0;              \
  }
#endif
