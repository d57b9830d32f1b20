package vectors_test

import (
	"crypto/sha256"
	"fmt"

	"ockamtest/vectors"
)

// hasher is an implementation that has a hash, and nothing else.
type hasher struct{ vectors.Unsupported }

func (hasher) Hash(msg vectors.Hex) (vectors.Hex, error) {
	sum := sha256.Sum256(msg)
	return sum[:], nil
}

func ExampleRun() {
	files, err := vectors.Load(vectors.Embedded())
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := vectors.Run(hasher{}, files, vectors.Options{Kinds: []vectors.Kind{vectors.KindHash}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Count(vectors.Pass), "passed,", report.Count(vectors.Fail), "failed; all well:", report.OK())
	// Output: 23 passed, 0 failed; all well: true
}
