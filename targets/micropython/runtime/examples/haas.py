# The example of the umqtt document: one client, two topics, and an answer on the other topic to
# whatever comes.
#   python3 examples/haas.py [server] [port] [client id] [messages]
# On a board, where there are no arguments, the values below hold; connect to the network first.
import sys
import time

from umqtt.simple import MQTTClient

given = getattr(sys, "argv", [])[1:]
server, port, client_id, messages = given + ["127.0.0.1", "1883", "HaaSPython", "6"][len(given) :]
left = int(messages)  # it answers itself, so it would go on for ever


def sub_cb(topic, msg):
    global left
    print("From Topic:", topic, " Message:", msg)
    left -= 1
    if left == 0:
        return
    if topic == b"HaaSRegister":
        client.publish("HaaSUser", "Nice to meet you, HaaS Python User")
    if topic == b"HaaSUser":
        client.publish("HaaSRegister", "Hi, HaaS Python, I am coming")


client = MQTTClient(client_id, server, int(port))
client.set_callback(sub_cb)
client.connect()

client.subscribe("HaaSRegister")
client.subscribe("HaaSUser")

client.publish("HaaSRegister", "Hi, HaaS Python")

while left > 0:
    client.check_msg()
    time.sleep(0.05)
client.disconnect()
