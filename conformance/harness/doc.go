// Package harness is the adapter protocol: how the kit calls an implementation in any language, function by function, and reads what came
// of it. PROTOCOL.md beside this file is its specification; this package is both ends of it.
//
// It has the grammar of the lines (ParseRequest, ParseAnswer), the kit's end (Client), the adapter's end for implementations in Go (Serve),
// the two kinds of control connection (ListenControl, NewPipes, DialControl), and Check, which tests an adapter before an implementation is
// tested through it. The control connection tells an implementation what to do; it is not the protocol under test.
//
// It starts no process and watches none, that is for conformance/attach; and it judges no implementation, that is for the cases and vectors.
// Subpackage refadapter is the reference as an adapter, subpackage skeleton has the beginnings of adapters in four languages.
//
// A Client is safe for concurrent use. Requests and answers are plain values.
package harness

import _ "embed"

//go:embed PROTOCOL.md
var protocol string

// Protocol returns PROTOCOL.md, the specification of the adapter protocol.
func Protocol() string { return protocol }
