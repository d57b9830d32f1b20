package recorder_test

import (
	"slices"
	"testing"

	"ockamtest/ref/internal/recorder"
)

// Fatalf ends the check, a panic is a failure, and a check that finds nothing has none.
func TestFailures(t *testing.T) {
	for name, test := range map[string]struct {
		check func(r *recorder.Recorder)
		want  []string
	}{
		"nothing": {func(r *recorder.Recorder) { r.Helper() }, nil},
		"errors":  {func(r *recorder.Recorder) { r.Errorf("%d", 1); r.Errorf("%s", "two") }, []string{"1", "two"}},
		"fatal":   {func(r *recorder.Recorder) { r.Fatalf("%d", 1); r.Errorf("not reached") }, []string{"1"}},
		"panic":   {func(r *recorder.Recorder) { r.Errorf("before"); panic("oh") }, []string{"before", "panic: oh"}},
	} {
		if got := recorder.Failures(test.check); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
