// Messages that fit no memory, for client.h: received in pieces, published in pieces. Linked only where it is used.
#include "client.h"

namespace umqtt {

/// A `piece` before the last one is still to be read, and `left` has not come; otherwise it is `last`, and `length` the remaining length of the packet.
void MQTTClientBase::handPiece(MQTTClientBase &self, const Reader *piece, const Publish *last, uint32_t length, uint32_t left) {
  Publish message = last ? *last : Publish();
  if (piece) {
    length = piece->length();
    Reader in = piece->again();
    decodePublish(in, in.first(), message);
    if (!self.connected()) return;
#ifdef UMQTT_HAS_QOS2
    if (message.qos == 2 && self.receivedHas(message.packetId)) return; // delivered already
#endif
  }
  Writer measure;
  encodePublish(measure, message, self.level());
  const uint32_t total = length - (measure.length() - message.payload.size);
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
  packet.payload = Bytes(nullptr, lesser(length, wire::largest)); // is still to come
  Writer out(Span{config_.memory.tx.data, config_.memory.tx.size + packet.payload.size});
  refused = invalid(encodePublish(out, packet, level()));
  if (refused != Error::OK) return refused;
  if (out.length() > config_.maxPacketSize || out.written().size == 0) return Error::PACKET_TOO_LARGE;
  if (!connected()) return Error::NOT_CONNECTED;
  stream_ = length;
  Session::write(Bytes(out.written().data, out.size() - length));
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
