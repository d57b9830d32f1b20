"""Runs all codec, handshake, and record vectors of a directory, with an implementation of sections 4, 5, and 7 of its own."""
import collections, hashlib, hmac, ipaddress, json, pathlib, re, struct, sys
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
class Refused(Exception): pass
def need(ok, why):
    if not ok: raise Refused(why)
def among(value, allowed, why): need(value in allowed, why); return value
def attempt(error, why, f, *args):
    try: return f(*args)
    except error: raise Refused(why) from None
def groups(ip, profile): return struct.pack("<8H", *struct.unpack(">8H", ip)) if profile == "e09" else ip
def lengths(profile): return range({"c09": 0, "c010": 5}.get(profile, 255) + 1)
class Reader:  # section 4
    def __init__(self, data, profile): self.rest, self.profile = data, profile
    def take(self, n):
        need(len(self.rest) >= n, "codec/truncated")
        self.rest, out = self.rest[n:], self.rest[:n]; return out
    def byte(self): return self.take(1)[0]
    def number(self):
        if (first := self.byte()) < 128: return first
        return first % 128 + 128 * among(among(self.byte(), range(128), "codec/high-bit"), range(1, 128), "codec/not-shortest")
    def address(self):
        if (kind := among(self.byte(), range(3), "codec/address-type")) == 0:
            return {"type": "local", "local": self.take(among(self.byte(), range(1, 256), "codec/local-length")).hex()}
        host = among(self.byte(), range(3), "codec/host-type")
        if host == 0: out = {"ipv4": self.take(4).hex()}
        elif host == 1: out = {"ipv6": groups(self.take(16), self.profile).hex()}
        else: out = {"name": self.take(among(self.byte(), range(1, 254), "codec/name-length")).decode()}
        port, = struct.unpack("<H", self.take(2))
        return out | {"type": ("tcp", "udp")[kind - 1]} | ({"port": port} if port else {})
    def route(self): return [self.address() for _ in range(among(self.byte(), lengths(self.profile), "codec/too-many"))]
    def message(self):
        out = {"version": among(self.number(), (1,), "codec/version"), "onward": self.route(), "return": self.route()}
        if self.profile != "e09" or self.rest in (b"\0", b"\1"):
            out["type"] = among(self.byte(), range(6), "codec/type")
            need(out["type"] > 1 or not self.rest, "codec/ping-body")
        return out | {"body": self.rest.hex()}
def number(n, _):
    need(0 <= n <= 16383, "codec/number"); return bytes([n] if n < 128 else [n % 128 + 128, n // 128])
def address(a, profile):
    if a["type"] == "local":
        local = bytes.fromhex(a.get("local", ""))
        return bytes([0, among(len(local), range(1, 256), "codec/local-length")]) + local
    if "name" in a:
        name = a["name"].lower().removesuffix(".")
        need(1 <= len(name.encode()) <= 253, "codec/name-length")
        need(re.fullmatch("[a-z0-9.-]*", name) and not re.search(r"(^|\.)([0-9]+|0x[0-9a-f]+)$", name), "codec/name")
        host = bytes([2, len(name)]) + name.encode()
    else:
        ip = ipaddress.ip_address(bytes.fromhex(a.get("ipv4") or a["ipv6"]))
        ip = getattr(ip, "ipv4_mapped", None) or ip
        host = b"\0" + ip.packed if ip.version == 4 else b"\1" + groups(ip.packed, profile)
    return bytes([{"tcp": 1, "udp": 2}[a["type"]]]) + host + struct.pack("<H", a.get("port", 0))
def route(addresses, profile):
    return bytes([among(len(addresses), lengths(profile), "codec/too-many")]) + b"".join(address(a, profile) for a in addresses)
def message(m, profile):
    body, head = bytes.fromhex(m["body"]), number(m["version"], profile) + route(m["onward"], profile) + route(m["return"], profile)
    if "type" not in m:
        need(body not in (b"\0", b"\1") and body[:1] not in (b"\3", b"\4", b"\5"), "codec/cannot-travel")
        return head + body
    need(among(m["type"], range(6), "codec/type") > 1 or not body, "codec/ping-body")
    return head + bytes([m["type"]]) + body
def codec(v):
    element = v["element"].replace("u2le", "number")
    if v["op"] == "encode": return {"bytes": globals()[element](v["value"][element], v["profile"]).hex()}
    value = getattr(r := Reader(bytes.fromhex(v.get("bytes", "")), v["profile"]), element)()
    need(element == "message" or not r.rest, "codec/trailing"); return {"value": {element: value}}
def nonce(n): return struct.pack(">IQ", 0, n)  # NOISE-003
def unseal(layer, key, n, data, ad):
    need(len(data) >= 16, layer + "/short")
    return attempt(InvalidTag, layer + "/tag", AESGCM(key).decrypt, nonce(n), data, ad)
def record(v):  # section 7
    key, n, profile = bytes.fromhex(v["key"]), among(v["counter"], range(65536), "record/spent"), v["profile"]
    ad, kind = b"" if profile == "c09" else bytes.fromhex(v["h"]), {} if profile == "e09" else {"type": 2}
    if v["op"] == "open":
        inner = unseal("record", key, n, bytes.fromhex(v.get("ciphertext", "")), ad)
        m = attempt(Refused, "record/inner", Reader(inner, profile).message)
        need(m.get("type") == kind.get("type"), "record/inner")
        return {"onward": m["onward"], "return": m["return"], "payload": m["body"]}
    need(profile != "c010" or not v["onward"] and len(v["return"]) <= 1, "record/routes")
    inner = message({"version": 1, "onward": v["onward"], "return": v["return"], "body": v["payload"]} | kind, profile)
    need(v["header"] + len(inner) + 16 <= {"c09": 1008 + 4 + 16, "e09": 8192, "c010": 32767}.get(profile, 65535), "record/too-long")
    need((data := AESGCM(key).encrypt(nonce(n), inner, ad))[0] not in (3, 4, 5) or profile != "e09", "record/cannot-travel")
    return {"ciphertext": data.hex()}
def mix(h, data): return hashlib.sha256(h + data).digest()
def hkdf(salt, ikm):
    one = hmac.digest(prk := hmac.digest(salt, ikm, "sha256"), b"\1", "sha256")
    return one, hmac.digest(prk, one + b"\2", "sha256")
X25519 = (32, 32, [], (Encoding.Raw, PublicFormat.Raw), x25519.X25519PrivateKey.from_private_bytes, x25519.X25519PublicKey.from_public_bytes)
P256 = (65, 16, [ec.ECDH()], (Encoding.X962, PublicFormat.UncompressedPoint), lambda b: ec.derive_private_key(int.from_bytes(b), ec.SECP256R1()),
        lambda b: ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b))
class Noise:  # section 5: one end, which reads and writes the messages in turn
    def __init__(self, v, side):
        self.size, self.keysize, self.how, self.form, private, self.point = P256 if "P256" in v["ockam"]["suite"] else X25519
        self.initiator, self.own = side == "init", {k[0]: private(bytes.fromhex(v[f"{side}_{k}"])) for k in ("static", "ephemeral")}
        self.ck, self.key, self.n, self.remote = v["protocol_name"].encode().ljust(32, b"\0"), None, 0, {}
        self.h = mix(self.ck, bytes.fromhex(v[side + "_prologue"]))
        self.trace = {"h": [self.h.hex()], "ck": [], "k": []}
    def public(self, k): return self.own[k].public_key().public_bytes(*self.form)
    def dh(self, token):  # the initiator's key comes first in a token
        own, other = token if self.initiator else token[::-1]
        self.ck, key = hkdf(self.ck, attempt(ValueError, "noise/zero", self.own[own].exchange, *self.how, self.remote[other]))
        self.key, self.n = key[:self.keysize], 0
        self.trace["ck"].append(self.ck.hex()), self.trace["k"].append(self.key.hex())
    def crypt(self, data, writing):
        if not self.key: out = data
        else: out = AESGCM(self.key).encrypt(nonce(self.n), data, self.h) if writing else unseal("noise", self.key, self.n, data, self.h)
        self.n, self.h = self.n + 1, mix(self.h, out if writing else data)
        return out
    def step(self, i, data, writing, version1):  # data is the payload or the message; returns the other
        need(writing or len(data) >= (self.size, 2 * self.size + 32, self.size + 32)[i], "noise/length"); out = b""
        for t in ("e", "e ee s es", "s se")[i].split():
            if len(t) == 2: self.dh(t)
            elif writing: out += (part := self.public(t) if t == "e" else self.crypt(self.public(t), True))
            else:
                part, data = data[:(n := self.size + 16 * (t == "s"))], data[n:]
                self.remote[t] = attempt(ValueError, "noise/point", self.point, raw := part if t == "e" else self.crypt(part, False))
                need(i == 0 or t == "s" or raw != self.public("e"), "noise/reflection")
            if t == "e": self.h = mix(self.h, part)
        out += (payload := self.crypt(data, writing))
        need(writing or not version1 or not payload, "noise/payload")
        self.trace["h"].append(self.h.hex())
        return out
def handshake(v):
    for side in {"initiator": ["init"], "responder": ["resp"]}.get(v["ockam"]["role"], ["init", "resp"]):
        end = Noise(v, side)
        for i, m in enumerate(v["messages"]):
            want, have = ("ciphertext", "payload") if (i % 2 == 0) == end.initiator else ("payload", "ciphertext")
            got = end.step(i, bytes.fromhex(m[have]), want == "ciphertext", v["ockam"]["version1"]).hex()
            if got != m[want]: return {want: got}  # of no field of a vector: a difference
        all_ = end.trace | {k: x[:end.keysize].hex() for k, x in zip(("k1", "k2"), hkdf(end.ck, b""))}
        if "handshake_hash" in v and v["ockam"] != v["ockam"] | all_: return all_
    return {"handshake_hash": end.h.hex()} if "handshake_hash" in v else {}
def outcome(run, v, meta):
    try: return v == v | (got := run(v)) and meta["result"] != "invalid" or f"accepted: {got}"
    except Refused as why: return meta["result"] != "valid" and str(why) == "{layer}/{class}".format(**meta["error"]) or f"refused: {why}"
counts = collections.Counter()
for name, run in (("codec", codec), ("records", record), ("handshake", handshake), ("handshake_tampered", handshake)):
    f = json.loads((pathlib.Path(sys.argv[1]) / f"{name}.json").read_text())
    vectors = f.get("vectors") or [t for g in f["testGroups"] for t in g["tests"]]
    results = {m["tcId"]: (m, outcome(run, v, m)) for v in vectors for m in [v.get("ockam", v)]}
    for m, result in results.values():  # a refusal counts only beside its control, which is accepted
        counts[name, m["result"] if (good := result is True and results[m.get("control", m["tcId"])][1] is True) else "FAILED"] += 1
        if not good: print(f"FAIL {name} {m['tcId']} ({m['comment']}): {result}", file=sys.stderr)
    assert len(vectors) == f["numberOfTests"] == len(results) > 0
for (name, result), n in sorted(counts.items()): print(name, result, n)
sys.exit(any(result == "FAILED" for _, result in counts))
