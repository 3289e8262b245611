# MicroPython's socket module over the bridge to Node: TCP clients, blocking, with a timeout, or non-blocking.
import errno
from binascii import hexlify, unhexlify

import _bridge

AF_INET = 2
AF_INET6 = 10
SOCK_STREAM = 1
SOCK_DGRAM = 2
IPPROTO_TCP = 6
SOL_SOCKET = 1
SO_REUSEADDR = 2
TCP_NODELAY = 1


def _checked(answer):
    if isinstance(answer, str):
        if answer[0] != "+":
            raise OSError(getattr(errno, answer, errno.EIO))
        return answer[1:]
    return answer


def getaddrinfo(host, port, af=0, type=0, proto=0, flags=0):
    return [(AF_INET, SOCK_STREAM, IPPROTO_TCP, "", (_checked(_bridge.resolve(host)), port))]


class socket:
    def __init__(self, af=AF_INET, type=SOCK_STREAM, proto=IPPROTO_TCP):
        self._id = _bridge.open()
        self._timeout = -1

    def settimeout(self, seconds):
        self._timeout = -1 if seconds is None else int(seconds * 1000)

    def setblocking(self, flag):
        self._timeout = -1 if flag else 0

    def setsockopt(self, level, option, value):
        pass

    def fileno(self):
        return self._id

    def connect(self, address):
        _checked(_bridge.connect(self._id, address[0], address[1], self._timeout))

    def send(self, data):
        return _checked(_bridge.send(self._id, hexlify(data).decode(), self._timeout))

    sendall = send

    # The stream methods give None where a non-blocking socket has nothing or no room.
    def write(self, data, length=None):
        try:
            return self.send(data if length is None else memoryview(data)[:length])
        except OSError as error:
            if error.errno == errno.EAGAIN:
                return None
            raise

    def recv(self, count):
        return unhexlify(_checked(_bridge.recv(self._id, count, self._timeout)))

    def read(self, count=-1):
        data = b""
        while count < 0 or len(data) < count:
            try:
                part = self.recv(4096 if count < 0 else count - len(data))
            except OSError as error:
                if error.errno == errno.EAGAIN:
                    return data or None
                raise
            if not part:
                break
            data += part
        return data

    def readinto(self, buffer, count=-1):
        data = self.read(len(buffer) if count < 0 else count)
        if data is None:
            return None
        buffer[: len(data)] = data
        return len(data)

    def close(self):
        _bridge.close(self._id)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
