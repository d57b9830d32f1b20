"""Section 3.2: nodes over UDP, each one socket."""
import contextlib
import socket
import threading
import time

from .addresses import listening, wire_address
from .node import Node
from .wire import UDP

OFFER = 0.3    # seconds for which an initiator waits for an answer before it begins another session beside this one
IDLE = 60      # seconds without a datagram that end an initiator's session, for nothing else does
BUFFER = 4 << 20


def bind(host):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    return sock


def send(sock, out):
    for to, message in out:
        with contextlib.suppress(OSError):  # too long, or nobody is there: datagrams get lost
            sock.sendto(message, (str(to.host), to.port))


def exchange(sock, node, idle=None):
    """Waits for a datagram, for so many seconds at most. Tells whether one came. Meanwhile the node does what it does by itself."""
    give_up = None if idle is None else time.monotonic() + idle
    while True:
        now = time.monotonic()
        times = [t for t in (node.wake(), give_up) if t is not None]
        sock.settimeout(max(min(times) - now, 0.001) if times else None)
        try:
            data, source = sock.recvfrom(65536)
        except TimeoutError:
            send(sock, node.tick(time.monotonic()))
            if give_up is not None and time.monotonic() >= give_up or not (node.listens or node.channels):
                return False
            continue
        except OSError:
            continue  # it tells of an earlier datagram
        send(sock, node.receive(wire_address(UDP, source), data, time.monotonic()))
        return True


def respond(at, timeout, profile, static):
    with bind(at[0]) as sock:
        sock.bind(at)
        node = Node(profile, UDP, wire_address(UDP, sock.getsockname()), static, timeout, True)
        listening(sock)
        while True:
            exchange(sock, node)


def session(sock, remote, heard, node):
    """One session of an initiator, until its handshake has failed or nothing comes any more."""
    with sock:
        send(sock, node.connect(remote, time.monotonic()))
        while node.channels and exchange(sock, node, IDLE):
            heard.set()
    heard.set()


def local_host(at):
    """The host from which datagrams leave for an address."""
    with bind(at[0]) as sock:
        sock.connect(at)
        return sock.getsockname()[0]


def initiate(at, timeout, profile, static):
    """One session after the other, each from a port of its own; the earlier ones go on, for nothing tells that they have ended."""
    at = socket.getaddrinfo(*at, type=socket.SOCK_DGRAM)[0][4][:2]
    host, remote = local_host(at), wire_address(UDP, at)
    while True:
        sock, heard = bind(host), threading.Event()
        sock.bind((host, 0))
        node = Node(profile, UDP, wire_address(UDP, sock.getsockname()), static, timeout, False)
        threading.Thread(target=session, args=(sock, remote, heard, node), daemon=True).start()
        heard.wait(OFFER)
