// Package subject binds implementations to the test vectors: each is a vectors.Subject. Adapter is one over the verbs of the adapter
// protocol (conformance/harness), Reference the reference implementation, and Flynn github.com/flynn/noise.
//
// What an adapter does not declare, and what the protocol has no verb for, is vectors.ErrUnsupported, and nothing else is. The bindings judge
// nothing: they put questions into the words of the implementation, and its answers into those of the vectors. Where a question is about
// the middle of something (a record with counter 300) they bring the implementation there first, over its own interface.
//
// A subject is used by one goroutine at a time.
package subject
