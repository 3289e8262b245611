# An MQTT client for MicroPython and CPython: the client of the umqtt document, under a name that no
# firmware has frozen in.
from .client import MQTTClient, MQTTException
