// MQTT 3.1 and 3.1.1 for ESP32, Arduino and everything with sockets: umqtt::MQTTClient (umqtt/client.h) and the transports for it.
#pragma once

#include "umqtt/client.h"
#include "umqtt/socket.h"
#if defined(ARDUINO)
#include "umqtt/arduino.h"
#endif
