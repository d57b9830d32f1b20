package cases

import (
	"context"
	"fmt"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/profile"
)

// NOISE-008: "No two handshakes, of one or several processes, share an ephemeral key; it comes from at least 256 bits of entropy."
func noiseKeys() []conformance.Case {
	return []conformance.Case{{
		ID:           "noise/ephemeral-guessable",
		Title:        "No ephemeral key of eight is that of a private key that anybody guesses: a small number, one byte repeated, a known answer.",
		Requirements: []string{"NOISE-008"},
		Run:          ephemeralGuessable,
	}, {
		ID:           "noise/ephemeral-thousand",
		Title:        "The keys that the peer makes for 1,024 handshakes are all different, and no byte or bit of them is other than random.",
		Requirements: []string{"NOISE-008"},
		Tags:         []string{conformance.TagLong},
		Run:          ephemeralThousand,
	}, {
		ID:           "noise/ephemeral-restarts",
		Title:        "The keys that the peer makes after each of 32 restarts are all different.",
		Requirements: []string{"NOISE-008"},
		Tags:         []string{conformance.TagLong},
		Run:          ephemeralRestarts,
	}}
}

const (
	guesses = 8 // handshakes whose keys are guessed at
	// thousand is how many handshakes are compared. Keys from a seed of 16 bits repeat among them with a probability of 1 - e^-8: there are
	// 523,776 pairs.
	thousand = 1024
	restarts = 32
	// perStart is how many handshakes are compared of each start.
	perStart = 2
)

// ownKey is what the failure of a repeated key lacks.
const ownKey = "an ephemeral key of its own for every handshake"

func ephemeralGuessable(ctx context.Context, env conformance.Env) error {
	known := guessable(env.Profile().Suite)
	for range guesses {
		e, _, err := peerKeys(ctx, env)
		if err != nil {
			return err
		}
		if words, ok := known[string(e)]; ok {
			return adversary.Fail("NOISE-008", "an ephemeral key from at least 256 bits of entropy", "the public key of "+words)
		}
	}
	return nil
}

// ephemeralThousand gives up where a handshake takes long, as tran/connections-released does: such a peer is started anew for each session.
func ephemeralThousand(ctx context.Context, env conformance.Env) error {
	var ephemeral, statics keySet
	began := time.Now()
	for i := range thousand {
		if i == fewConnections && time.Since(began) > fewConnections*slowConnection {
			return &conformance.Inapplicable{Reason: fmt.Sprintf("%d handshakes take more than %v", i, fewConnections*slowConnection)}
		}
		e, static, err := peerKeys(ctx, env)
		if err != nil {
			return err
		}
		statics.add(static)
		if !ephemeral.add(e) {
			return adversary.Fail("NOISE-008", ownKey, fmt.Sprintf("that of an earlier handshake again in handshake %d", i+1))
		}
	}
	if statics.repeats() {
		return adversary.Fail("NOISE-008", "static keys that are one, or one for every handshake, as NOISE-012 or the profile has them",
			fmt.Sprintf("%d different ones in %d handshakes", len(statics.keys), thousand))
	}
	for _, keys := range []keySet{ephemeral, statics} {
		if words := lopsided(keys.keys); words != "" {
			return adversary.Fail("NOISE-008", "keys from at least 256 bits of entropy each", words)
		}
	}
	return nil
}

// ephemeralRestarts looks at the first handshakes of each start. What a peer that is seeded with the time makes then, it makes again when it is
// started in the same second.
func ephemeralRestarts(ctx context.Context, env conformance.Env) error {
	peer, ok := env.(conformance.RestartEnv)
	if !ok {
		return &conformance.Inapplicable{Reason: "the peer cannot be started again here"}
	}
	var ephemeral, statics keySet
	for start := range restarts + 1 {
		if start > 0 {
			if err := peer.Restart(ctx); err != nil {
				return err
			}
		}
		for i := range perStart {
			e, static, err := peerKeys(ctx, env)
			if err != nil {
				return err
			}
			if i == 0 { // later ones of the same start may be the same
				statics.add(static)
			}
			if !ephemeral.add(e) {
				return adversary.Fail("NOISE-008", ownKey, fmt.Sprintf("after %d restarts one that was there before", start))
			}
		}
	}
	if statics.repeats() {
		return adversary.Fail("NOISE-008", "static keys that are one, or one for every start at least, as NOISE-012 or the profile has them",
			fmt.Sprintf("%d different ones in %d starts", len(statics.keys), restarts+1))
	}
	return nil
}

// peerKeys plays the first messages of a handshake and returns the peer's ephemeral key, and its static one in a profile in which that is new,
// too.
func peerKeys(ctx context.Context, env conformance.Env) (e, static []byte, err error) {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return nil, nil, err
	}
	if err := s.Begin(); err != nil {
		return nil, nil, err
	}
	if env.Profile().StaticKey != profile.PerHandshake {
		return s.Noise.RE, nil, s.Close()
	}
	if !s.Initiator() {
		if err := s.SendMessage(s.Last()); err != nil {
			return nil, nil, err
		}
		if err := s.ReadM3(); err != nil {
			return nil, nil, err
		}
	}
	return s.Noise.RE, s.Noise.RS, s.Close()
}
