package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"ockamtest/conformance"
	"ockamtest/conformance/attach"
	"ockamtest/conformance/harness"
)

// answerWait is how long peer check waits for one answer, times --timeout-scale. An adapter that does not answer wrong lines is asked many times.
const answerWait = 2 * time.Second

func (a *app) checkCommand() *cobra.Command {
	var scale float64
	var asJSON bool
	c := &cobra.Command{
		Use:   "check PEER",
		Short: "Check that an adapter keeps to the adapter protocol",
		Long: `Check starts an adapter and tells it what an adapter has to understand and to refuse: what it declares, each verb with something good and
something bad, lines that are none, many requests at once, known answers. PEER is adapter:COMMAND or adapter+fd:COMMAND.

It checks the adapter, not the implementation behind it: for that there are 'ockamtest run' and 'ockamtest vectors run'.

Exit codes: 0 it keeps to the protocol, 1 it does not, 2 usage, 3 it does not start or says no hello, 5 nothing ran,
130 interrupted.`,
		Example: `  ockamtest peer check adapter:./my-adapter
  ockamtest peer check 'adapter:python3 adapter.py' --json
  ockamtest peer check adapter+fd:./my-adapter`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if scale <= 0 {
				return usagef("--timeout-scale %v: it is above 0", scale)
			}
			check, err := checkAdapter(c.Context(), args[0], scale)
			if check == nil {
				return err
			}
			if asJSON {
				err = check.writeJSON(a.out)
			} else {
				check.writeText(a.out)
			}
			if err != nil {
				return troublef("%w", err)
			}
			return check.exit(c.Context())
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().Float64Var(&scale, "timeout-scale", 1, "factor on every time, for slow adapters")
	return c
}

// checkAdapter starts an adapter and checks it. Without a result there is an error.
func checkAdapter(ctx context.Context, peer string, scale float64) (*adapterCheck, error) {
	spec, err := attach.Parse(peer)
	switch {
	case err != nil:
		return nil, usagef("%w", err)
	case spec.Kind != attach.Adapter:
		return nil, usagef("%s: what is checked is an adapter, adapter:COMMAND; 'ockamtest run --peer' tests the others", peer)
	}
	process, err := attach.StartAdapter(ctx, attach.AdapterConfig{
		Command: spec.Command, Pipes: spec.Pipes, Scale: scale, Timeout: time.Duration(float64(answerWait) * scale),
	})
	switch {
	case ctx.Err() != nil:
		return nil, &exitError{exitInterrupted, ctx.Err()}
	case errors.Is(err, attach.ErrConfig):
		return nil, usagef("%w", err)
	case err != nil:
		return nil, troublef("%w", err)
	}
	report, err := harness.Check(ctx, process.Client)
	check := newAdapterCheck(peer, report)
	check.Partial = ctx.Err() != nil
	if end := process.Close(); end != nil && ctx.Err() == nil {
		check.ended(end)
	}
	if err != nil && ctx.Err() == nil && len(check.Findings) == 0 { // a finding has told of it, if it was the adapter's
		return nil, troublef("%w", err)
	}
	return check, nil
}

// exit is the end of the command.
func (c *adapterCheck) exit(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return &exitError{exitInterrupted, nil}
	case len(c.Findings) > 0:
		return &exitError{exitNotConformant, nil}
	case c.Requests == 0:
		return &exitError{conformance.ExitNothingRan, errors.New("nothing was asked of the adapter")}
	}
	return nil
}

// ended adds how the process has ended, if not in order.
func (c *adapterCheck) ended(end error) {
	finding := checkFinding{Rule: "the end of the process", Expected: "exit status 0 soon after quit", Actual: end.Error()}
	var crash *attach.CrashError
	if errors.As(end, &crash) {
		finding.Actual, finding.Log = crash.Reason, crash.Log
	}
	c.Findings = append(c.Findings, finding)
}

// writeJSON writes the check as one object.
func (c *adapterCheck) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(c); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}
