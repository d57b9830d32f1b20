package adversary

import (
	"fmt"

	"ockamtest/ref/wire"
)

// diagnoseHandshake names the rule that a peer broke whose m2 or m3 does not verify.
func (s *Session) diagnoseHandshake(t wire.Type, body []byte) error {
	name := TypeName(t)
	try := func(q quirk) int {
		if t == wire.M2 {
			return newTrial(s.before, q, true).readM2(body)
		}
		return newTrial(s.before, q, false).readM3(body) // a quirk of the start would have shown before
	}
	for _, q := range quirks() {
		if try(q) == 2 {
			return failure(q.requirement, name+" that verifies", name+" that verifies only if "+q.words)
		}
	}
	if try(quirk{}) == 0 {
		return failure("NOISE-003", name+" whose static key's tag verifies", "a tag that does not verify")
	}
	return failure("NOISE-005", name+" whose payload's tag verifies", "a tag that does not verify")
}

// An alternative is a wrong choice of key, associated data, or nonce for a record.
type alternative[T any] struct {
	value       T
	requirement string
	words       string
}

// diagnoseRecord names the rule that a peer broke whose record does not open.
func (s *Session) diagnoseRecord(record []byte) error {
	const want = "a record that opens with the peer's key, the next counter, and the profile's associated data"
	if _, err := ParseMessage(record); err == nil {
		return failure("REC-001", want, "a message in the clear")
	}
	if s.copies[tagOf(record)] { // the same bytes: no pair of key and nonce was used for anything else
		return failure("REC-002", want, "a record that has come before, byte for byte")
	}
	for _, wrong := range []int{1, 2, 3} { // the fewest wrong choices first
		for _, key := range s.keyChoices() {
			for _, ad := range s.dataChoices() {
				for _, nonce := range s.nonceChoices() {
					faults := faultsOf(key.requirement, ad.requirement, nonce.requirement)
					if len(faults) != wrong || !opens(key.value, nonce.value, ad.value, record) {
						continue
					}
					return failure(faults[0], want, "a record that opens only with "+inWords(key.words, ad.words, nonce.words))
				}
			}
		}
	}
	return failure("REC-001", want, fmt.Sprintf("%d bytes that open with no likely key, counter, or associated data", len(record)))
}

func (s *Session) keyChoices() []alternative[[]byte] {
	choices := []alternative[[]byte]{
		{value: s.Receiving.Key},
		{s.Sending.Key, "NOISE-010", "the kit's own sending key (split swapped)"},
		{s.Noise.Key(), "NOISE-010", "the handshake's last key (no split)"},
	}
	if s.below != nil {
		choices = append(choices, alternative[[]byte]{s.below.Receiving.Key, "CHAN-008", "the key of the channel that it is in"})
	}
	return choices
}

func (s *Session) dataChoices() []alternative[[]byte] {
	choices := []alternative[[]byte]{
		{value: s.Receiving.AD},
		{nil, "REC-001", "empty associated data"},
		{s.Noise.H[:], "REC-001", "h as associated data"},
		{s.unmixed[:], "NOISE-014", "an h that lacks m3's payload"},
		{s.before.H[:], "NOISE-014", "an h from before the last handshake message"},
	}
	if s.below != nil {
		choices = append(choices, alternative[[]byte]{s.below.Noise.H[:], "CHAN-008", "the h of the channel that it is in"})
	}
	return choices
}

// maxAhead is how far ahead of the next counter a record's is looked for: what is on its way at once may all lie between.
const maxAhead = 16

func (s *Session) nonceChoices() []alternative[[]byte] {
	n := s.Receiving.N
	choices := []alternative[[]byte]{
		{value: Nonce(n)},
		{littleEndianNonce(n), "REC-002", "a little-endian nonce"},
		{leadingNonce(n), "REC-002", "a nonce whose counter stands before the zero bytes"},
	}
	if n > 0 {
		choices = append(choices,
			alternative[[]byte]{Nonce(n - 1), "REC-003", fmt.Sprintf("counter %d a second time", n-1)},
			alternative[[]byte]{Nonce(0), "REC-003", "counter 0 a second time"},
			alternative[[]byte]{Nonce(n & 0xff), "REC-003", "a counter of 8 bits that has wrapped"},
			alternative[[]byte]{Nonce(n & 0xffff), "REC-003", "a counter of 16 bits that has wrapped"})
	}
	if s.below != nil {
		choices = append(choices, alternative[[]byte]{Nonce(s.below.Receiving.N - 1), "REC-002", "the counter of the channel that it is in"})
	}
	for next := n + 1; next <= n+maxAhead; next++ {
		choices = append(choices, alternative[[]byte]{Nonce(next), "REC-002", fmt.Sprintf("counter %d instead of %d", next, n)})
	}
	return append(choices,
		alternative[[]byte]{Nonce(s.Sending.N - 1), "REC-002", "the counter of the kit's direction"},
		alternative[[]byte]{Nonce(s.Sending.N), "REC-002", "the next counter of the kit's direction"})
}

func opens(key, nonce, ad, record []byte) bool {
	_, err := gcm(key).Open(nil, nonce, record, ad)
	return err == nil
}

func faultsOf(requirements ...string) []string {
	var faults []string
	for _, r := range requirements {
		if r != "" {
			faults = append(faults, r)
		}
	}
	return faults
}

func inWords(words ...string) string {
	out := ""
	for _, w := range words {
		if w == "" {
			continue
		}
		if out != "" {
			out += " and "
		}
		out += w
	}
	return out
}

// hashBefore is h as it was before m3's payload was mixed in; h is the state before m3.
func hashBefore(h Handshake, m3 []byte) [32]byte {
	h.MixHash(m3[:h.Suite.PublicKeySize+TagSize])
	return h.H
}
