#!/usr/bin/env python3
"""An adapter of ockamtest for an implementation in Python. As it stands everything is unsupported; PROTOCOL.md tells what the verbs do.

    ockamtest peer check 'adapter:python3 adapter.py'

To fill in a verb: write a function like sha256() in the comment below, add it to VERBS with all its fields, declare it in CAPABILITIES.
"""
import os
import re
import socket

NAME = "skeleton-python"
CAPABILITIES = {"verbs": "hello,capabilities,reset,quit", "profiles": "", "roles": "", "over": "", "forms": "", "transports": "",
                "options": "", "channels": "0"}
LINE = 262144


class Refused(Exception):
    """The answer "error": raise Refused("authentication")."""


class Unsupported(Exception):
    """The answer "unsupported"."""


def octets(fields, key):
    """The bytes of a field that has to be there."""
    value = fields.get(key)
    if value is None or len(value) % 2 or not re.fullmatch("[0-9a-f]*", value):
        raise Refused("argument")
    return bytes.fromhex(value)


# A verb takes the fields of the request and returns those of the answer: a list of keys and values.

def hello(fields):
    versions = fields.get("versions", "")
    if not re.fullmatch("[0-9]+(,[0-9]+)*", versions):
        raise Refused("argument")
    if "1" not in versions.split(","):
        raise Refused("version")
    return [("version", "1"), ("line", LINE), ("name", NAME)]


def capabilities(fields):
    return CAPABILITIES.items()


def reset(fields):
    return []  # forget all channels, end all listeners and connections


def quit(fields):
    return []


# def sha256(fields):
#     return [("data", hashlib.sha256(octets(fields, "data")).hexdigest())]

VERBS = {"hello": (hello, {"versions"}), "capabilities": (capabilities, set()), "reset": (reset, set()), "quit": (quit, set())}


def carry_out(verb, words):
    """Carry out a request and return what is answered behind the ID."""
    fields = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or key in fields:
            raise Refused("syntax")
        fields[key] = value
    function, known = VERBS.get(verb, (None, set()))
    if function is None or not fields.keys() <= known:
        raise Unsupported
    return " ".join(["ok"] + ["%s=%s" % field for field in function(fields)])


def requests(source):
    """The lines, each with whether it is one; of one that is too long only the beginning."""
    while line := source.readline(LINE):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = source.readline(LINE)
        yield line.rstrip(b"\n").decode("ascii", "replace"), rest is line


def main():
    source, sink = control()
    greeted = False
    for line, whole in requests(source):
        number, verb, *words = line.split(" ") if " " in line else ("0", "")
        try:
            if not whole or not verb:
                raise Refused("syntax")
            if not greeted and verb != "hello":
                raise Refused("sequence")
            answer = carry_out(verb, words)
            greeted = True
        except Refused as refused:
            answer = "error class=%s" % refused
        except Unsupported:
            answer = "unsupported"
        sink.write(("%s %s\n" % (number, answer)).encode("ascii", "replace"))
        sink.flush()
        if verb == "quit" and answer == "ok":
            return


def control():
    """The control connection: what requests are read from and answers written to."""
    kind, _, where = os.environ["OCKAMTEST_CONTROL"].partition(":")
    if kind == "fd":
        read, write = where.split(",")
        return os.fdopen(int(read), "rb"), os.fdopen(int(write), "wb")
    host, port = where.split(":")
    connection = socket.create_connection((host, int(port)))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection.makefile("rb"), connection.makefile("wb")


if __name__ == "__main__":
    main()
