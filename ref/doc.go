// Package ref is the shell of the reference implementation: secure channels over TCP, or over any other message connection, for
// applications that block and wait. It owns what the layers below leave out: sockets, clocks, deadlines, and goroutines.
//
// Dial is the initiator and Listen the responder of a channel without hops (specification sections 5 to 7) in profiles v1 and
// c09. Initiate and Respond run a channel over a connection that the caller has: an in-memory pipe, or another channel, which makes a
// tunnelled channel (CHAN-008). A Conn is a transport.Conn, so that code written against the one runs over the other (IO-005).
//
// A program that polls uses ref/channel instead: bytes and the time in, bytes and events out, no hidden threads (CHAN-009).
//
// It does not route, forward, or carry datagrams.
//
// A Conn and a Listener are safe for concurrent use, except that one goroutine reads a Conn at a time. Functions do not keep the
// slices that they are given.
package ref
