// Package channel is the secure channel as a state machine: initiator and responder, from the first handshake message to the last
// record (specification sections 6 and 7, areas CHAN and REC, and the rules of section 8 that an end point obeys).
//
// It is sans-IO. Wire messages and the time go in, wire messages and events come out; there is no socket, clock, goroutine, or
// random number here. The shells (package ref, the kit's in-process peer, the fuzz targets) carry the bytes. It knows the key
// agreement by its interface alone (KEY-004), and everything in which the dialects differ from its profile.
//
// Where no router stands before it, a channel is the node of its connection: it answers pings for the node (WIRE-010) and leaves what
// is for another address alone. It does not forward or resolve names.
//
// On datagrams (CHAN-011) it repeats lost handshake messages and answers repeats (TRAN-014), and takes records that are lost, out of order,
// or forged for what they are (REC-008). Messages come over links: HandleFrom is told which, Event.Link and Link tell where they leave.
//
// A Channel has state and buffers of its own (CHAN-006). It is not safe for concurrent use.
package channel
