package main

import (
	"slices"
	"testing"

	"ockamtest/conformance/cases"
	"ockamtest/ref/profile"
)

// Every program of the kit has a name of its own, or in-process:NAME would mean two.
func TestBuiltinNames(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range builtinPrograms() {
		if seen[b.program.Name] {
			t.Errorf("two programs are named %s", b.program.Name)
		}
		seen[b.program.Name] = true
	}
	if len(seen) < 30 {
		t.Errorf("found %d programs, want at least 30", len(seen))
	}
}

// A run without --peer takes the profiles that run over TCP, all of which the kit knows.
func TestDefaultProfiles(t *testing.T) {
	o := runOptions{level: "must", timeoutScale: 1}
	cfg, err := o.runnerConfig()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(cfg.Profiles), len(profile.All()); got != want || want < 4 || cfg.Profiles[0].Name != profile.V1().Name {
		t.Errorf("got %d profiles, want %d, v1 first", got, want)
	}
	if !slices.Equal(cfg.Depths, []int{1, 2}) || !slices.Equal(cfg.DeepIn, []string{profile.V1().Name}) {
		t.Errorf("got depths %v, above 1 in %v, want 1, and 2 in v1 alone", cfg.Depths, cfg.DeepIn)
	}
	if len(cfg.Cases) != len(cases.All()) || cfg.Control.ID == "" {
		t.Errorf("the catalogue is not passed on")
	}
}
