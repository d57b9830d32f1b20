package gen

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/leanovate/gopter"
)

// SeedVariable is the environment variable that sets the seed of property tests.
const SeedVariable = "OCKAMTEST_SEED"

// defaultSeed is a constant, so that a red test stays red.
const defaultSeed = 1

// Parameters returns the parameters of a property test: the seed of SeedVariable, or a constant; enough values that an edge of
// an edge is met; and a limit on sizes. It logs the seed and the command that repeats the test.
func Parameters(t testing.TB) *gopter.TestParameters {
	t.Helper()
	seed := int64(defaultSeed)
	if text := os.Getenv(SeedVariable); text != "" {
		var err error
		if seed, err = strconv.ParseInt(text, 10, 64); err != nil {
			t.Fatalf("%s is not a number: %v", SeedVariable, err)
		}
	}
	t.Logf("seed %d; repeat with %s=%d go test -run '^%s$'", seed, SeedVariable, seed, t.Name())
	p := gopter.DefaultTestParametersWithSeed(seed)
	p.MinSuccessfulTests = 300
	p.MaxSize = 50
	return p
}

// Check runs a property and fails the test, with the counterexample before and after shrinking, unless it holds for every value.
func Check(t testing.TB, property gopter.Prop) {
	t.Helper()
	p := Parameters(t)
	result := property.Check(p)
	if !result.Passed() {
		var report strings.Builder
		gopter.NewFormatedReporter(false, 130, &report).ReportTestResult(t.Name(), result)
		t.Error(report.String())
		return
	}
	if result.Status != gopter.TestProved && result.Succeeded < p.MinSuccessfulTests {
		t.Errorf("property was checked %d times, want %d", result.Succeeded, p.MinSuccessfulTests)
	}
}
