// Included before a program that reads standard input with getchar: on this board that is semihosting, read in blocks.
#pragma once

#include <stdio.h>

#include "board.h"

inline int boardGetchar() {
  static char block[4096];
  static size_t size = 0, at = 0;
  if (at == size) {
    at = 0;
    size = board::input(block, sizeof block);
    if (size == 0) return EOF;
  }
  return static_cast<unsigned char>(block[at++]);
}
#undef getchar
#define getchar boardGetchar
