package runner

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
	"math/rand/v2"

	"ockamtest/conformance"
)

// newRandom returns the stream of one attempt at a case. It follows from the run's seed, the case's ID, and what the peer is needed
// for, so that the line in the result repeats it. The attempt tells the repetitions of the control from each other: a peer
// that only plays back what it has heard must not pass, and on datagrams the same m1 would be a repeat (TRAN-014).
func newRandom(seed uint64, id string, need conformance.Need, attempt uint64) io.Reader {
	h := sha256.New()
	for _, s := range []string{"ockamtest random", id, string(need.Role), string(need.Transport), need.Profile} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(s))))
		h.Write([]byte(s))
	}
	if need.Tunnelled() {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(need.Depth)))
	}
	h.Write(binary.BigEndian.AppendUint64(nil, seed))
	h.Write(binary.BigEndian.AppendUint64(nil, attempt))
	return rand.NewChaCha8([32]byte(h.Sum(nil)))
}
