// Package router decides what becomes of a wire message that a node receives, and writes what leaves the node for the next hop
// (specification section 8, area ROUT, and WIRE-008, WIRE-010, WIRE-013, WIRE-014, WIRE-015, REC-010).
//
// It is sans-IO: one message goes in, one Decision comes out, and at most one message follows from it (ROUT-005). It has no sockets,
// resolves no names, keeps no message, and knows nobody at the node: whether somebody has a local address is for package node, and
// whether a next hop can be reached is for the shell. It never looks into a body, so it sees no plaintext of a channel.
//
//	d := r.Decide(link, msg)
//	switch d.Kind {
//	case router.Forward: // find the transport to d.Next and its local address
//		out, err = r.AppendForward(out, d, local)
//	case router.Resolve: // copy msg; look d.Next up; r.Resolved(link, msg, numeric)
//	case router.Answer: // out goes back over link
//		out, err = r.AppendPong(out, d)
//	case router.Pong, router.ToNode, router.ToLocal: // the node's
//	case router.Drop: // d.Reason, counted
//	}
//
// A Router is a configuration and buffers. It is not safe for concurrent use; each goroutine that reads messages can have one of its own.
// Messages whose routes have numeric addresses, and local addresses of up to 16 bytes, cost no allocation.
package router
