#!/usr/bin/env python3
"""An Ockam channel echo peer, written from the specification alone, over TCP and UDP as the profile has them.

    ockam_peer.py responder udp 127.0.0.1:0 v1 [TIMEOUT_MS]      prints "listening ADDR", serves any number of sources
    ockam_peer.py initiator tcp 127.0.0.1:4000 c09 [TIMEOUT_MS]  one session after the other

Profiles: v1, c09 (TCP and UDP), e09, c010 (UDP). In e09 m1 is for the local address "listener", payloads name "echo".
"""
import sys

from ockam import datagrams, streams
from ockam.profiles import PROFILES


def main(role, transport, at, profile, timeout="10000"):
    profile = PROFILES.get(profile)
    if role not in ("responder", "initiator") or not profile or transport not in profile.transports:
        sys.exit(__doc__)
    host, _, port = at.rpartition(":")
    shell = {"tcp": streams, "udp": datagrams}[transport]
    run = shell.respond if role == "responder" else shell.initiate
    run((host.strip("[]"), int(port)), int(timeout) / 1000, profile, profile.suite.generate())


if __name__ == "__main__":
    if not 5 <= len(sys.argv) <= 6:
        sys.exit(__doc__)
    main(*sys.argv[1:])
