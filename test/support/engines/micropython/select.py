# MicroPython's select module for the bridged sockets; as on its Unix port, without select().
import _bridge

POLLIN = 1
POLLOUT = 4
POLLERR = 8
POLLHUP = 16


class _Poll:
    def __init__(self):
        self._wanted = {}

    def register(self, sock, events=POLLIN | POLLOUT):
        self._wanted[sock.fileno()] = (sock, events)

    modify = register

    def unregister(self, sock):
        del self._wanted[sock.fileno()]

    def poll(self, timeout=-1):
        wanted = ",".join("%d:%d" % (id, entry[1]) for id, entry in self._wanted.items())
        ready = []
        for answer in _bridge.poll(wanted, -1 if timeout is None else timeout).split(","):
            id, _, events = answer.partition(":")
            if events not in ("", "0"):
                ready.append((self._wanted[int(id)][0], int(events)))
        return ready

    def ipoll(self, timeout=-1, flags=0):
        return iter(self.poll(timeout))


poll = _Poll
