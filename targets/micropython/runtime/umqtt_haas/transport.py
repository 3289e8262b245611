# Connections that never block, TCP or TLS, on MicroPython and CPython. When to dial, read or write
# is client.py's.
import socket
from errno import EAGAIN, EINPROGRESS, EIO
from select import select

# Not now. CPython's TLS says so with 2 and 3, Windows with 10035.
_LATER = (EAGAIN, EINPROGRESS, 2, 3, 10035)


def later(call, *args):
    """What a call answers; None where it would have to wait."""
    try:
        return call(*args)
    except OSError as error:
        if error.errno not in _LATER:
            raise


def secured(sock, name, params):
    """The same connection with TLS, whose handshake goes with what is written first."""
    import ssl

    if isinstance(params, str):
        params = {"ca": params}
    ca = params.get("ca")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca:
        context.load_verify_locations(cadata=ca)
    elif hasattr(context, "load_default_certs"):
        context.load_default_certs()
    if not params.get("verify", ca):
        if hasattr(context, "check_hostname"):
            context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if "cert" in params:
        context.load_cert_chain(params["cert"], params.get("key"))
    name = params.get("server_hostname", name)
    return context.wrap_socket(sock, server_hostname=name, do_handshake_on_connect=False)


class Transport:
    """One connection, to the first of some addresses that can be reached. What fails raises OSError."""

    def __init__(self, addresses, tls):
        self.addresses = addresses
        self.tls = tls  # what makes a socket secure, or None
        self.open = False
        self.dial()

    def dial(self):
        self.sock = socket.socket(*self.addresses[0][:3])
        self.sock.setblocking(False)
        later(self.sock.connect, self.addresses[0][-1])

    def opened(self, seconds):
        """Whether it is open, after waiting so long at most."""
        if not select((), (self.sock,), (), seconds)[1]:
            return False
        try:
            self.use()
            # Writable is also one that failed: reading says so. A server that speaks first is none
            # of ours.
            if self.read(bytearray(1)) is not None:
                raise OSError(EIO)
        except OSError:
            self.close()
            if len(self.addresses) == 1:
                raise
            self.addresses = self.addresses[1:]
            self.dial()
            return False
        if self.tls:
            try:
                self.sock = self.tls(self.sock)
            except (OSError, ValueError) as error:
                raise OSError(-1, error)
            self.use()
        self.open = True
        return True

    def use(self):
        # Bound once: MicroPython's streams have readinto and write, CPython's sockets recv_into and
        # send.
        sock = self.sock
        self.into = getattr(sock, "readinto", None) or sock.recv_into
        self.out = getattr(sock, "write", None) or sock.send

    def wait(self, writing, seconds):
        """Until something is there to read, or room to write. TLS may have to read before it can write."""
        if writing and self.tls:
            seconds = min(seconds, 0.02)
            writing = False
        select((self.sock,), (self.sock,) if writing else (), (), seconds)

    def read(self, buffer):
        """How many bytes came into the buffer; None for none yet, 0 for the end."""
        return later(self.into, buffer)

    def write(self, data):
        """How many bytes left; None for none yet."""
        return later(self.out, data)

    def close(self):
        self.sock.close()
