"""Section 3.1: nodes over TCP, each one connection."""
import contextlib
import socket
import struct
import threading
import time

from .addresses import listening, wire_address
from .node import Node
from .wire import Rejected, TCP


class Frames:
    """Reassembles frames from any fragmentation of the stream (TRAN-001, TRAN-002)."""
    def __init__(self):
        self.buffer = b""

    def add(self, data):
        self.buffer += data
        while len(self.buffer) >= 2:
            end = 2 + struct.unpack(">H", self.buffer[:2])[0]
            if len(self.buffer) < end:
                return
            message, self.buffer = self.buffer[2:end], self.buffer[end:]
            yield message


def frame(message):
    return struct.pack(">H", len(message)) + message


def run(conn, timeout, listens, profile, static):
    """Serves a connection until either side ends it, or its handshake has taken too long."""
    remote = wire_address(TCP, conn.getpeername())
    node = Node(profile, TCP, wire_address(TCP, conn.getsockname()), static, timeout, listens)
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # TRAN-007
    deadline, frames = time.monotonic() + timeout, Frames()  # NOISE-013: from the accepted connection

    def send(out):
        conn.settimeout(None)
        for _, message in out:
            conn.sendall(frame(message))

    if not listens:
        send(node.connect(remote, time.monotonic()))
    while True:
        now, wake = time.monotonic(), node.wake()
        if now >= deadline and not node.opened():
            return
        limits = [t for t in (wake, None if node.opened() else deadline) if t is not None]
        conn.settimeout(max(min(limits) - now, 0.001) if limits else None)
        try:
            data = conn.recv(65536)
        except TimeoutError:
            send(node.tick(time.monotonic()))
            continue
        if not data:
            return
        for message in frames.add(data):
            send(node.receive(remote, message, time.monotonic()))


def session(conn, *rest):
    with conn, contextlib.suppress(Rejected, OSError):
        run(conn, *rest)


def respond(at, timeout, *rest):
    with socket.create_server(at) as listener:
        listening(listener)
        while True:
            threading.Thread(target=session, args=(listener.accept()[0], timeout, True, *rest), daemon=True).start()


def initiate(at, timeout, *rest):
    """One session after the other until nobody listens."""
    with contextlib.suppress(OSError):
        while True:
            session(socket.create_connection(at), timeout, False, *rest)
