"""Section 4: the codec of wire messages."""
import ipaddress
import re
import struct
from typing import NamedTuple

LOCAL, TCP, UDP = 0, 1, 2
PING, PONG, PAYLOAD, M1, M2, M3 = range(6)


class Rejected(Exception):
    """A message of which nothing is used (section 6)."""


def need(condition, why):
    if not condition:
        raise Rejected(why)


class Address(NamedTuple):
    kind: int
    host: object  # the bytes of a local address, an IPv4Address, an IPv6Address, or a name
    port: int = 0

    def canonical(self):
        """The form in which it is sent; Rejected if there is none (WIRE-013, WIRE-015)."""
        host = self.host
        if isinstance(host, ipaddress.IPv6Address):
            host = host.ipv4_mapped or host
        if isinstance(host, str):
            host = host.lower().removesuffix(".")
            need(re.fullmatch(r"[a-z0-9.-]+", host), "characters of a name")
            need(not re.fullmatch(r"[0-9]+|0x[0-9a-f]*", host.split(".")[-1]), "an IP literal as a name")
        return self._replace(host=host)


class Message(NamedTuple):
    onward: list
    back: list
    kind: int  # None where it has no type
    body: bytes


def swap(host):
    """Network order to little-endian 16-bit groups, and back."""
    return struct.pack("<8H", *struct.unpack(">8H", host))


class Reader:
    """Nothing is read past the end (WIRE-005)."""
    def __init__(self, message, profile):
        self.message, self.at, self.profile = message, 0, profile

    def take(self, n):
        need(self.at + n <= len(self.message), "truncated")
        self.at += n
        return self.message[self.at - n:self.at]

    def byte(self):
        return self.take(1)[0]

    def host(self):
        kind = self.byte()
        if kind == 0:
            return ipaddress.IPv4Address(self.take(4))
        if kind == 1:
            host = self.take(16)
            return ipaddress.IPv6Address(swap(host) if self.profile.groups else host)
        need(kind == 2, "host type")  # WIRE-006
        name = self.take(self.byte())
        need(0 < len(name) <= 253 and name.isascii(), "name")  # WIRE-013
        return name.decode()

    def address(self):
        kind = self.byte()
        if kind == LOCAL:
            value = self.take(self.byte())
            need(value, "empty local address")  # WIRE-012
            return Address(LOCAL, value)
        need(kind in (TCP, UDP), "address type")  # WIRE-006
        return Address(kind, self.host(), *struct.unpack("<H", self.take(2)))  # WIRE-007

    def route(self):
        count = self.byte()
        need(count <= self.profile.addresses, "too many addresses")  # WIRE-008
        return [self.address() for _ in range(count)]


def parse(message, profile):
    r = Reader(message, profile)
    need(r.byte() == 1, "version")  # WIRE-001; 1 has one encoding, WIRE-002
    onward, back = r.route(), r.route()
    if profile.typed:
        kind = r.byte()
        body = message[r.at:]
        need(kind <= M3, "message type")  # WIRE-006
        need(kind > PONG or not body, "ping with a body")  # WIRE-009
        return Message(onward, back, kind, body)
    body = message[r.at:]
    if body in (b"\0", b"\1"):
        return Message(onward, back, body[0], b"")
    need(profile.travels(body), "a body that cannot travel")
    return Message(onward, back, None, body)


def build_address(address, profile):
    kind, host, port = address.canonical()
    if kind == LOCAL:
        return bytes([LOCAL, len(host)]) + host
    if isinstance(host, str):
        host = bytes([2, len(host)]) + host.encode()
    elif host.version == 6:
        host = b"\1" + (swap(host.packed) if profile.groups else host.packed)
    else:
        host = b"\0" + host.packed
    return bytes([kind]) + host + struct.pack("<H", port)


def build(onward, back, kind, body, profile):
    if not profile.typed:
        need(profile.travels(body), "cannot travel")
        body = body if kind > PONG else bytes([kind])
    routes = b"".join(bytes([len(route)]) + b"".join(build_address(a, profile) for a in route) for route in (onward, back))
    return b"\1" + routes + (bytes([kind]) if profile.typed else b"") + body
