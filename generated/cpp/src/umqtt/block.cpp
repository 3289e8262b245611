// The memory of block.h's lists.
#include "block.h"

#include <stddef.h>

namespace umqtt {

Block::Block(Span memory) : edge(), count(), memory_(memory.data), end_(memory.data + memory.size) {
  edge[0] = edge[1] = edge[2] = memory_;
}

uint8_t *Block::add(uint8_t part, uint32_t size) {
  if (size > static_cast<uint32_t>(end_ - edge[2]) && edge[0] > memory_) {
    memmove(memory_, edge[0], static_cast<size_t>(edge[2] - edge[0]));
    const ptrdiff_t up = edge[0] - memory_;
    for (uint8_t *&e : edge) e -= up;
  }
  if (size > static_cast<uint32_t>(end_ - edge[2])) return nullptr;
  uint8_t *const room = edge[2];
  for (uint8_t i = part; i < 2; i++) edge[i + 1] += size;
  return room;
}

void Block::cut(uint8_t *at, uint32_t size) {
  if (at == edge[0]) { // the oldest goes first, as a rule: nothing has to move
    edge[0] += size;
    if (edge[1] < edge[0]) edge[1] = edge[0];
    return;
  }
  memmove(at, at + size, static_cast<size_t>(edge[2] - at - size));
  for (uint8_t *&e : edge)
    if (e > at) e -= size;
}

} // namespace umqtt
