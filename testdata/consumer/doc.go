// Package implementer is the beginning of somebody's implementation of the Ockam channel protocol, and shows what its tests get from
// ockamtest:
//
//   - primitives.go, u2le.go: what the implementer wrote, over the standard library.
//   - subject_test.go: the test vectors, put to that (vectors.Load, vectors.Run, vectors.Subject), and what they say about mistakes in it.
//   - counting.go, counting_test.go: a vault of one's own, around another, and the contract that every vault has to keep (ref/vault/vaulttest).
//   - noise_test.go: the reference's Noise core over that vault, put to other people's transcripts.
//   - u2le_test.go: properties and fuzz targets over generated values (fuzz/gen): those of gopter, and those that gofuzz makes of a fuzzer's bytes.
package implementer
