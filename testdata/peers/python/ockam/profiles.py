"""Section 11: what the dialects differ in."""
from dataclasses import dataclass

from .noise import P256, X25519

ANY = 65535


@dataclass(frozen=True)
class Profile:
    name: str
    transports: tuple = ("tcp", "udp")
    addresses: int = 255        # per route; 0: both counts are 0, and there is no node
    typed: bool = True          # handshake messages, records, and what they carry have a type byte
    bare_records: bool = False  # the outer message of a record is the ciphertext
    bind_hash: bool = True      # the associated data of records is h
    suite: type = X25519
    groups: bool = False        # IPv6 addresses are little-endian 16-bit groups
    any_leading: bool = True    # a leading transport address is removed whatever it says, else if it is one's own
    fresh_static: bool = False  # a new static key for each handshake
    listener: bytes = b""       # m1 is addressed to this local address
    application: bytes = b""    # inner onward routes name this local address; both ends have it here
    inner_onward: bool = True   # there may be inner onward addresses
    repeats: bool = True        # TRAN-014, TRAN-015; else TRAN-016
    longest: int = ANY          # bytes of a message
    send_limit: int = ANY       # bytes of a payload
    receive_limit: int = ANY

    def travels(self, body):
        """Tells whether a body can travel: without a type byte its first byte is taken for one."""
        return self.typed or body[:1] not in (b"\3", b"\4", b"\5") and body not in (b"\0", b"\1")


PROFILES = {p.name: p for p in (
    Profile("v1"),
    Profile("c09", addresses=0, bare_records=True, bind_hash=False, fresh_static=True, repeats=False,
            send_limit=1008, receive_limit=1024),
    Profile("e09", transports=("udp",), typed=False, groups=True, any_leading=False, listener=b"listener",
            application=b"echo", repeats=False, longest=8192),
    Profile("c010", transports=("udp",), addresses=5, suite=P256, fresh_static=True, inner_onward=False, repeats=False,
            longest=32767),
)}
