// The memory of block.h's lists.
#include "block.h"

#include <stddef.h>

namespace umqtt {

Block::Block(Span span) : edge(), count(), found(span.data), memory(span.data), end(span.data + span.size) { edge[0] = edge[1] = edge[2] = memory; }

uint8_t *Block::add(uint8_t part, uint32_t size) {
  if (size > static_cast<uint32_t>(end - edge[2])) { // room may be at the front
    const size_t up = static_cast<size_t>(edge[0] - memory);
    memmove(memory, edge[0], static_cast<size_t>(edge[2] - edge[0]));
    for (uint8_t *&e : edge) e -= up;
    found = memory;
    if (size > static_cast<uint32_t>(end - edge[2])) return nullptr;
  }
  uint8_t *const room = edge[2];
  edge[2] += size;
  if (part == 0) edge[1] = edge[2];
  ++count[part];
  return room;
}

uint8_t *Block::remove(uint8_t part, void *record, uint32_t size) {
  uint8_t *const at = static_cast<uint8_t *>(record);
  --count[part];
  const bool oldest = at == edge[0]; // then it is the list that begins later
  cut(at, size);
  return oldest ? edge[0] : at;
}

void Block::cut(uint8_t *at, uint32_t size) {
  found = memory; // where it was something else may stand
  if (at == edge[0]) { // the oldest goes first, as a rule: nothing has to move
    edge[0] += size;
    if (edge[1] < edge[0]) edge[1] = edge[0];
    return;
  }
  memmove(at, at + size, static_cast<size_t>(edge[2] - at) - size);
  if (edge[1] > at) edge[1] -= size;
  edge[2] -= size;
}

} // namespace umqtt
