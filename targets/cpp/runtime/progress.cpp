// What onProgress is told, for client.h. Linked only where it is used.
#include "client.h"

namespace umqtt {

/// What has changed since it was told last, or, where `skipped` is not 0, that a message of this length was skipped.
void MQTTClientBase::tellProgress(MQTTClientBase &self, uint32_t skipped) {
  if (skipped > 0) return self.tell(Progress::Skipped, skipped);
  const int8_t before = self.told_;
  const int8_t status = self.told_ = self.mqttsta();
  if (before != status) {
    if (status == 0) self.tell(Progress::Connected, self.present());
    else if (status != 1 || before == 0) self.tell(status == 1 ? Progress::Lost : Progress::Ended, static_cast<uint32_t>(self.reason()));
  }
#ifdef UMQTT_HAS_RECONNECT
  const bool waits = self.armed(Timer::Reconnect);
  if (waits && !self.waitTold_) self.tell(Progress::Reconnecting, self.wait(self.clock(), INT32_MAX));
  self.waitTold_ = waits;
#endif
}

void MQTTClientBase::tell(Progress progress, uint32_t detail) {
  const bool before = busy_;
  busy_ = true;
  progress_.call(progress, detail, progress_.context);
  busy_ = before;
}

} // namespace umqtt
