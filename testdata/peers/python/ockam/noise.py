"""Section 5: Noise XX. A method that fails leaves the handshake in disorder: use a copy."""
import hashlib
import hmac
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .wire import need, Rejected

TAG = 16


class X25519:
    public_size, key_size = 32, 32
    generate = x25519.X25519PrivateKey.generate

    @staticmethod
    def public(private):
        return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @staticmethod
    def exchange(private, public):
        try:
            return private.exchange(x25519.X25519PublicKey.from_public_bytes(public))
        except ValueError:
            raise Rejected("low-order public key") from None  # NOISE-009


class P256:
    public_size, key_size = 65, 16

    @staticmethod
    def generate():
        return ec.generate_private_key(ec.SECP256R1())

    @staticmethod
    def public(private):
        return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @staticmethod
    def exchange(private, public):
        need(public[0] == 4, "not 04 x y")  # VAULT-002
        try:
            return private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public))
        except ValueError:
            raise Rejected("point off the curve") from None


def hkdf(ck, ikm):
    prk = hmac.digest(ck, ikm, "sha256")
    one = hmac.digest(prk, b"\x01", "sha256")
    return one, hmac.digest(prk, one + b"\x02", "sha256")


def seal(key, n, plaintext, ad):
    return AESGCM(key).encrypt(struct.pack(">IQ", 0, n), plaintext, ad)  # NOISE-003


def unseal(key, n, ciphertext, ad):
    try:
        return AESGCM(key).decrypt(struct.pack(">IQ", 0, n), ciphertext, ad)
    except InvalidTag:
        raise Rejected("tag") from None


class Handshake:
    """The methods of the initiator are write_m1, read_m2, write_m3, those of the responder the others, in this order."""
    def __init__(self, suite, static, usable):
        self.suite, self.s, self.e = suite, static, suite.generate()
        while not usable(suite.public(self.e)):
            self.e = suite.generate()
        self.ck = b"Noise_XX_25519_AESGCM_SHA256".ljust(32, b"\0")  # NOISE-001
        self.h = hashlib.sha256(self.ck).digest()

    def mix_hash(self, data):
        self.h = hashlib.sha256(self.h + data).digest()
        return data

    def mix_dh(self, private, public):
        self.ck, key = hkdf(self.ck, self.suite.exchange(private, public))  # NOISE-003
        self.k, self.n = key[:self.suite.key_size], 0

    def seal(self, plaintext):
        self.n += 1
        return self.mix_hash(seal(self.k, self.n - 1, plaintext, self.h))

    def open(self, ciphertext):
        plaintext = unseal(self.k, self.n, ciphertext, self.h)  # NOISE-005
        self.n += 1
        self.mix_hash(ciphertext)
        return plaintext

    def split_body(self, body, *sizes):
        need(len(body) == sum(sizes), "length of a handshake message")  # NOISE-006
        for size in sizes:
            yield body[:size]
            body = body[size:]

    def write_m1(self):  # -> e
        return self.mix_hash(self.suite.public(self.e)) + self.mix_hash(b"")

    def read_m1(self, body):
        self.re, = self.split_body(body, self.suite.public_size)
        self.mix_hash(self.re)
        self.mix_hash(b"")

    def write_m2(self):  # <- e, ee, s, es
        e = self.mix_hash(self.suite.public(self.e))
        self.mix_dh(self.e, self.re)
        s = self.seal(self.suite.public(self.s))
        self.mix_dh(self.s, self.re)
        return e + s + self.seal(b"")

    def read_m2(self, body):
        self.re, s, payload = self.split_body(body, self.suite.public_size, self.suite.public_size + TAG, TAG)
        self.mix_hash(self.re)
        self.mix_dh(self.e, self.re)
        self.mix_dh(self.e, self.open(s))
        self.open(payload)

    def write_m3(self):  # -> s, se
        s = self.seal(self.suite.public(self.s))
        self.mix_dh(self.s, self.re)
        return s + self.seal(b"")

    def read_m3(self, body):
        s, payload = self.split_body(body, self.suite.public_size + TAG, TAG)
        self.mix_dh(self.e, self.open(s))
        self.open(payload)

    def split(self):
        """The keys of the responder's and of the initiator's records (NOISE-010)."""
        return [key[:self.suite.key_size] for key in hkdf(self.ck, b"")]
