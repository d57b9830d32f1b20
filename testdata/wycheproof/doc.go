// Package wycheproof puts the vectors of Project Wycheproof to the software vault, through vault handles as a channel uses them
// (specification section 9), and to the X25519 of package adx: X25519, ECDH on P-256, AES-GCM, HKDF-SHA256. It has tests only.
//
// The vectors are those of github.com/c2sp/wycheproof, licensed under the Apache License 2.0; none is copied here. That module is 26 MB,
// which is why this is a module of its own. go.sum pins its bytes. The tests state of every file how many vectors it has, how many
// of which result ran, how many are out of scope and why, and what becomes of each that is "acceptable": a newer version of the module shows
// up as a failing test.
package wycheproof
