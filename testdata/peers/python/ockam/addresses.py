"""What the two transports share: addresses of sockets."""
import ipaddress

from .wire import Address


def wire_address(kind, pair):
    """The address of a socket, as its node names it."""
    return Address(kind, ipaddress.ip_address(pair[0]), pair[1]).canonical()


def listening(sock):
    host, port = sock.getsockname()[:2]
    print("listening %s:%d" % ("[%s]" % host if ":" in host else host, port), flush=True)
