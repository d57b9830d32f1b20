// Package vectors holds the test vectors of the Ockam channel protocol, their formats, a strict loader, and a runner.
//
// The files are JSON: Noise transcripts in the shape of the cacophony set, with the additions under the one key "ockam", all others
// in the shape of Wycheproof (tcId, comment, flags whose notes say which bug a failure means, result). They cover sections 3.1, 4,
// 5, 7, 8, and 12 of the specification and the primitives of section 9; time, randomness, and many channels at once are not for vectors.
// README.md of this directory tells how to read them in other languages.
//
// Load parses files, Run puts vectors to a Subject. The package imports nothing of the project. Loaded files are plain data: safe
// for concurrent reading. A Subject is called by one goroutine at a time.
package vectors
