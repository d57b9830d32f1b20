package cases

import (
	"errors"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// blame says that a Failure under special circumstances breaks the requirement about these: the positive control has shown that
// the peer does the same rightly without them. Other errors are passed on.
func blame(requirement, expected string, err error) error {
	var f *conformance.Failure
	if !errors.As(err, &f) {
		return err
	}
	return adversary.Fail(requirement, expected, f.Actual+" in place of "+f.Expected)
}

// twice plays what the peer may fail by accident in a profile in which one handshake message in eighty cannot travel: twice is no accident.
func twice(env conformance.Env, play func() error) error {
	err := play()
	var f *conformance.Failure
	if errors.As(err, &f) && len(env.Profile().ForbiddenBodies) > 0 {
		return play()
	}
	return err
}

// served blames a Failure on a further link of a case on what was played on the links before: on the first one the peer did the
// same rightly.
func served(link int, requirement string, err error) error {
	if link == 0 {
		return err
	}
	return blame(requirement, "a peer that serves the next connection as it served the one before", err)
}
