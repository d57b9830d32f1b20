#!/usr/bin/env python3
"""An Ockam channel echo peer over TCP, profiles v1 and c09, written from the specification alone.

    ockam_peer.py responder tcp 127.0.0.1:0 v1 [TIMEOUT_MS]     prints "listening ADDR", serves every connection
    ockam_peer.py initiator tcp 127.0.0.1:4000 c09 [TIMEOUT_MS] one session after the other until nobody listens

It needs nothing but the standard library and the package cryptography.
"""
import hashlib, hmac, ipaddress, socket, struct, sys, threading
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


# ---- wire message (section 4) ----

def parse_host(b, at):
    kind = b[at]
    need(kind in (0, 1, 2), "host type")
    size, start = (4, at + 1) if kind == 0 else (16, at + 1) if kind == 1 else (b[at + 1], at + 2)
    need(kind != 2 or 1 <= size <= 253, "DNS name length")
    need(start + size + 2 <= len(b), "truncated host")
    return start + size + 2


def parse_route(b, at):
    count, at, route = b[at], at + 1, []
    for _ in range(count):
        start, kind = at, b[at]
        need(kind in (0, 1, 2), "address type")
        if kind == 0:
            need(b[at + 1] > 0, "empty local address")
            at += 2 + b[at + 1]
        else:
            at = parse_host(b, at + 1)
        need(at <= len(b), "truncated address")
        route.append(bytes(b[start:at]))
    return route, at


def parse(b, profile):
    """version, onward route, return route, type, body"""
    try:
        need(b[0] == 1, "version")  # WIRE-001; 1 has one encoding, WIRE-002
        onward, at = parse_route(b, 1)
        back, at = parse_route(b, at)
        kind = b[at]
    except IndexError:
        raise Rejected("truncated header")  # WIRE-005
    need(kind <= M3, "message type")  # WIRE-006
    need(kind > 1 or at + 1 == len(b), "ping with a body")  # WIRE-009
    need(profile != "c09" or not (onward or back), "routes in c09")
    return onward, back, kind, bytes(b[at + 1:])


def build(onward, back, kind, body):
    return bytes([1, len(onward)]) + b"".join(onward) + bytes([len(back)]) + b"".join(back) + bytes([kind]) + body


def address(pair):
    ip = ipaddress.ip_address(pair[0])
    return bytes([1, 0 if ip.version == 4 else 1]) + ip.packed + struct.pack("<H", pair[1])  # WIRE-007


# ---- Noise XX (section 5) ----

def hkdf(ck, ikm):
    prk = hmac.digest(ck, ikm, "sha256")
    one = hmac.digest(prk, b"\x01", "sha256")
    return one, hmac.digest(prk, one + b"\x02", "sha256")


def nonce(n):
    return struct.pack(">IQ", 0, n)


class Handshake:
    def __init__(self, static):
        self.ck = b"Noise_XX_25519_AESGCM_SHA256".ljust(32, b"\0")  # NOISE-001
        self.h, self.k, self.n = hashlib.sha256(self.ck).digest(), None, 0
        self.s, self.e = static, X25519PrivateKey.generate()

    def mix_hash(self, data):
        self.h = hashlib.sha256(self.h + data).digest()

    def mix_dh(self, private, public):
        try:
            self.ck, self.k = hkdf(self.ck, private.exchange(public))  # NOISE-003, NOISE-009
        except ValueError:
            raise Rejected("low-order public key")
        self.n = 0

    def seal(self, plaintext):
        c = AESGCM(self.k).encrypt(nonce(self.n), plaintext, self.h)
        self.n += 1
        self.mix_hash(c)
        return c

    def open(self, c):
        plaintext = AESGCM(self.k).decrypt(nonce(self.n), c, self.h)  # NOISE-005
        self.n += 1
        self.mix_hash(c)
        return plaintext

    def write_e(self):
        e = raw(self.e)
        self.mix_hash(e)
        return e

    def read_e(self, e):
        self.re = X25519PublicKey.from_public_bytes(e)
        self.mix_hash(e)

    def write_s(self):
        return self.seal(raw(self.s))

    def read_s(self, c):
        self.rs = X25519PublicKey.from_public_bytes(self.open(c))


def raw(private):
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


# ---- channel (sections 6 and 7) ----

class Channel:
    def __init__(self, conn, profile, deadline):
        self.conn, self.profile, self.buffer = conn, profile, b""
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.me, self.peer = address(conn.getsockname()), address(conn.getpeername())
        self.onward = [self.peer]
        self.timer = threading.Timer(deadline, lambda: self.shut())  # NOISE-013: not extended by traffic
        self.timer.daemon = True
        self.timer.start()

    def shut(self):
        try:
            self.conn.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def send(self, message):
        self.conn.sendall(struct.pack(">H", len(message)) + message)  # TRAN-001, TRAN-007

    def receive(self):
        while len(self.buffer) < 2 or len(self.buffer) < 2 + struct.unpack(">H", self.buffer[:2])[0]:
            more = self.conn.recv(65536)
            if not more:
                raise EOFError
            self.buffer += more
        size = 2 + struct.unpack(">H", self.buffer[:2])[0]
        message, self.buffer = self.buffer[2:size], self.buffer[size:]
        return message

    def send_handshake(self, kind, body):
        routes = ([], []) if self.profile == "c09" else (self.onward, [self.me])  # ROUT-004
        self.send(build(*routes, kind, body))

    def receive_handshake(self, kind, size):
        _, back, got, body = parse(self.receive(), self.profile)
        need(got == kind and len(body) == size, "not the handshake message expected")  # CHAN-001, NOISE-006
        if self.profile != "c09":  # ROUT-003: the source comes first
            self.onward = [self.peer] + (back[1:] if back and back[0][0] == 1 else back)
        return body

    def split(self, hs, initiator):
        k1, k2 = hkdf(hs.ck, b"")
        self.ks, self.kr = (k2, k1) if initiator else (k1, k2)  # NOISE-010
        self.ns = self.nr = 0
        self.ad = b"" if self.profile == "c09" else hs.h  # REC-001
        self.timer.cancel()

    def accept(self, hs):
        hs.read_e(self.receive_handshake(M1, 32))
        hs.mix_hash(b"")  # the empty payload
        m2 = hs.write_e()
        hs.mix_dh(hs.e, hs.re)
        m2 += hs.write_s()
        hs.mix_dh(hs.s, hs.re)
        self.send_handshake(M2, m2 + hs.seal(b""))
        m3 = self.receive_handshake(M3, 64)
        hs.read_s(m3[:48])
        hs.mix_dh(hs.e, hs.rs)
        need(hs.open(m3[48:]) == b"", "payload in m3")
        self.split(hs, False)

    def connect(self, hs):
        m1 = hs.write_e()
        hs.mix_hash(b"")
        self.send_handshake(M1, m1)
        m2 = self.receive_handshake(M2, 96)
        hs.read_e(m2[:32])
        hs.mix_dh(hs.e, hs.re)
        hs.read_s(m2[32:80])
        hs.mix_dh(hs.e, hs.rs)
        need(hs.open(m2[80:]) == b"", "payload in m2")
        m3 = hs.write_s()
        hs.mix_dh(hs.s, hs.re)
        self.send_handshake(M3, m3 + hs.seal(b""))
        self.split(hs, True)

    def write(self, onward, payload):
        need(self.ns <= 65535, "counter spent")  # REC-003
        c = AESGCM(self.ks).encrypt(nonce(self.ns), build(onward, [], PAYLOAD, payload), self.ad)
        self.ns += 1
        self.send(c if self.profile == "c09" else build(self.onward, [self.me], PAYLOAD, c))

    def echo(self):
        message = self.receive()
        if self.profile != "c09":
            _, _, kind, message = parse(message, self.profile)
            if kind != PAYLOAD:
                return  # CHAN-003: dropped
        need(len(message) >= 16 and self.nr <= 65535, "short ciphertext")  # REC-006, REC-003
        inner = AESGCM(self.kr).decrypt(nonce(self.nr), message, self.ad)
        self.nr += 1
        try:
            _, back, kind, payload = parse(inner, self.profile)
            need(kind == PAYLOAD, "inner type")
        except Rejected:
            return  # REC-009: its counter is spent, the channel stays open
        self.write(back, payload)


def run(conn, role, profile, deadline, static):
    try:
        channel = Channel(conn, profile, deadline)
        if role == "initiator":
            channel.connect(Handshake(static))
            channel.write([], b"hello")
        else:
            channel.accept(Handshake(static))
        while True:
            channel.echo()
    except (Rejected, InvalidTag, EOFError, OSError):
        pass  # NOISE-007: nothing more is sent
    finally:
        conn.close()


def main():
    role, transport, at, profile = sys.argv[1:5]
    deadline = int(sys.argv[5]) / 1000 if len(sys.argv) > 5 else 10
    if role not in ("responder", "initiator") or transport != "tcp" or profile not in ("v1", "c09"):
        sys.exit(__doc__)
    host, port = at.rsplit(":", 1)
    static = X25519PrivateKey.generate()
    while role == "initiator":
        try:
            conn = socket.create_connection((host, int(port)))
        except OSError:
            return
        run(conn, role, profile, deadline, static)
    listener = socket.create_server((host, int(port)))
    print("listening %s:%d" % listener.getsockname()[:2], flush=True)
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=run, args=(conn, role, profile, deadline, static), daemon=True).start()


main()
