#!/usr/bin/env python3
"""An Ockam channel echo peer over TCP, profiles v1 and c09, written from the specification alone.

    ockam_peer.py responder tcp 127.0.0.1:0 v1 [TIMEOUT_MS]      prints "listening ADDR", serves every connection
    ockam_peer.py initiator tcp 127.0.0.1:4000 c09 [TIMEOUT_MS]  one session after the other until nobody listens
"""
import contextlib, hashlib, hmac, ipaddress, socket, struct, sys, threading
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PAYLOAD, M1, M2, M3 = 2, 3, 4, 5


class Rejected(Exception):
    """A message of which nothing is used (section 6)."""


def need(condition, why):
    if not condition:
        raise Rejected(why)


class Reader:
    """Reads a wire message (section 4); nothing is read past its end (WIRE-005)."""
    def __init__(self, b):
        self.b, self.at = b, 0

    def take(self, n):
        need(self.at + n <= len(self.b), "truncated")
        self.at += n
        return self.b[self.at - n:self.at]

    def byte(self):
        return self.take(1)[0]

    def address(self):
        start, kind = self.at, self.byte()
        need(kind <= 2, "address type")
        host = self.byte() if kind else None
        need(host in (None, 0, 1, 2), "host type")
        size = {0: 4, 1: 16}.get(host) or self.byte()
        need(0 < size and (host != 2 or size <= 253), "length")
        self.take(size + (2 if kind else 0))
        return self.b[start:self.at]

    def route(self):
        return [self.address() for _ in range(self.byte())]


def parse(b, profile):
    """Returns the onward route, the return route, the type, and the body."""
    r = Reader(b)
    need(r.byte() == 1, "version")  # WIRE-001; 1 has one encoding, WIRE-002
    onward, back, kind, body = r.route(), r.route(), r.byte(), b[r.at:]
    need(kind <= M3, "message type")  # WIRE-006
    need(kind > 1 or not body, "ping with a body")  # WIRE-009
    need(profile != "c09" or not (onward or back), "routes in c09")
    return onward, back, kind, body


def build(onward, back, kind, body):
    return bytes([1, len(onward)]) + b"".join(onward) + bytes([len(back)]) + b"".join(back) + bytes([kind]) + body


def address(pair):
    ip = ipaddress.ip_address(pair[0])
    return bytes([1, ip.version == 6]) + ip.packed + struct.pack("<H", pair[1])  # WIRE-007


def hkdf(ck, ikm):
    prk = hmac.digest(ck, ikm, "sha256")
    one = hmac.digest(prk, b"\x01", "sha256")
    return one, hmac.digest(prk, one + b"\x02", "sha256")


def nonce(n):
    return struct.pack(">IQ", 0, n)


def public(private):
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


class Handshake:
    """Noise XX (section 5): e is mixed in the clear, s and payloads are sealed."""
    def __init__(self, static):
        self.ck = b"Noise_XX_25519_AESGCM_SHA256".ljust(32, b"\0")  # NOISE-001
        self.h, self.s, self.e = hashlib.sha256(self.ck).digest(), static, X25519PrivateKey.generate()

    def mix_hash(self, data):
        self.h = hashlib.sha256(self.h + data).digest()
        return data

    def mix_dh(self, private, other):
        try:
            shared = private.exchange(X25519PublicKey.from_public_bytes(other))
        except ValueError:
            raise Rejected("low-order public key")  # NOISE-009
        (self.ck, self.k), self.n = hkdf(self.ck, shared), 0  # NOISE-003

    def seal(self, plaintext):
        self.n += 1
        return self.mix_hash(AESGCM(self.k).encrypt(nonce(self.n - 1), plaintext, self.h))

    def open(self, c):
        plaintext = AESGCM(self.k).decrypt(nonce(self.n), c, self.h)  # NOISE-005
        self.n += 1
        self.mix_hash(c)
        return plaintext


class Channel:
    """One channel on its connection (sections 6 and 7). Any exception ends both (NOISE-007)."""
    def __init__(self, conn, profile, timer):
        self.conn, self.profile, self.timer, self.stream = conn, profile, timer, conn.makefile("rb")
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.me, self.peer = address(conn.getsockname()), address(conn.getpeername())
        self.onward = [self.peer]

    def send(self, message):
        self.conn.sendall(struct.pack(">H", len(message)) + message)  # TRAN-001, TRAN-007

    def receive(self):
        size = self.stream.read(2)
        message = self.stream.read(struct.unpack(">H", size)[0]) if len(size) == 2 else b""
        need(len(size) == 2 and len(message) == struct.unpack(">H", size)[0], "end of stream")  # TRAN-004
        return message

    def send_handshake(self, kind, body):
        routes = ([], []) if self.profile == "c09" else (self.onward, [self.me])  # ROUT-004
        self.send(build(*routes, kind, body))

    def receive_handshake(self, kind, size):
        _, back, got, body = parse(self.receive(), self.profile)
        need(got == kind and len(body) == size, "not the handshake message expected")  # CHAN-001, NOISE-006
        self.onward = [self.peer] + (back[1:] if back and back[0][0] == 1 else back)  # ROUT-003
        return body

    def accept(self, hs):
        re = hs.mix_hash(self.receive_handshake(M1, 32))
        hs.mix_hash(b"")  # m1's empty payload
        m2 = hs.mix_hash(public(hs.e))
        hs.mix_dh(hs.e, re)
        m2 += hs.seal(public(hs.s))
        hs.mix_dh(hs.s, re)
        self.send_handshake(M2, m2 + hs.seal(b""))
        m3 = self.receive_handshake(M3, 64)
        hs.mix_dh(hs.e, hs.open(m3[:48]))
        hs.open(m3[48:])
        self.opened(hs, False)

    def connect(self, hs):
        m1 = hs.mix_hash(public(hs.e))
        hs.mix_hash(b"")
        self.send_handshake(M1, m1)
        m2 = self.receive_handshake(M2, 96)
        re = hs.mix_hash(m2[:32])
        hs.mix_dh(hs.e, re)
        hs.mix_dh(hs.e, hs.open(m2[32:80]))
        hs.open(m2[80:])
        m3 = hs.seal(public(hs.s))
        hs.mix_dh(hs.s, re)
        self.send_handshake(M3, m3 + hs.seal(b""))
        self.opened(hs, True)

    def opened(self, hs, initiator):
        self.timer.cancel()
        k1, k2 = hkdf(hs.ck, b"")
        self.ks, self.kr = (k2, k1) if initiator else (k1, k2)  # NOISE-010
        self.ns, self.nr, self.ad = 0, 0, b"" if self.profile == "c09" else hs.h  # REC-001, REC-002

    def write(self, onward, payload):
        need(self.ns <= 65535, "counter spent")  # REC-003
        self.ns += 1
        c = AESGCM(self.ks).encrypt(nonce(self.ns - 1), build(onward, [], PAYLOAD, payload), self.ad)
        self.send(c if self.profile == "c09" else build(self.onward, [self.me], PAYLOAD, c))

    def echo(self):
        kind, c = PAYLOAD, self.receive()
        if self.profile != "c09":
            _, _, kind, c = parse(c, self.profile)
        if kind != PAYLOAD:
            return  # CHAN-003: dropped
        need(len(c) >= 16 and self.nr <= 65535, "short ciphertext, or counter spent")  # REC-006, REC-003
        inner = AESGCM(self.kr).decrypt(nonce(self.nr), c, self.ad)
        self.nr += 1
        try:
            _, back, kind, payload = parse(inner, self.profile)
        except Rejected:
            return  # REC-009: the counter is spent, the channel stays open
        if kind == PAYLOAD:
            self.write(back, payload)


def run(conn, role, profile, deadline, static):
    timer = threading.Timer(deadline, conn.shutdown, [socket.SHUT_RDWR])  # NOISE-013
    timer.daemon = True
    timer.start()
    with conn, contextlib.suppress(Rejected, InvalidTag, OSError):
        channel = Channel(conn, profile, timer)
        if role == "initiator":
            channel.connect(Handshake(static))
            channel.write([], b"hello")
        else:
            channel.accept(Handshake(static))
        while True:
            channel.echo()
    timer.cancel()


def main(role, transport, at, profile, timeout="10000"):
    if role not in ("responder", "initiator") or transport != "tcp" or profile not in ("v1", "c09"):
        sys.exit(__doc__)
    host, port = at.rsplit(":", 1)
    rest = role, profile, int(timeout) / 1000, X25519PrivateKey.generate()
    if role == "initiator":
        while True:
            try:
                conn = socket.create_connection((host, int(port)))
            except OSError:
                return
            run(conn, *rest)
    listener = socket.create_server((host, int(port)))
    print("listening %s:%d" % listener.getsockname()[:2], flush=True)
    while True:
        threading.Thread(target=run, args=(listener.accept()[0], *rest), daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
