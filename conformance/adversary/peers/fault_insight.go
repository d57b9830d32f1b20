package peers

import (
	"slices"

	"ockamtest/conformance"
)

// insightFaults are right on the wire, and wrong where an adapter lets the kit look.
func insightFaults() []Fault {
	var all []Fault
	for _, f := range slices.Concat(primitiveFaults(), ownErrorFaults(), secretFaults(), lifeFaults()) {
		p := Correct()
		p.Name, p.Title, p.Depths, p.Insight = f.name, f.title, 1, insightOf(f.alter)
		if f.channels {
			p.Profiles, p.Transports = []string{"v1", "c09"}, []conformance.Transport{conformance.Mem}
		}
		all = append(all, Fault{Program: p, Needs: conformance.NeedsInsight, Class: f.class, Breaks: f.breaks, Entails: f.entails})
	}
	return all
}

// An insightFault is a row in a table of them.
type insightFault struct {
	name, title, class string
	breaks, entails    []string
	channels           bool // it shows in channels without sockets, which there are on a stream alone
	alter              func(t *tools)
}

// primitiveFaults are those of computations.
func primitiveFaults() []insightFault {
	const class = "wrong result of a vault"
	return []insightFault{
		{
			name: "ecdh-reversed", title: "gives the shared secret with its bytes in the reverse order", class: class, breaks: ids("VAULT-003"),
			alter: func(t *tools) {
				t.agree = func(m conformance.Agree) ([]byte, error) {
					out, err := agree(m)
					slices.Reverse(out)
					return out, err
				}
			},
		},
		{
			name: "hkdf-chunks-restart", title: "gives the first block of HKDF for each", class: class, breaks: ids("VAULT-004"),
			alter: func(t *tools) {
				t.hkdf = func(salt, ikm []byte, blocks int) ([]byte, error) {
					out, err := expand(salt, ikm, 1)
					return slices.Repeat(out, blocks), err
				}
			},
		},
		{
			name: "hkdf-no-ikm-zeros", title: "takes 32 zero bytes for an ikm that is not there", class: class, breaks: ids("VAULT-004"),
			alter: func(t *tools) {
				t.hkdf = func(salt, ikm []byte, blocks int) ([]byte, error) {
					if len(ikm) == 0 {
						ikm = make([]byte, 32)
					}
					return expand(salt, ikm, blocks)
				}
			},
		},
		{
			name: "aead-plaintext-on-bad-tag", title: "releases the plaintext though the tag is wrong", class: "plaintext released on a bad tag",
			breaks: ids("VAULT-005"),
			alter: func(t *tools) {
				t.open = func(m conformance.AEAD) ([]byte, error) {
					if out, err := openAEAD(m); err == nil || len(m.Data) < 16 {
						return out, err
					}
					return m.Data[:len(m.Data)-16], nil
				}
			},
		},
		{
			name: "aead-short-is-empty", title: "takes input shorter than a tag for an empty message", class: "ciphertext of 0 to 15 bytes",
			breaks: ids("VAULT-005"),
			alter: func(t *tools) {
				t.open = func(m conformance.AEAD) ([]byte, error) {
					if len(m.Data) < 16 {
						return []byte{}, nil
					}
					return openAEAD(m)
				}
			},
		},
		{
			name: "own-ephemeral-accepted", title: "does a handshake with its own ephemeral key", class: "reflection",
			breaks: ids("NOISE-016"), channels: true,
			alter: func(t *tools) {
				t.mirrored = func(_, _ []byte) bool { return false }
			},
		},
	}
}

// ownErrorFaults are those of what is said of a handshake that failed.
func ownErrorFaults() []insightFault {
	return []insightFault{
		{
			name: "handshake-error-lost", title: "says that the connection has ended, whatever its handshake failed of", class: "errors replaced",
			breaks: ids("CHAN-007"), channels: true,
			alter: func(t *tools) {
				t.tells = func(string) string { return "ended" }
			},
		},
	}
}
