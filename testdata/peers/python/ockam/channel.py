"""Sections 6 and 7: one end of a channel, without IO and without a clock. Times are seconds on any clock that does not go back."""
import copy

from .noise import Handshake, seal, TAG, unseal
from .wire import build, M1, M2, M3, need, parse, PAYLOAD, Rejected

SENT_M1, SENT_M2, OPEN, FAILED = "sent m1", "sent m2", "open", "failed"
AWAITED = {SENT_M1: M2, SENT_M2: M3, OPEN: PAYLOAD}
LAST_COUNTER = 65535  # REC-003
WINDOW = 64           # REC-008: W
FIRST_INTERVAL = 0.5  # TRAN-014
M3_REPEATS = 5


class Counters:
    """Which counters the receiving direction has had, and which it tries."""
    def __init__(self):
        self.highest, self.had = -1, set()

    def candidates(self, stream):
        n = self.highest
        ahead = 1 if stream else WINDOW
        late = [] if stream else [c for c in range(max(n - WINDOW + 1, 0), n) if c not in self.had]
        return [*range(n + 1, min(n + ahead, LAST_COUNTER) + 1), *late]

    def spend(self, counter):
        self.highest = max(self.highest, counter)
        self.had = {c for c in self.had | {counter} if c > self.highest - WINDOW}


class Channel:
    """It sends to self.route[0]. A method that raises Rejected has changed nothing."""
    def __init__(self, profile, static, back, limit, stream, deadline):
        """back is the return route of its handshake messages: its node's own address, then perhaps a local one."""
        self.profile, self.back, self.limit, self.stream, self.deadline = profile, back, limit, stream, deadline
        self.hs = Handshake(profile.suite, static, profile.travels)
        self.m1 = self.m2 = self.m3 = self.due = None

    def connect(self, route, now):
        self.route, self.state = route, SENT_M1
        m1 = self.pack(route, M1, self.hs.write_m1())
        self.repeat(m1, now, None)
        return m1

    def accept(self, message):
        """Returns m2, which goes to m1's return route (ROUT-008)."""
        self.hs.read_m1(message.body)
        self.route = self.learn(message)
        self.m1, self.m2 = message.body, self.pack(self.route, M2, self.hs.write_m2())
        self.state = SENT_M2
        return self.m2

    def receive(self, message, now):
        """Takes a message whose return route begins with the source. Returns what to send, and the inner message or None."""
        kind = AWAITED[self.state] if message.kind is None else message.kind
        if self.state == OPEN and kind != PAYLOAD:  # CHAN-003, TRAN-014
            repeated = kind == M2 and message.body == self.m2 and self.profile.repeats and not self.stream
            return [self.m3] if repeated else [], None
        need(kind == AWAITED[self.state], "not the message awaited")  # CHAN-001
        if self.state == OPEN:
            return [], self.read(message.body)
        hs = copy.copy(self.hs)  # NOISE-017: a rejected message leaves the handshake as it was
        if self.state == SENT_M2:
            hs.read_m3(message.body)
            self.open(hs, self.learn(message), *hs.split())
            return [], None
        hs.read_m2(message.body)
        m3 = hs.write_m3()
        if not self.profile.travels(m3):
            self.state = FAILED  # another handshake has other bytes
            return [], None
        route = self.learn(message)
        self.m2, self.m3 = message.body, self.pack(route, M3, m3)
        self.open(hs, route, *reversed(hs.split()))
        self.repeat(self.m3, now, M3_REPEATS)
        return [self.m3], None

    def learn(self, message):
        route = [a.canonical() for a in message.back]
        self.stream = self.stream and len(route) == 1  # CHAN-011
        return route

    def open(self, hs, route, ks, kr):
        self.route, self.state, self.ks, self.kr = route, OPEN, ks, kr  # ROUT-008
        self.ns, self.counters, self.ad = 0, Counters(), hs.h if self.profile.bind_hash else b""  # REC-001
        self.hs = self.due = None

    # Repeats (TRAN-014)

    def repeat(self, message, now, times):
        if self.profile.repeats and not self.stream:
            self.repeated, self.interval, self.due, self.left = message, FIRST_INTERVAL, now + FIRST_INTERVAL, times

    def tick(self, now):
        """Returns the messages that are due."""
        if self.due is None or now < self.due:
            return []
        self.interval, self.left = 2 * self.interval, self.left and self.left - 1
        self.due = now + self.interval
        if self.left == 0 or self.due >= self.deadline:
            self.due = None
        return [self.repeated]

    # Records

    def pack(self, route, kind, body):
        """The outer message (ROUT-004). Records carry no local address of ours (CHAN-010)."""
        if kind == PAYLOAD and self.profile.bare_records:
            message = body
        elif self.profile.addresses == 0:
            message = build([], [], kind, body, self.profile)
        else:
            message = build(route, self.back[:1] if kind == PAYLOAD else self.back, kind, body, self.profile)
        need(len(message) <= self.limit, "message too long")  # REC-010
        return message

    def write(self, onward, back, payload):
        need(len(payload) <= self.profile.send_limit, "payload too long")
        inner = build(onward, back, PAYLOAD, payload, self.profile)
        need(len(self.pack(self.route, PAYLOAD, b"")) + len(inner) + TAG <= self.limit, "message too long")  # REC-010
        while True:
            need(self.ns <= LAST_COUNTER, "counters spent")  # REC-003
            self.ns += 1
            ciphertext = seal(self.ks, self.ns - 1, inner, self.ad)
            if self.profile.travels(ciphertext):  # else the counter is spent without being sent (section 11)
                return self.pack(self.route, PAYLOAD, ciphertext)

    def read(self, ciphertext):
        need(len(ciphertext) >= TAG, "short ciphertext")  # REC-006
        candidates = self.counters.candidates(self.stream)
        if not candidates:
            return None  # REC-014
        for counter in candidates:
            try:
                inner = unseal(self.kr, counter, ciphertext, self.ad)
            except Rejected:
                continue
            self.counters.spend(counter)
            self.due = None  # TRAN-014: a record has verified
            return self.inner(inner)
        raise Rejected("no counter verifies")  # REC-004

    def inner(self, inner):
        try:
            message = parse(inner, self.profile)
        except Rejected:
            return None  # REC-009: the counter is spent, the channel stays open
        good = message.kind in (PAYLOAD, None) and len(message.body) <= self.profile.receive_limit
        return message if good else None
