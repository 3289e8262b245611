# Sockets that never wait, TCP or TLS, on MicroPython and CPython. When to connect, read or write is
# client.py's. What fails raises OSError.
from errno import EAGAIN, EINPROGRESS

try:
    import micropython
    from select import poll

    # What it says instead of waiting; what its streams read and write with.
    _LATER = (EAGAIN, EINPROGRESS)
    _READ = "readinto"
    _WRITE = "write"
    _KNOWS_AUTHORITIES = False
    _TLS_CLIENT = 0

    def ready(sock, event, wait):
        """Whether POLLIN or POLLOUT comes within so many ms."""
        poller = poll()
        poller.register(sock, event)
        return poller.poll(wait)

except ImportError:
    from select import select

    # CPython's TLS says so with 2 and 3, Windows with 10035.
    _LATER = (EAGAIN, EINPROGRESS, 2, 3, 10035)
    _READ = "recv_into"
    _WRITE = "send"
    _KNOWS_AUTHORITIES = True
    _TLS_CLIENT = 16

    def ready(sock, event, wait):
        # Windows has no poll.
        both = ((sock,), ())
        return any(select(both[event != 1], both[event == 1], (), wait / 1000))


# The ssl module's own values, whose names take more than they.
_CERT_NONE = 0
_CERT_REQUIRED = 2


def later(call, argument):
    """What a call answers; None where it would have to wait."""
    try:
        return call(argument)
    except OSError as error:
        if error.errno not in _LATER:
            raise
    except ValueError as error:  # what MicroPython says of a certificate
        raise OSError(-1, error)


def read(sock, buffer):
    """How many bytes came into the buffer; None for none yet, 0 for the end."""
    return later(getattr(sock, _READ), buffer)


def write(sock, data):
    """How many bytes left; None for none yet."""
    return later(getattr(sock, _WRITE), data)


def secured(sock, name, params):
    """The same connection with TLS, whose handshake goes with what is written first."""
    import ssl

    if isinstance(params, str):
        params = {"ca": params}
    ca = params.get("ca")
    verify = params.get("verify", ca)
    context = ssl.SSLContext(_TLS_CLIENT)
    if _KNOWS_AUTHORITIES:
        if not ca:
            context.load_default_certs()
        context.check_hostname = bool(verify)
    if ca:
        context.load_verify_locations(cadata=ca)
    # MicroPython's ssl looks at nothing until it is told to.
    context.verify_mode = _CERT_REQUIRED if verify else _CERT_NONE
    if "cert" in params:
        context.load_cert_chain(params["cert"], params.get("key"))
    name = params.get("server_hostname", name)
    return context.wrap_socket(sock, server_hostname=name, do_handshake_on_connect=False)
