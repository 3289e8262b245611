# The name that the document's example imports.
from umqtt_haas import MQTTClient as MQTTClient, MQTTException as MQTTException
