// The example of the umqtt document on a host: one client, two topics, and an answer on the other topic to whatever comes.
//   haas [server] [port] [client id] [messages]
#include <stdio.h>
#include <stdlib.h>
#include <umqtt.h>

using umqtt::Error;

static umqtt::SocketTransport net;
static int left = 6; // it answers itself, so it would go on for ever

static void subCb(const umqtt::Publish &message, void *context) {
  umqtt::MQTTClient &client = *static_cast<umqtt::MQTTClient *>(context);
  printf("From Topic: %.*s  Message: %.*s\n", int(message.topic.size), reinterpret_cast<const char *>(message.topic.data), int(message.payload.size),
         reinterpret_cast<const char *>(message.payload.data));
  if (--left == 0) return;
  if (message.topic == "HaaSRegister") client.publish("HaaSUser", "Nice to meet you, HaaS C++ User");
  if (message.topic == "HaaSUser") client.publish("HaaSRegister", "Hi, HaaS C++, I am coming");
}

int main(int count, char **words) {
  umqtt::MQTTClient client(net, count > 3 ? words[3] : "HaaSCpp", count > 1 ? words[1] : "127.0.0.1", count > 2 ? uint16_t(atoi(words[2])) : 1883);
  if (count > 4) left = atoi(words[4]);

  client.setCallback(subCb, &client);
  Error error = client.connect();
  if (error == Error::OK) error = client.subscribe("HaaSRegister");
  if (error == Error::OK) error = client.subscribe("HaaSUser");
  if (error == Error::OK) error = client.publish("HaaSRegister", "Hi, HaaS C++");
  while (error == Error::OK && left > 0) error = client.waitMsg(10000);
  client.disconnect();
  if (error != Error::OK) fprintf(stderr, "error %d\n", int(error));
  return error == Error::OK ? 0 : 1;
}
