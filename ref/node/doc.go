// Package node is a node as a state machine: a router, channels with local addresses, the listeners that make them, pings, and workers
// (specification section 8, and CHAN-010, CHAN-012, CHAN-014, TRAN-012, TRAN-014, TRAN-015, WIRE-010).
//
// It is sans-IO and deterministic. Messages and the time go in; at most one message comes out of each, with the link over which it leaves
// (ROUT-005), and at most one event. There is no socket, clock, lock, or goroutine here; random numbers come from Config.Rand. The shell
// binds and connects, resolves names (WIRE-014), queues (ROUT-006), and sends. A node is for transports: over any other IO nothing is
// routed, and a channel there needs no node.
//
// A single-threaded driver calls Process for each message and Advance when Wake says so. A shell with several goroutines guards the node
// with one lock, calls Receive and Tick instead, and is handed the records of open channels, so that decryption, which is most of the
// work, happens outside that lock: each open channel has a lock of its own.
//
// A Node is not safe for concurrent use. What it delivers aliases buffers and is valid until the next call. The steady state, records and
// forwarding, allocates nothing.
package node
