package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/cases"
	"ockamtest/conformance/expect"
	"ockamtest/conformance/runner"
)

// expectations reads the --expect file; nil without one. To be blessed it need not be there yet.
func (o *runOptions) expectations() (*expect.List, error) {
	if o.expect == "" {
		if o.bless {
			return nil, usagef("--bless: into which file? --expect FILE names it")
		}
		return nil, nil //nolint:nilnil // none
	}
	data, err := os.ReadFile(o.expect)
	if err != nil && (!o.bless || !errors.Is(err, fs.ErrNotExist)) {
		return nil, usagef("--expect: %w", err)
	}
	l, err := expect.Read(o.expect, data, cases.All())
	if err != nil {
		return nil, usagef("--expect: %w", err)
	}
	return l, nil
}

// judge puts the expectations to the results, and writes them anew if that is asked for.
func (o *runOptions) judge(l *expect.List, results *conformance.Results, cfg runner.Config) error {
	complete := o.whole(cfg) && !results.Partial && results.Trouble == ""
	now := time.Now()
	l.Judge(results, cfg.Cases, now, complete)
	if !o.bless {
		return nil
	}
	next := l.Bless(results, now)
	data, err := next.Write()
	if err != nil {
		return troublef("--bless: %w", err)
	}
	err = writeFile(o.expect, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
	if err != nil {
		return troublef("--bless: %w", err)
	}
	next.Judge(results, cfg.Cases, now, complete)
	return nil
}
