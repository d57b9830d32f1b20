package gen_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/prop"

	"ockamtest/fuzz/gen"
)

// A recorder is a testing.TB that keeps what a test reports.
type recorder struct {
	testing.TB
	logs, errors []string
}

func (r *recorder) Helper()      {}
func (r *recorder) Name() string { return "TestLaw" }
func (r *recorder) Logf(format string, args ...any) {
	r.logs = append(r.logs, fmt.Sprintf(format, args...))
}
func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}
func (r *recorder) Error(args ...any) { r.errors = append(r.errors, fmt.Sprint(args...)) }
func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	panic(r)
}

func TestCheck(t *testing.T) {
	t.Setenv(gen.SeedVariable, "42")
	property := func(holds func(int) bool) gopter.Prop { return prop.ForAll(holds, gen.Length(100)) }
	for _, tc := range []struct {
		name string
		prop gopter.Prop
		want string // in the error, empty if there is none
	}{
		{"holds", property(func(int) bool { return true }), ""},
		{"fails", property(func(n int) bool { return n < 10 }), "ARG_0: 10"},
		{"panics", property(func(int) bool { panic("planted") }), "planted"},
		{"is never decided", func(*gopter.GenParameters) *gopter.PropResult {
			return &gopter.PropResult{Status: gopter.PropUndecided}
		}, "Gave up"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := &recorder{TB: t}
			gen.Check(r, tc.prop)
			if len(r.logs) != 1 || !strings.Contains(r.logs[0], "OCKAMTEST_SEED=42 go test -run '^TestLaw$'") {
				t.Errorf("logged %q, want the command that repeats the test", r.logs)
			}
			if (tc.want == "") != (len(r.errors) == 0) || !strings.Contains(strings.Join(r.errors, "\n"), tc.want) {
				t.Errorf("reported %q, want %q", r.errors, tc.want)
			}
		})
	}
}

// A seed that is no number is an error, not another seed.
func TestSeedHasToBeANumber(t *testing.T) {
	t.Setenv(gen.SeedVariable, "dice")
	r := &recorder{TB: t}
	defer func() {
		if recover() != r || len(r.errors) != 1 || !strings.Contains(r.errors[0], gen.SeedVariable) {
			t.Errorf("reported %q, want a complaint about the seed", r.errors)
		}
	}()
	gen.Parameters(r)
}
