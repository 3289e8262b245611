# The testee of this target: targets/TESTEE.md over the emitted client, on CPython and on
# MicroPython. It translates lines; what it prints comes from the client. A host without stdin calls
# testee(line). The session's half is testee_session.py.
import sys

if sys.implementation.name != "micropython":  # there the host mounts these folders
    root = __file__.rsplit("targets", 1)[0]
    sys.path[:0] = [root + "generated/micropython", root + "generated/micropython/testing", root + "targets/micropython"]

from peer import CLIENT, DECODERS, ENCODERS, LARGEST, TOO_LARGE, TYPES, header_rule
from testee_lines import Refusal, bytes_of, fields_of, hex_of, number_of, show
from testee_session import Sessions
from umqtt_haas.errors import MQTTException
from umqtt_haas.wire import Reader

sessions = Sessions()


def decode_line(data, version):
    reader = Reader(data)
    try:
        if not data or not reader.whole(header_rule, version, LARGEST):
            return "error incomplete %d" % len(data)
        kind = TYPES[reader.first >> 4]
        packet = DECODERS[kind](reader)
        reader.finish()
    except ValueError as malformed:
        return "error %s %d" % malformed.args
    return "bad more_than_one_packet" if reader.end < len(data) else "ok " + show(kind, packet, version)


def encode_line(words, version):
    kind = words[0] if words else ""
    packet = fields_of(kind, words[1:], version)
    try:
        frame = ENCODERS[kind](packet, version)
        if kind in CLIENT and CLIENT[kind](packet, version, LARGEST) != frame:
            return "bad the_client_writes_other_bytes"
        return "ok " + hex_of(frame)
    except MQTTException as refused:
        return "error " + (refused.rule or TOO_LARGE)


def answer(line):
    words = line.split(" ")
    try:
        if words[0] not in ("decode", "encode"):
            return sessions.answer(words)
        if len(words) < 2 or words[1] not in ("3", "4"):
            raise Refusal("value version")
        version = number_of(words[1], "version")
        if words[0] == "encode":
            return [encode_line(words[2:], version)]
        return [decode_line(bytes_of(words[2] if len(words) > 2 else "", "bytes"), version)]
    except Refusal as refusal:
        return ["bad " + refusal.args[0]]


def testee(line):
    return "\n".join(answer(line) + [".\n"])


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(testee(line.rstrip("\n")))
        sys.stdout.flush()
