# The session half of the testee: `new`, `call`, `open`, `recv`, `drop`, `tick`, `stats`, `handler`
# over the emitted session. It numbers operations and prints what the session asks of its
# surroundings; it knows no rule of its own.
from observed import CODES, ERRORS, Observed
from testee_lines import Refusal, bytes_of, flag_of, hex_of, number_of, words_of
from peer import Record, Will
from umqtt_haas.errors import MQTTException
from umqtt_haas.session import parameter_rule

NEW = (
    "version client_id user password server port keepalive reconn connect_timeout ack_timeout ping_timeout max_inflight max_queue "
    "max_subscriptions max_inbound_qos2 queue_qos0 rx_buffer max_packet_size next_packet_id clock seed"
).split(" ")
DEFAULTS = {
    "version": 4,
    "port": 0,
    "keepalive": 0,
    "connect_timeout": 20000,
    "reconnect_delay": 1000,
    "ack_timeout": 10000,
    "max_inflight": 20,
    "max_queue": 1000,
    "max_subscriptions": 1000,
    "max_inbound_qos2": 1000,
    "max_packet_size": 268435455,
    "next_packet_id": 1,
}
CALLBACK_FAILED = [ERRORS[code] for code in CODES].index("CALLBACK_FAILED")
NUMBERED = ("publish", "subscribe", "unsubscribe")


class Watched(Observed):
    """A session whose wishes become lines."""

    lines = None
    handler = None
    dialling = False
    open = False

    def _dial(self):
        self.dialling = True
        self.lines.append("dial")

    def _hang_up(self):
        self.dialling = self.open = False
        self._received_bytes = None
        self.lines.append("hang_up")

    def _send(self, frame):
        self.lines.append("send " + hex_of(frame))
        self._on_sent()

    def _deliver(self, message):
        dup, qos, retain, topic, _, payload = message
        shown = (hex_of(topic), hex_of(payload), qos, retain, dup)
        self.lines.append("deliver topic=%s payload=%s qos=%d retain=%d dup=%d" % shown)
        handler, self.handler = self.handler, None
        if handler == "throw":
            self._error(CALLBACK_FAILED)
        elif handler:
            handler()

    def _settle(self, op, code, result=None):
        if op is None:
            return
        line = "settle %s error %d" % (op, CODES[code]) if code else "settle %s ok" % op
        if isinstance(result, list):
            line += " granted=" + ",".join(str(r) for r in result)
        elif result is not None:
            line += " session_present=%d" % result
        self.lines.append(line)

    def _enter(self, phase):
        before = self.get_mqttsta()
        super()._enter(phase)
        if self.get_mqttsta() != before:
            self.lines.append("status %d" % self.get_mqttsta())

    def _error(self, code):
        self.lines.append("error %d" % CODES[code])

    def _violation(self, rule, offset):
        self.lines.append("violation %s %d" % (rule, offset))


class Sessions:
    def __init__(self):
        self.session = None
        self.clock = 0
        self.operations = 0

    def answer(self, words):
        request = words[0]
        if request == "new":
            return self.new(words[1:])
        session = self.session
        if session is None:
            raise Refusal("no_client")
        session.lines = []
        if request == "call":
            self.call(session, words[1:])
        elif request == "handler":
            self.handler(session, words[1:])
        elif request == "stats":
            names = ("inflight", "queued", "requests", "subscriptions", "inbound")
            counts = ["%s=%d" % (name, getattr(session, name)()) for name in names]
            session.lines.append(
                "stats %s unexpected=%d timers=%s" % (" ".join(counts), session._unexpected, ",".join(session.armed))
            )
        elif request == "open":
            if not session.dialling:
                raise Refusal("not_dialling")
            session.dialling = False
            session.open = True
            session._opened()
        elif request == "recv":
            data = bytes_of(words[1] if len(words) > 1 else "", "bytes")
            if not session.open:
                raise Refusal("not_open")
            session._receive(data)
        elif request == "drop":
            if not session.open and not session.dialling:
                raise Refusal("not_open")
            session.open = session.dialling = False
            session._lost()
        elif request == "tick":
            # The protocol's clock wraps; a session's does not.
            self.clock += number_of(words[1] if len(words) > 1 else "", "ms") % 4294967296
            session._tick(self.clock)
        else:
            raise Refusal("unknown " + request)
        return session.lines

    def new(self, words):
        given = words_of(words, NEW)
        numbers = {}
        for name, otherwise in DEFAULTS.items():
            numbers[name] = number_of(given[name], name) if name in given else otherwise
        if "client_id" not in given:
            raise Refusal("missing client_id")
        if number_of(given.get("rx_buffer", "0"), "rx_buffer"):
            raise Refusal("unsupported")
        bytes_of(given.get("server", ""), "server")
        settings = Record(**numbers)
        settings.ping_timeout = min(settings.keepalive * 500, 10000) or 10000
        if "ping_timeout" in given:
            settings.ping_timeout = number_of(given["ping_timeout"], "ping_timeout")
        settings.reconn = flag_of(given.get("reconn", "1"), "reconn")
        settings.queue_qos0 = flag_of(given.get("queue_qos0", "0"), "queue_qos0")
        for name in ("client_id", "user", "password"):
            setattr(settings, name, bytes_of(given[name], name) if name in given else None)
        clock = number_of(given.get("clock", "0"), "clock")
        seed = number_of(given.get("seed", "0"), "seed")

        class Configured(Watched):
            pass

        for name in list(DEFAULTS) + ["ping_timeout", "reconn", "queue_qos0", "client_id", "user", "password"]:
            setattr(Configured, name, getattr(settings, name))
        session = Configured(clock, seed & 0xFFFFFFFF)
        session.lines = []
        self.clock = clock
        self.operations = 0
        self.session = None
        try:
            session._create()
            parameter_rule(settings)
            self.session = session
        except MQTTException as refused:
            session.lines.append(rejected(refused))
        return session.lines

    def call(self, session, words):
        """A refused call prints only that; an accepted operation its number first."""
        before = session.lines
        session.lines = []
        name = words[0] if words else "call"
        try:
            perform(session, name, words[1:], "connect" if name == "connect" else str(self.operations + 1))
            lines = session.lines
        except MQTTException as refused:
            before.append(rejected(refused))
            return
        finally:
            session.lines = before
        if name in NUMBERED:
            self.operations += 1
            before.append("op %d" % self.operations)
        before.extend(lines)

    def handler(self, session, words):
        what = words[0] if words else ""
        if what == "throw":
            session.handler = what
        elif what == "call" and words[1:]:
            session.handler = lambda: self.call(session, words[1:])
        else:
            raise Refusal("value handler")


def rejected(refused):
    return "rejected %d %s" % (refused.code, refused.rule or ERRORS[refused.code].lower())


def perform(session, name, words, op):
    if name == "connect":
        given = words_of(words, ("clean_session",))
        return session._connect(flag_of(given.get("clean_session", "1"), "clean_session"), op)
    if name == "publish":
        topic, payload, qos, retain = message_of(words, "msg")
        return session._publish(qos, retain, topic, payload, op)
    if name == "subscribe":
        return session._subscribe(subscriptions_of(words_of(words, ("topic", "qos", "topics"))), op)
    if name == "unsubscribe":
        filters = [bytes_of("" if f == "-" else f, "topic") for f in list_of(words_of(words, ("topic", "topics")))]
        return session._unsubscribe(filters, op)
    if name == "set_last_will":
        if not any(word.startswith("topic=") for word in words):
            words_of(words, ("message", "retain", "qos"))
            return session._clear_last_will()
        return session._set_last_will(Will(*message_of(words, "message")))
    words_of(words, ())
    if name == "ping":
        return session._ping()
    if name == "disconnect":
        return session._disconnect()
    if name == "close":
        return session._close()
    raise Refusal("unknown " + name)


def message_of(words, body):
    given = words_of(words, ("topic", body, "retain", "qos"))
    for name in ("topic", body):
        if name not in given:
            raise Refusal("missing " + name)
    retain = flag_of(given.get("retain", "0"), "retain")
    return bytes_of(given["topic"], "topic"), bytes_of(given[body], body), number_of(given.get("qos", "0"), "qos"), retain


def list_of(given):
    """`topic=..` is a list of one, `topics=..` one by comma."""
    if "topic" in given:
        return [given["topic"]]
    if "topics" not in given:
        raise Refusal("missing topic")
    return given["topics"].split(",") if given["topics"] else []


def subscriptions_of(given):
    name = "topics" if "topics" in given else "qos"
    subscriptions = []
    for entry in list_of(given):
        parts = entry.split(":") if "topics" in given else [entry, given.get("qos", "0")]
        if len(parts) != 2:
            raise Refusal("value topics")
        topic_filter = bytes_of("" if parts[0] == "-" else parts[0], "topic" if name == "qos" else name)
        subscriptions.append((topic_filter, number_of(parts[1], name)))
    return subscriptions
