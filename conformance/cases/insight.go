package cases

import (
	"context"
	"errors"
	"io"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// insight returns what no wire shows of the peer.
func insight(ctx context.Context, env conformance.Env) (conformance.Insight, error) {
	seer, ok := env.(conformance.InsightEnv)
	if !ok {
		return nil, &conformance.Inapplicable{Reason: "what is asked is seen through an adapter alone"}
	}
	return seer.Insight(ctx)
}

// granted turns the refusal of something that has to be done into a Failure.
func granted(requirement, expected string, err error) error {
	var refused *conformance.Refusal
	if !errors.As(err, &refused) {
		return err
	}
	return adversary.Fail(requirement, expected, "it is refused with class "+refused.Class)
}

// denied requires the refusal of something that must not be done.
func denied(requirement, expected, did string, err error) error {
	var refused *conformance.Refusal
	switch {
	case errors.As(err, &refused):
		return nil
	case err != nil:
		return err
	}
	return adversary.Fail(requirement, expected, did)
}

// randomBytes returns n bytes of the run's.
func randomBytes(env conformance.Env, n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := io.ReadFull(env.Random(), b)
	return b, err
}

// needInsight completes cases about the inside of a peer.
func needInsight(all []conformance.Case) []conformance.Case {
	for i := range all {
		all[i].Needs = conformance.NeedsInsight
	}
	return all
}
