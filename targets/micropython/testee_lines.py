# Text of the line protocol to packets and back: hex, lists, dotted fields. Which fields a packet
# has, peer.py tells.
from binascii import hexlify, unhexlify

from peer import FIELDS, Record

# Fields that a line may leave out: 0 then.
ZERO = ("dup", "qos", "retain")


class Refusal(Exception):
    """A request that cannot be understood: `bad <message>`."""


def bytes_of(text, name):
    """`00ff@3`: hex, then so many bytes 78."""
    digits, at, more = text.partition("@")
    if len(digits) % 2 or any(c not in "0123456789abcdef" for c in digits):
        raise Refusal("value " + name)
    return unhexlify(digits) + b"x" * (number_of(more, name) if at else 0)


def hex_of(data):
    if len(data) > 65536:
        return "%s+%d" % (hexlify(data[:32]).decode(), len(data) - 32)
    return hexlify(data).decode()


def number_of(text, name):
    if not 1 <= len(text) <= 10 or any(c not in "0123456789" for c in text):
        raise Refusal("value " + name)
    return int(text)


def flag_of(text, name):
    if text not in ("0", "1"):
        raise Refusal("value " + name)
    return text == "1"


def words_of(words, known):
    """`name=value` words, each at most once and of `known` names."""
    found = {}
    for word in words:
        name, at, value = word.partition("=")
        if name not in known:
            raise Refusal("unknown " + name)
        if not at or name in found:
            raise Refusal("value " + name)
        found[name] = value
    return found


def fields_in(kind, version):
    return [f for f in FIELDS[kind] if f[3] <= version <= f[4]]


def fields_of(kind, words, version):
    """A packet from the words of an `encode` line."""
    if kind not in FIELDS:
        raise Refusal("unknown " + kind)
    fields = fields_in(kind, version)
    names = []
    for name, type, _, _, _, parts in fields:
        names += [name + "." + part[0] for part in parts] if type == "struct" else [name]
    return read_fields(fields, words_of(words, names), "")


def read_fields(fields, given, prefix):
    record = Record()
    for field in fields:
        name = prefix + field[0]
        if field[1] == "struct":
            if any(name + "." + part[0] in given for part in field[5]):
                setattr(record, field[0], read_fields(field[5], given, name + "."))
        elif name in given:
            setattr(record, field[0], value_from(field, given[name], name))
        elif field[0] in ZERO and field[1] in ("bool", "number"):
            setattr(record, field[0], False if field[1] == "bool" else 0)
        elif not field[2]:
            raise Refusal("missing " + name)
    return record


def value_from(field, text, name):
    type = field[1]
    if type == "bool":
        return flag_of(text, name)
    if type == "number":
        return number_of(text, name)
    if type in ("text", "bytes"):
        return bytes_of(text, name)
    items = text.split(",") if text else []
    if type == "numbers":
        return [number_of(i, name) for i in items]
    if type == "texts":
        return [bytes_of("" if i == "-" else i, name) for i in items]
    return [item(field[5], i, name) for i in items]


def item(fields, text, name):
    """`612f62:1`, one entry of a list of structs."""
    parts = text.split(":")
    if len(parts) != len(fields):
        raise Refusal("value " + name)
    return tuple([value_from(f, "" if p == "-" else p, name) for f, p in zip(fields, parts)])


def show(kind, packet, version):
    """A packet as a line prints it."""
    values = Record(**{f[0]: v for f, v in zip(FIELDS[kind], packet)})
    return " ".join([kind] + show_fields(fields_in(kind, version), values, ""))


def show_fields(fields, value, prefix):
    shown = []
    for field in fields:
        v = getattr(value, field[0])
        if v is None:
            continue
        if field[1] == "struct":
            shown += show_fields(field[5], v, prefix + field[0] + ".")
        else:
            shown.append(prefix + field[0] + "=" + show_value(field, v))
    return shown


def show_value(field, v):
    type = field[1]
    if type in ("bool", "number"):
        return str(int(v))
    if type in ("text", "bytes"):
        return hex_of(v)
    if type == "numbers":
        return ",".join(str(i) for i in v)
    if type == "texts":
        return ",".join(hex_of(t) or "-" for t in v)
    return ",".join(":".join(show_value(f, v) or "-" for f, v in zip(field[5], i)) for i in v)
