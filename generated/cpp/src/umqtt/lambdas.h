// Callbacks that are anything callable, where the platform has std::function (an AVR has not): umqtt::WithLambdas<umqtt::MQTTClient>. What they
// capture may be on the heap; the client itself uses none.
#pragma once

#include <functional>

#include "client.h"

namespace umqtt {

template <class Client> class WithLambdas : public Client {
 public:
  using Client::Client;

  void onMessage(std::function<void(const Publish &)> callback) {
    message_ = std::move(callback);
    Client::setCallback(message_ ? [](const Publish &m, void *self) { static_cast<WithLambdas *>(self)->message_(m); } : MessageCallback(nullptr), this);
  }
  void onError(std::function<void(Error)> callback) {
    error_ = std::move(callback);
    Client::errorRegisterCb(error_ ? [](Error e, void *self) { static_cast<WithLambdas *>(self)->error_(e); } : ErrorCallback(nullptr), this);
  }
  void onProgress(std::function<void(Progress, uint32_t)> callback) {
    progress_ = std::move(callback);
    Client::onProgress(progress_ ? [](Progress p, uint32_t n, void *self) { static_cast<WithLambdas *>(self)->progress_(p, n); } : ProgressCallback(nullptr), this);
  }

 private:
  std::function<void(const Publish &)> message_;
  std::function<void(Error)> error_;
  std::function<void(Progress, uint32_t)> progress_;
};

} // namespace umqtt
