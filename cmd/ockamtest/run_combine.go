package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"ockamtest/conformance"
	"ockamtest/conformance/runner"
)

// defaultStrength is pairwise.
const defaultStrength = 2

// combineOptions are how the cases' parameters are varied.
type combineOptions struct {
	strength   int
	parameters string
}

func (o *combineOptions) flags(f *pflag.FlagSet) {
	f.IntVar(&o.strength, "strength", defaultStrength, "combine every T values of roles, transports, profiles, depths, and parameters; 0 varies no parameters")
	f.StringVar(&o.parameters, "parameters", "", "run with these parameters, where cases admit them: "+parameterHelp())
}

// parameterHelp lists the parameters and their values.
func parameterHelp() string {
	var words []string
	for _, name := range conformance.ParameterNames() {
		words = append(words, name+"="+strings.Join(conformance.ParameterValues(name), "|"))
	}
	return strings.Join(words, ",")
}

// setParameters is how the kit does what the cases say.
func (o *combineOptions) set(cfg *runner.Config) (err error) {
	if cfg.Strength = o.strength; o.strength != defaultStrength {
		cfg.RerunArgs = append(cfg.RerunArgs, "--strength", fmt.Sprint(o.strength))
	}
	if o.parameters == "" {
		return nil
	}
	if cfg.Parameters, err = conformance.ParseParameters(o.parameters); err != nil {
		return usagef("--parameters: %w", err)
	}
	return nil
}
