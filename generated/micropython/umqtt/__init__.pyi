# The document's name for umqtt_haas.
from umqtt_haas import MQTTClient as MQTTClient, MQTTException as MQTTException
