"""Section 8: where a message goes, the listener, and the echo on top, without IO and without a clock."""
import secrets

from .channel import Channel, FAILED, OPEN, SENT_M1, SENT_M2
from .wire import Address, build, LOCAL, M1, Message, need, parse, PAYLOAD, PING, PONG, Rejected, TCP, UDP

MAX_HALF_OPEN = 1024  # CHAN-012
MAX_OPEN = 4096


class Node:
    """Over TCP a node is one connection and has one channel, without a local address. Methods return pairs of destination and message."""
    def __init__(self, profile, kind, here, static, timeout, listens):
        """here is its own transport address, static its key, timeout the deadline of handshakes in seconds."""
        self.profile, self.kind, self.here, self.timeout, self.listens = profile, kind, here, timeout, listens
        self.static, self.channels = static, {}  # by local address, else by source; the one used last is last
        self.limit = profile.longest
        if kind == UDP:
            self.limit = min(self.limit, 65507 if here.host.version == 4 else 65527)  # REC-010

    def stream(self):
        return self.kind == TCP and all(c.stream for c in self.channels.values())

    def opened(self):
        return any(c.state == OPEN for c in self.channels.values())

    def wake(self):
        """When tick is to be called next, None if it need not."""
        half_open = [c.deadline for c in self.channels.values() if c.state != OPEN]
        return min(half_open + [c.due for c in self.channels.values() if c.due is not None], default=None)

    def tick(self, now):
        self.forget(now)
        return [(c.route[0], m) for c in self.channels.values() for m in c.tick(now)]

    def forget(self, now):
        """NOISE-013, CHAN-012: half-open handshakes end at their deadline, and there are not too many. The same for open channels."""
        half = [key for key, c in self.channels.items() if c.state != OPEN]
        full = [key for key, c in self.channels.items() if c.state == OPEN]
        late = [key for key in half if self.channels[key].deadline <= now]
        for key in {*late, *half[:max(len(half) - MAX_HALF_OPEN, 0)], *full[:max(len(full) - MAX_OPEN, 0)]}:
            del self.channels[key]

    # A new channel

    def channel(self, source, now):
        """A channel and its key. Over UDP it has a local address (CHAN-010)."""
        static = self.profile.suite.generate() if self.profile.fresh_static else self.static
        key, back = source, [self.here]
        if self.kind == UDP and self.profile.addresses:
            key = Address(LOCAL, secrets.token_bytes(8))
            back = [self.here, key]
        need(key not in self.channels, "the source has a channel")
        return key, Channel(self.profile, static, back, self.limit, self.kind == TCP, now + self.timeout)

    def connect(self, remote, now):
        key, channel = self.channel(remote, now)
        route = [remote] + ([Address(LOCAL, self.profile.listener)] if self.profile.listener else [])
        m1 = channel.connect(route, now)
        self.channels[key] = channel
        return [(remote, m1)]

    def accept(self, message, source, now):
        need(self.listens, "no listener")
        for known in self.channels.values():
            if known.m1 == message.body and known.route[0] == source:  # TRAN-014, TRAN-015, TRAN-016
                again = known.state == SENT_M2 and self.profile.repeats and not known.stream
                return [(known.route[0], known.m2)] if again else []
        key, channel = self.channel(source, now)
        m2 = channel.accept(message)
        self.channels[key] = channel
        self.forget(now)
        return [(channel.route[0], m2)]

    # Messages

    def receive(self, source, data, now):
        """Raises Rejected if that ends the connection, which is a stream."""
        self.forget(now)
        try:
            return self.dispatch(source, data, now)
        except Rejected:
            if self.stream():
                raise
            return []

    def dispatch(self, source, data, now):
        need(len(data) <= self.profile.longest, "too long")  # TRAN-011
        one = self.channels.get(source)
        if self.profile.bare_records and one and one.state == OPEN:
            return self.deliver(source, Message([], [], PAYLOAD, data), now)
        message = parse(data, self.profile)
        message = message._replace(onward=self.remove_own(message.onward), back=self.with_source(message.back, source))
        if self.profile.addresses == 0:  # whatever arrives is for the one channel
            return self.deliver(source, message, now) if one else self.listener(message, source, now)
        if not message.onward:
            return self.for_node(message, source, now)
        to = message.onward[0]
        if message.kind in (PING, PONG):
            return []  # WIRE-010
        if to in self.channels and to.kind == LOCAL:
            return self.deliver(to, message, now)
        if self.profile.listener and to == Address(LOCAL, self.profile.listener):
            return self.accept(message, source, now)
        return []  # ROUT-006, ROUT-007

    def remove_own(self, onward):
        """ROUT-002."""
        own = onward and onward[0].kind != LOCAL and (self.profile.any_leading or onward[0] == self.here)
        return onward[1:] if own else onward

    def with_source(self, back, source):
        """ROUT-003."""
        return [source] + (back[1:] if back and back[0].kind == source.kind else back)

    def for_node(self, message, source, now):
        """ROUT-001: a message with an empty onward route."""
        if message.kind == PING:
            return self.pong(message)
        if message.kind == PONG:
            return []  # nobody pings here
        one = self.channels.get(source)
        if one and (message.kind != M1 or one.stream):
            return self.deliver(source, message, now)
        if self.profile.listener:
            return []  # the listener has an address
        return self.listener(message, source, now)

    def listener(self, message, source, now):
        need(message.kind == M1, "not m1")  # CHAN-001
        return self.accept(message, source, now)

    def pong(self, message):
        try:
            return [(message.back[0], build(message.back, [self.here], PONG, b"", self.profile))]
        except Rejected:
            return []  # WIRE-015

    def deliver(self, key, message, now):
        channel = self.channels[key]
        before = channel.state
        out, inner = channel.receive(message, now)
        if channel.state == FAILED:
            del self.channels[key]
        elif channel.state == OPEN:
            self.channels[key] = self.channels.pop(key)  # used last
        if before == SENT_M1 and channel.state == OPEN:
            out += self.say(channel, self.application(), b"hello")
        if inner:
            out += self.echo(channel, inner)
        return [(channel.route[0], m) for m in out]

    # The echo contract

    def application(self):
        """Section 11: the inner onward route of a payload names the application, where the profile has it."""
        return [Address(LOCAL, self.profile.application)] if self.profile.application else []

    def echo(self, channel, inner):
        if self.profile.application and inner.onward != self.application():
            return []
        return self.say(channel, inner.back if self.profile.inner_onward else [], inner.body)

    def say(self, channel, onward, payload):
        try:
            return [channel.write(onward, self.application(), payload)]
        except Rejected:
            return []  # a refused write is not fatal
