package interop

import (
	"bytes"
	"fmt"
	"sync"

	"ockamtest/conformance/adversary"
	"ockamtest/ref/profile"
)

// checkSecrecy tells whether a record looks as if it were not encrypted, or were so twice in the same way. Of random bytes none of this is ever
// true: half of the bytes of two records of 20 bytes agree once in 10^18 times.
func checkSecrecy(p profile.Profile, body []byte, before [][]byte, secrets [][]byte) (requirement, expected, actual string) {
	const want = "a record that cannot be told from random bytes"
	for _, s := range secrets {
		if len(s) > 0 && bytes.Contains(body, s) {
			return "REC-001", want, "one that has the payload in clear"
		}
	}
	if p.InnerTypeByte { // without it too much looks like a message
		if _, err := adversary.ParseMessage(body); err == nil {
			return "REC-001", want, "a wire message in clear"
		}
	}
	for i := len(before) - 1; i >= 0; i-- {
		if same := agreeing(body, before[i]); 2*same >= len(body) {
			return "REC-003", want, fmt.Sprintf("%d of %d bytes that are those of an earlier record: in clear, or under a key and counter for the second time",
				same, len(body))
		}
	}
	return "", "", ""
}

// agreeing is how many bytes stand in both at the same place.
func agreeing(a, b []byte) (n int) {
	for i := range min(len(a), len(b)) {
		if a[i] == b[i] {
			n++
		}
	}
	return n
}

// ephemerals are the ephemeral public keys of all sessions of a matrix. It is safe for concurrent use.
type ephemerals struct {
	mu   sync.Mutex
	seen map[string]bool
}

// add reports whether nobody has used the key before (NOISE-008).
func (e *ephemerals) add(key []byte) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.seen == nil {
		e.seen = map[string]bool{}
	}
	fresh := !e.seen[string(key)]
	e.seen[string(key)] = true
	return fresh
}
