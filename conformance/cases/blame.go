package cases

import (
	"errors"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// blame says that a Failure under special circumstances breaks the requirement about these: the positive control has shown that the
// peer does the same rightly without them. Other errors are passed on.
func blame(requirement, expected string, err error) error {
	var f *conformance.Failure
	if !errors.As(err, &f) {
		return err
	}
	return adversary.Fail(requirement, expected, f.Actual+" in place of "+f.Expected)
}
