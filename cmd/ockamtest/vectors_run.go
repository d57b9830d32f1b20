package main

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"ockamtest/conformance"
	"ockamtest/conformance/attach"
	"ockamtest/conformance/attach/subject"
	"ockamtest/conformance/harness"
	"ockamtest/vectors"
)

// A vectorRun is what the user typed behind vectors run.
type vectorRun struct {
	peer         string
	kinds, flags []string
	most         int
	scale        float64
	paths        []string
}

func (a *app) vectorsRunCommand() *cobra.Command {
	var o vectorRun
	c := &cobra.Command{
		Use:   "run [FILE|DIR]…",
		Short: "Put test vectors to an implementation",
		Long: `Run puts the vectors of the kit, or those of the files and directories that are named, to an implementation:

  reference          the reference (the default)
  flynn              github.com/flynn/noise: handshakes
  adapter:COMMAND    an adapter, which the kit starts; adapter+fd:COMMAND over inherited pipes

A refusal counts only if the implementation accepts the vector beside it that differs little (its control), so that one that refuses
everything has nothing right. What an adapter does not declare is unsupported and counted. Each failure shows the flags of the
vector, which tell the bugs that fail it; at the end are the flags whose vectors all fail.

Exit codes: 0 all is right that is supported, 1 something is wrong, 2 usage, 3 trouble (an adapter that cannot be asked), 5 nothing
ran, 130 interrupted.`,
		Example: `  ockamtest vectors run
  ockamtest vectors run --peer adapter:./my-adapter --kind codec,frames
  ockamtest vectors run --peer 'adapter:python3 adapter.py' --flag U2leHighBit
  ockamtest vectors run my-vectors.json`,
		RunE: func(c *cobra.Command, args []string) error {
			o.paths = args
			return a.runVectors(c.Context(), o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.peer, "peer", "reference", "the implementation: reference, flynn, adapter:COMMAND")
	f.StringSliceVar(&o.kinds, "kind", nil, "only vectors of this kind; repeatable")
	f.StringSliceVar(&o.flags, "flag", nil, "only vectors with this flag; repeatable")
	f.IntVar(&o.most, "failures", 20, "how many failures are shown, three at most with the same flags; 0: all")
	f.Float64Var(&o.scale, "timeout-scale", 1, "factor on every time, for slow adapters")
	return c
}

func (a *app) runVectors(ctx context.Context, o vectorRun) error {
	var options vectors.Options
	var err error
	if options.Kinds, err = parseKinds(o.kinds); err != nil {
		return err
	}
	if o.most < 0 || o.scale <= 0 {
		return usagef("--failures and --timeout-scale are not negative")
	}
	files, err := loadVectors(o.paths)
	if err != nil {
		return err
	}
	for _, flag := range o.flags {
		if _, ok := notes(files)[flag]; !ok {
			return unknownFlag(flag, notes(files))
		}
	}
	options.Flags = o.flags
	s, closed, err := openSubject(ctx, o.peer, o.scale)
	if err != nil {
		return err
	}
	report, err := vectors.Run(s, files, options)
	end := closed()
	switch {
	case ctx.Err() != nil:
		return &exitError{exitInterrupted, nil}
	case err == nil || errors.Is(err, vectors.ErrNothingSupported):
		(&vectorReport{a: a, run: o, files: files, report: report}).write()
	}
	return vectorsExit(report, err, end)
}

// vectorsExit is the end of the command: 5, 3, 1 in that order.
func vectorsExit(r *vectors.Report, err, end error) error {
	switch {
	case errors.Is(err, vectors.ErrNothingSelected), errors.Is(err, vectors.ErrNothingSupported):
		return &exitError{conformance.ExitNothingRan, err}
	case err != nil:
		return usagef("%w", err)
	case r.Count(vectors.Trouble) > 0:
		return troublef("%s could not be asked", plural(r.Count(vectors.Trouble), "vector"))
	case !r.OK():
		return &exitError{exitNotConformant, nil}
	case end != nil:
		return troublef("after the last vector: %w", end)
	}
	return nil
}

// openSubject opens what --peer names. The function closes it, and tells how an adapter has ended if not in order.
func openSubject(ctx context.Context, peer string, scale float64) (vectors.Subject, func() error, error) {
	switch strings.TrimPrefix(peer, "in-process:") {
	case "", "reference":
		r, err := subject.NewReference(ctx)
		if err != nil {
			return nil, nil, troublef("%w", err)
		}
		return r, r.Close, nil
	case "flynn":
		return subject.Flynn{}, func() error { return nil }, nil
	}
	spec, err := attach.Parse(peer)
	if err != nil || spec.Kind != attach.Adapter {
		return nil, nil, usagef("--peer %s: vectors are for reference, flynn, or adapter:COMMAND; 'ockamtest run' tests other peers", peer)
	}
	var process *attach.AdapterProcess
	start := func(ctx context.Context) (subject.Caller, error) {
		if process != nil {
			_ = process.Close() // it is dead, and a vector has told of it
		}
		p, err := attach.StartAdapter(ctx, attach.AdapterConfig{Command: spec.Command, Pipes: spec.Pipes, Scale: scale})
		if err != nil {
			return nil, err
		}
		process = p
		return described{p.Client, p}, nil
	}
	caller, err := start(ctx)
	switch {
	case ctx.Err() != nil:
		return nil, nil, &exitError{exitInterrupted, nil}
	case errors.Is(err, attach.ErrConfig):
		return nil, nil, usagef("%w", err)
	case err != nil:
		return nil, nil, troublef("%w", err)
	}
	s, err := subject.NewAdapter(ctx, caller, start)
	if err != nil {
		return nil, nil, troublef("%w", errors.Join(err, process.Close()))
	}
	return s, func() error { return process.Close() }, nil
}

// described is a client whose end is told as that of its process.
type described struct {
	*harness.Client
	process *attach.AdapterProcess
}

// Err returns why nothing can be asked any more.
func (d described) Err() error {
	if d.Client.Err() == nil {
		return nil
	}
	return d.process.Death()
}

func reasonOf(err error) string {
	text := err.Error()
	if text == vectors.ErrUnsupported.Error() {
		return "not what the implementation is for"
	}
	for _, prefix := range []string{vectors.ErrUnsupported.Error() + ": ", "vectors: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return text
}
