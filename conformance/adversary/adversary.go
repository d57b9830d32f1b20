// Package adversary composes the counterparts that cases play against a peer, from primitives in the open: Noise XX with
// every key and counter at hand (sections 5 and 7 of the specification), frames, headers, and a Session that does each step
// rightly unless told otherwise.
//
// It is test-grade: secrets are plain slices, nothing is wiped, any counter may be used twice. It shares no code with ref/noise,
// ref/key, and ref/channel, so that it is a second reading of the specification. Nothing is safe for concurrent use.
package adversary
