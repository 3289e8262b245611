# MicroPython's select module for the bridged sockets.
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


def select(readers, writers, _errors, timeout=None):
    poller = _Poll()
    for sock in set(readers) | set(writers):
        poller.register(sock, (POLLIN if sock in readers else 0) | (POLLOUT if sock in writers else 0))
    ready = poller.poll(-1 if timeout is None else int(timeout * 1000))
    return (
        [sock for sock, events in ready if events & (POLLIN | POLLERR) and sock in readers],
        [sock for sock, events in ready if events & (POLLOUT | POLLERR) and sock in writers],
        [],
    )
