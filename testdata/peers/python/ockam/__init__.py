"""Ockam channels, version 1 and its dialects, written from the specification alone: simple and correct rather than fast.

profiles   section 11: what the dialects differ in
wire       section 4: the codec
noise      section 5: the handshake's messages
channel    sections 6 and 7: one end of a channel, without IO and without a clock
node       section 8: where a message goes, the listener, and the echo on top
streams    section 3.1: nodes over TCP
datagrams  section 3.2: nodes over UDP
"""
