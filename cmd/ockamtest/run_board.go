package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"ockamtest/conformance/attach"
	"ockamtest/conformance/runner"
)

// boardOptions are about the program or the board behind the peer.
type boardOptions struct {
	attach    bool
	reset     string
	maxGrowth int // MiB
	maxSpin   time.Duration
	notices   *notices
}

// Bounds of what a peer's process takes.
const (
	defaultGrowth = 512
	defaultSpin   = 3 * time.Second
)

// boardHelp is the part of the help about them.
const boardHelp = `--reset CMD runs CMD before the first session in each role, transport, profile, and depth ({role} {transport} {profile} {depth} stand for
them), after a case in which the peer has died, and, when it did not answer after a case, before the next one. CMD may take 2 minutes; then
the peer is waited for as long as it says nothing, for 30 s. A reset that fails is an error, and a peer that does not come back is trouble.

A process that the kit has started and that does not answer after a case is ended, and started again. On Linux its memory and computing
time are watched, that of its children too: beyond --max-growth and --max-spin it is ended, and the case has failed.

` + handHelp

func (o *boardOptions) flags(f *pflag.FlagSet) {
	f.BoolVar(&o.attach, "attach", false, "wait for you to start the command or the adapter, under a debugger")
	f.StringVar(&o.reset, "reset", "", "command that resets the peer, between groups of cases and after its death")
	f.IntVar(&o.maxGrowth, "max-growth", defaultGrowth, "MiB by which the memory of a command or an adapter may grow; 0: not bounded")
	f.DurationVar(&o.maxSpin, "max-spin", defaultSpin, "how long a command or an adapter may compute without a pause while no link is open; 0: not bounded")
}

// setBoard has the runner reset the peer.
func (o *runOptions) setBoard(cfg *runner.Config) error {
	b := &o.board
	if b.maxGrowth < 0 || b.maxSpin < 0 {
		return usagef("--max-growth and --max-spin have to be positive, or 0")
	}
	if b.maxGrowth != defaultGrowth {
		cfg.RerunArgs = append(cfg.RerunArgs, "--max-growth", fmt.Sprint(b.maxGrowth))
	}
	if b.maxSpin != defaultSpin {
		cfg.RerunArgs = append(cfg.RerunArgs, "--max-spin", b.maxSpin.String())
	}
	if err := o.setByHand(cfg); err != nil || b.reset == "" {
		return err
	}
	switch {
	case o.peer == "":
		return usagef("--reset: the embedded reference is no board")
	case o.jobs > 1:
		return usagef("--reset: it resets one peer, and --jobs %d attaches several", o.jobs)
	}
	command, err := attach.NewResetCommand(b.reset, o.timeoutScale)
	if err != nil {
		return usagef("--reset: %w", err)
	}
	cfg.Reset = command.Run
	cfg.RerunArgs = append(cfg.RerunArgs, "--reset", b.reset)
	return nil
}

// attachment is what the attachment has to know of it.
func (o *boardOptions) attachment(a *app, cfg attach.Config) attach.Config {
	if cfg.MaxGrowth = int64(o.maxGrowth) << 20; cfg.MaxGrowth == 0 {
		cfg.MaxGrowth = -1
	}
	if cfg.MaxSpin = o.maxSpin; cfg.MaxSpin == 0 {
		cfg.MaxSpin = -1
	}
	if o.attach {
		a.progress = false // what is to be started has to stay on the screen
		cfg.ByHand, cfg.HandshakeTimeout = a.byHand(a.typed()), handDeadline
	}
	if o.notices == nil { // the jobs are attached one after the other
		o.notices = &notices{said: make(map[string]bool)}
	}
	cfg.Notice = func(text string) { a.notice(o.notices, text) }
	return cfg
}

// A notices keeps what was said, so that several jobs say it once. It is safe for concurrent use.
type notices struct {
	mu   sync.Mutex
	said map[string]bool
}

// notice tells what no result tells.
func (a *app) notice(n *notices, text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.said[text] {
		fmt.Fprintf(a.err, "ockamtest: %s\n", text)
	}
	n.said[text] = true
}
