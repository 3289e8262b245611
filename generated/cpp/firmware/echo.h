// The example's answers for one partner and at every QoS: a message on HaaSUser/<id>/<qos> comes back on HaaSRegister/<id>/<qos>, until one that says
// "bye". With a kept session, so that nothing is lost or comes twice while connections come and go.
#pragma once

#include <stdio.h>
#include <umqtt.h>

/// Answers one partner.
class Echo {
 public:
  Echo(umqtt::MQTTClientBase &client, const char *id) : client_(client), id_(id), done_(false) {
    client.setCallback(subCb, this);
    client.onProgress(progress, this);
  }
  umqtt::Error start() {
    umqtt::Error error = client_.connect(false);
    char filter[48];
    for (uint8_t qos = 0; qos <= 2 && error == umqtt::Error::OK; qos++) {
      snprintf(filter, sizeof filter, "HaaSUser/%s/%u", id_, unsigned(qos));
      error = client_.subscribe(filter, qos);
    }
    return error;
  }
  bool done() const { return done_; }

 private:
  static void subCb(const umqtt::Publish &message, void *self) { static_cast<Echo *>(self)->answer(message); }
  void answer(const umqtt::Publish &message) {
    const uint8_t qos = static_cast<uint8_t>(message.topic.data[message.topic.size - 1] - '0');
    printf("got %u %.*s\n", unsigned(qos), int(message.payload.size), reinterpret_cast<const char *>(message.payload.data));
    char topic[48];
    snprintf(topic, sizeof topic, "HaaSRegister/%s/%u", id_, unsigned(qos));
    const umqtt::Error error = client_.publish(topic, message.payload, false, qos);
    if (error != umqtt::Error::OK) printf("error %d\n", int(error));
    if (message.payload == "bye") done_ = true;
  }
  static void progress(umqtt::Progress event, uint32_t detail, void *) { printf("progress %u %lu\n", unsigned(event), static_cast<unsigned long>(detail)); }

  umqtt::MQTTClientBase &client_;
  const char *id_;
  bool done_;
};

inline int runEcho(umqtt::MQTTClientBase &client, const char *id) {
  Echo partner(client, id);
  client.config().reconnectDelay = 100;
  client.config().connectTimeout = 3000;
  const umqtt::Error error = partner.start();
  printf("started %d\n", int(error));
  fflush(stdout);
  if (error != umqtt::Error::OK) return 1;
  while (!partner.done() || client.inflight() + client.queued() > 0) client.waitMsg(100);
  client.disconnect();
  return 0;
}
