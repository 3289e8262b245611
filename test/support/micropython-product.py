# Plays scenarios (/scenarios.json) on the module as a board has it: through its public API, over sockets and a clock that are the
# scenario's. A call that would wait is interrupted where it begins to: it goes on in check_msg. Prints what differs.
import json
import sys
from errno import EAGAIN, ECONNREFUSED, ECONNRESET, EINPROGRESS


class Waiting(Exception):
    """Raised where the client would wait."""


class World:
    def __init__(self, clock):
        self.clock = clock
        self.lines = []
        self.delivered = []
        self.sock = None


world = World(0)


class Socket:
    def __init__(self, *kind):
        self.data = b""
        self.open = self.gone = False

    def setblocking(self, flag):
        pass

    def connect(self, address):
        world.sock = self
        world.lines.append("dial")
        raise OSError(EINPROGRESS)

    def readinto(self, buffer):
        if self.data:
            count = min(len(buffer), len(self.data))
            buffer[:count] = self.data[:count]
            self.data = self.data[count:]
            return count
        if self.gone:
            raise OSError(ECONNRESET if self.open else ECONNREFUSED)
        raise OSError(EAGAIN)

    def write(self, data):
        if self.gone or not self.open:
            raise OSError(ECONNRESET)
        world.lines.append("send " + bytes(data).hex())
        return len(data)

    def close(self):
        if not self.gone:
            world.lines.append("hang_up")
        if world.sock is self:
            world.sock = None


class Poll:
    def register(self, sock, event):
        self.sock = sock
        self.event = event

    def poll(self, wait):
        sock = self.sock
        ready = sock.gone or (sock.open if self.event == 4 else sock.data)
        if not ready and wait:
            raise Waiting
        return [sock] if ready else []


class Module:
    pass


def sleep_ms(wait):
    if wait:
        raise Waiting


socket, select, time = Module(), Module(), Module()
socket.socket = Socket
socket.getaddrinfo = lambda *of: [(2, 1, 0, "", ("server", 1883))]
select.poll = Poll
time.ticks_ms = lambda: world.clock & 0x3FFFFFFF
time.sleep_ms = sleep_ms
sys.modules.update({"socket": socket, "select": select, "time": time})
from umqtt_haas import MQTTClient, MQTTException

DEFAULTS = {"max_inflight": 20, "max_queue": 1000, "max_subscriptions": 1000, "max_inbound_qos2": 1000}


def data(hexed):
    return bytes.fromhex("" if hexed == "-" else hexed)


def words_of(words):
    return dict(word.split("=", 1) for word in words)


def create(given):
    own = {name: data(given.pop(name)) for name in ("client_id", "user", "password") if name in given}
    world.clock = int(given.pop("clock", 0))
    seed = int(given.pop("seed", 0))
    given.pop("server", None)
    options = dict(DEFAULTS)
    for name, value in given.items():
        options[name] = value == "1" if name in ("queue_qos0", "reconn") else int(value)
    client = MQTTClient(own.pop("client_id"), "server", **own, **options)
    # The seed of the delays is nobody's affair but a test's: it is what the client made of its name and the time.
    is_seed = (hash(client.client_id) ^ world.clock & 0x3FFFFFFF) | 1
    [name] = [name for name, value in client.__dict__.items() if value == is_seed and type(value) is int]
    setattr(client, name, seed & 0xFFFFFFFF)
    client.set_callback(lambda *message: world.delivered.append(" ".join(part.hex() if part else "" for part in message)))
    client.error_register_cb(lambda error: world.delivered.append("error %d" % error.code))
    return client


def asked(given):
    if "topics" not in given:
        return [(data(given["topic"]), int(given.get("qos", 0)))]
    entries = [entry.split(":") for entry in given["topics"].split(",")] if given["topics"] else []
    return [(data(entry[0]), int(entry[1]) if entry[1:] else 0) for entry in entries]


def call(client, name, given):
    """The number and the rule of an error, if there is one."""
    try:
        if name == "connect":
            client.connect(given.get("clean_session", "1") == "1")
        elif name == "publish":
            qos, retain = int(given.get("qos", 0)), given.get("retain") == "1"
            if client.publish(data(given["topic"]), data(given["msg"]), retain, qos, wait=False) is False:
                return "256"
        elif name == "subscribe":
            client.subscribe(asked(given))
        elif name == "unsubscribe":
            client.unsubscribe([topic for topic, _ in asked(given)])
        elif name == "set_last_will":
            topic, message = (data(given[n]) if n in given else None for n in ("topic", "message"))
            client.set_last_will(topic, message, given.get("retain") == "1", int(given.get("qos", 0)))
        else:
            getattr(client, name)()
    except Waiting:
        pass
    except MQTTException as error:
        return "%d %s" % (error.code, error.rule) if error.rule else str(error.code)
    return ""


def expected(answer):
    """What goes over the network, what is handed out, and what a call is refused with."""
    lines = [line for line in answer if line.split(" ")[0] in ("dial", "hang_up", "send")]
    delivered = []
    for line in answer:
        verb, *words = line.split(" ")
        if verb == "deliver":
            given = words_of(words)
            delivered.append("%s %s" % (given["topic"], given["payload"]))
        elif verb == "error":
            delivered.append(line)
    refused = [line.split(" ")[1:] for line in answer if line.startswith("rejected ")]
    return lines, delivered, " ".join(refused[0][: 2 if refused[0][0] == "263" else 1]) if refused else ""


def play(steps):
    global world
    world = World(0)
    client, status = None, -1
    for request, answer in steps:
        world.lines, world.delivered, refused = [], [], ""
        verb, *words = request.split(" ")
        if verb == "new":
            client, status = None, -1
            try:
                client = create(words_of(words))
            except MQTTException as error:
                refused = "%d %s" % (error.code, error.rule)
        elif verb == "call":
            refused = call(client, words[0], words_of(words[1:]))
        elif verb == "open":
            world.sock.open = True
        elif verb == "recv":
            world.sock.data = data(words[0]) if words else b""
        elif verb == "drop":
            world.sock.gone = True
        elif verb == "tick":
            world.clock += int(words[0])
        for _ in range(4):  # 16 messages at most each, and a dial after the deadline
            if client:
                client.check_msg()
        got = world.lines, world.delivered, refused
        if got != expected(answer):
            return "%s: %r expected, %r seen" % (request, expected(answer), got)
        for line in answer:
            if line.startswith("status "):
                status = int(line[7:])
        if client and client.get_mqttsta() != status:
            return "%s: status %d, not %d" % (request, status, client.get_mqttsta())
    return ""


with open("/scenarios.json") as file:
    for name, steps in json.load(file):
        try:
            print(name, play(steps) or "passed")
        except Exception as error:
            print(name, repr(error))
