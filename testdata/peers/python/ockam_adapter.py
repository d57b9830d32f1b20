#!/usr/bin/env python3
"""The independent peer behind an adapter: what `ockamtest peer init --lang python` has written, module adapter, filled in.

    PYTHONPATH=DIR ockamtest peer check 'adapter:python3 ockam_adapter.py'      DIR has adapter.py
"""
import dataclasses
import hashlib
import hmac
import ipaddress
import multiprocessing
import re
import socket
import threading

import adapter
from adapter import octets, Refused, Unsupported
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ockam import datagrams, streams
from ockam.addresses import wire_address
from ockam.node import Node
from ockam.noise import P256, X25519
from ockam.profiles import PROFILES
from ockam.wire import need, Rejected, UDP

FORK = multiprocessing.get_context("fork")
children = []  # each listens, or has connected


def number(fields, key, default=None):
    value = fields.get(key, default)
    if value is None or not re.fullmatch("0|[1-9][0-9]{0,9}", value):
        raise Refused("argument")
    return int(value)


def private(suite, raw):
    if suite is X25519:
        return x25519.X25519PrivateKey.from_private_bytes(raw)
    need(len(raw) == 32, "length of a private key")
    return ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())


def agree(suite):
    def verb(fields):
        key = private(suite, octets(fields, "private"))
        if "public" not in fields:
            return [("public", suite.public(key).hex())]
        public = octets(fields, "public")
        need(len(public) == suite.public_size, "length of a public key")
        return [("secret", suite.exchange(key, public).hex())]
    return verb


def aead(name):
    def verb(fields):
        key, nonce, ad, data = (octets(fields, f) for f in ("key", "nonce", "ad", "data"))
        need(len(key) in (16, 32) and len(nonce) == 12, "length of a key or nonce")
        return [("data", getattr(AESGCM(key), name)(nonce, data, ad).hex())]
    return verb


def hkdf(fields):
    key = hmac.digest(octets(fields, "salt"), octets({"ikm": "", **fields}, "ikm"), "sha256")
    blocks = [b""]
    for i in range(number(fields, "n")):
        blocks.append(hmac.digest(key, blocks[-1] + bytes([i + 1]), "sha256"))
    return [("data", b"".join(blocks).hex())]


def sha256(fields):
    return [("data", hashlib.sha256(octets(fields, "data")).hexdigest())]


def socket_address(text):
    match = re.fullmatch("(tcp|udp)(?:4:([0-9a-f]{8})|6:([0-9a-f]{32})):(0|[1-9][0-9]{0,4})", text)
    if not match:
        raise Refused("argument")
    return match[1], (str(ipaddress.ip_address(bytes.fromhex(match[2] or match[3]))), int(match[4]))


def local_address(text):
    if not re.fullmatch("local:([0-9a-f]{2})+", text):
        raise Unsupported
    return bytes.fromhex(text[len("local:"):])


def place(fields, key, listener):
    """Transport, socket address, deadline in seconds, profile, and static key of a responder or initiator."""
    transport, at = socket_address(fields.get(key, ""))
    raw, profile = octets(fields, "static"), PROFILES.get(fields.get("profile", ""))
    if "profile" not in fields:
        raise Refused("argument")
    if profile is None:
        raise Unsupported
    if listener:
        profile = dataclasses.replace(profile, listener=local_address(listener))
    if "service" in fields:
        profile = dataclasses.replace(profile, application=local_address(fields["service"]))
    return transport, at, number(fields, "deadline", "10000") / 1000, profile, private(profile.suite, raw)


def begin(target, *args):
    """Runs something in a process of its own, which reset kills."""
    children.append(FORK.Process(target=target, args=args, daemon=True))
    children[-1].start()


def listen(fields):
    transport, at, *rest = place(fields, "on", fields.get("address"))
    with socket.create_server(at) if transport == "tcp" else datagrams.bind(at[0]) as sock:
        if transport == "udp":
            sock.bind(at)
        begin(serve, transport, sock, *rest)
        host, port = sock.getsockname()[:2]
    return [("at", "%s%d:%s:%d" % (transport, 6 if ":" in host else 4, ipaddress.ip_address(host).packed.hex(), port))]


def serve(transport, sock, timeout, profile, static):
    if transport == "udp":
        node = Node(profile, UDP, wire_address(UDP, sock.getsockname()), static, timeout, True)
        while True:
            datagrams.exchange(sock, node)
    while True:
        threading.Thread(target=streams.session, args=(sock.accept()[0], timeout, True, profile, static), daemon=True).start()


def connect(fields):
    listener, route = None, fields.get("route")
    if route is not None:
        first, _, listener = route.partition(",")
        if first != fields.get("to"):
            raise Unsupported  # it goes to its peer, and nowhere else
    begin(initiate, *place(fields, "to", listener))
    return []


def initiate(transport, at, timeout, profile, static):
    if transport == "tcp":
        return streams.session(socket.create_connection(at), timeout, False, profile, static)
    sock = datagrams.bind(at[0])
    sock.bind((datagrams.local_host(at), 0))
    node = Node(profile, UDP, wire_address(UDP, sock.getsockname()), static, timeout, False)
    return datagrams.session(sock, wire_address(UDP, at), threading.Event(), node)


def reset(fields):
    while children:
        children[-1].kill()
        children.pop().join()
    return []


def verdict(function):
    """What the implementation refuses it refuses without telling why."""
    def verb(fields):
        try:
            return function(fields)
        except (Rejected, ValueError, InvalidTag):
            raise Refused("rejected") from None
    return verb


FILLED_IN = {
    "x25519": (agree(X25519), {"private", "public"}), "p256": (agree(P256), {"private", "public"}),
    "seal": (aead("encrypt"), {"key", "nonce", "ad", "data"}), "unseal": (aead("decrypt"), {"key", "nonce", "ad", "data"}),
    "hkdf": (hkdf, {"salt", "n", "ikm"}), "sha256": (sha256, {"data"}), "reset": (reset, set()),
    "listen": (listen, {"on", "profile", "static", "address", "deadline"}),
    "connect": (connect, {"to", "profile", "static", "route", "service", "deadline"}),
}

if __name__ == "__main__":
    adapter.NAME = "independent-python"
    adapter.VERBS.update({name: (verdict(function), fields) for name, (function, fields) in FILLED_IN.items()})
    adapter.CAPABILITIES.update(verbs=",".join(adapter.VERBS), profiles=",".join(PROFILES), transports="tcp,udp",
                                options="address,deadline,route,service")
    adapter.main()
    reset({})
