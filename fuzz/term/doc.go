// Package term has the words in which adversaries are said: terms of the protocol's bytes (section 4 to 7 of the specification), and traces,
// which are steps that send them and say what has to come. Conformance cases, fuzz inputs, words of the state learner, and replay files share
// them.
//
// A trace has one canonical text, for people and replay files (Format, Parse), and one canonical byte form, for corpora (Append, Decode). Both
// give back exactly the trace they were made of. Parse refuses what it does not understand; Decode makes a trace of any bytes. Every trace that
// either of them returns is within the limits of this package: at most MaxSteps steps, MaxTerms terms, MaxDepth deep, with MaxLiterals bytes.
//
// An Evaluator turns terms into bytes. It holds what both sides have said, and the handshake of each session; it does no IO, knows no time, and
// has its cryptography from whoever makes it (Crypto). It is wrong on request alone: a term is evaluated rightly, whatever it says. What plays a
// trace against a peer is fuzz/term/play.
//
// It is test-grade: keys are plain slices, nothing is wiped, any counter may be used twice. Nothing is safe for concurrent use but what takes and
// returns plain values.
package term
