// Messages that fit no memory, for client.h: received in pieces, published in pieces. Linked only where it is used.
#include "client.h"

namespace umqtt {

/// A piece before the last one is `frame`, still to be read; otherwise it is `last`. `length` is the remaining length of the packet.
void MQTTClientBase::handPiece(MQTTClientBase &self, const Frame *frame, const Publish *last, uint32_t length) {
  Publish message = last ? *last : Publish();
  if (frame) {
    Reader in(frame->data, frame->header, frame->length, frame->have);
    decodePublish(in, frame->data[0], message);
    if (!self.connected()) return;
#ifdef UMQTT_HAS_QOS2
    if (message.qos == 2 && self.receivedHas(message.packetId)) return; // delivered already
#endif
  }
  const uint32_t total = length - (sizePublish(message) - message.payload.size);
  const uint32_t left = frame ? frame->left : 0;
  self.busy_ = true;
  self.chunks_.call(message, total - left - message.payload.size, total, self.chunks_.context);
  self.busy_ = false;
}

Error MQTTClientBase::beginPublish(Text topic, uint32_t length, bool retain) {
  Error refused = begin(Wait::No);
  if (refused != Error::OK) return refused;
  Publish packet = Publish();
  packet.retain = retain;
  packet.topic = topic;
  refused = invalid(rulePublish(packet, config_.version));
  if (refused != Error::OK) return refused;
  const uint32_t before = sizePublish(packet);
  const uint32_t room = tx_.size;
  // The header as the codec writes it, for an empty message; then room is made for the length that it really has.
  Writer out(tx_);
  encodePublish(out, packet);
  const Bytes head = out.written();
  const uint32_t header = frameSize(before + length) - (before + length);
  if (length > config_.maxPacketSize - before || header + before > room || head.size == 0) return Error::PACKET_TOO_LARGE;
  if (!connected()) return Error::NOT_CONNECTED;
  uint8_t *const frame = const_cast<uint8_t *>(head.data); // ours
  const uint8_t first = *frame;
  memmove(frame + header, frame + head.size - before, before);
  Writer(Span{frame, header}).begin(first, before + length);
  stream_ = length;
  Session::write(Bytes(frame, header + before));
  return streamed();
}

Error MQTTClientBase::write(Bytes piece) {
  if (link_ != Link::Streaming) return Error::NOT_CONNECTED;
  if (piece.size > stream_) return Error::INVALID_ARGUMENT;
  if (piece.size == 0) return Error::OK;
  link_ = Link::Open;
  begin(Wait::No);
  stream_ -= piece.size;
  Session::write(piece);
  return streamed();
}

Error MQTTClientBase::endPublish() {
  if (link_ != Link::Streaming) return Error::NOT_CONNECTED;
  link_ = stream_ > 0 ? Link::Broken : Link::Open;
  return finish(stream_ > 0 ? Error::INVALID_ARGUMENT : Error::OK);
}

/// After a write: what was begun goes on, unless the connection broke.
Error MQTTClientBase::streamed() {
  if (link_ == Link::Broken) return finish(Error::CONNECTION_LOST);
  link_ = Link::Streaming;
  return Error::OK;
}

} // namespace umqtt
