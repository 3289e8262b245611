// What each board must have for the client to be right on it. Knows nothing of the client: its tests are the folders beside this one.
#include "../check.h"

#include <string.h>

TEST("test_int_has_the_width_the_board_is_named_for") {
#if defined(ARDUINO_ARCH_AVR)
  CHECK(sizeof(int) == 2);
#else
  CHECK(sizeof(int) == 4);
#endif
  CHECK(sizeof(uint32_t) == 4);
}

TEST("test_static_data_is_initialised") {
  static const char text[] = "dev/12345678/temp";
  static uint16_t ids[] = {1, 65535};
  CHECK(strlen(text) == 17);
  CHECK(uint16_t(ids[1] + 1) == 0);
  CHECK(ids[0] == 1);
}

TEST("test_milliseconds_wrap_as_unsigned_32_bits") {
  volatile uint32_t before = 0xfffffff0u;
  CHECK(uint32_t(16u - before) == 32);
}

CHECK_MAIN()
