package main

import (
	"bufio"
	"fmt"
	"slices"
	"strings"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/attach"
	"ockamtest/conformance/runner"
)

// Somebody who steps through a peer takes his time: every time of the kit is so many times as long, and the peer is given the longest deadline
// that it may have (NOISE-013).
const (
	handScale    = 1000
	handDeadline = 30 * time.Second
)

// handHelp is the part of the help about --attach.
const handHelp = `With --attach the kit does not start the command or the adapter: it prints what it would start, with everything filled in, and waits until
you have, under a debugger (gdb --args …, iex -S …), as often as it takes. A responder is waited for at the port that it was told; type
HOST:PORT if it listens elsewhere. The kit waits for answers a thousand times as long, and asks for the longest {timeout}, 30 s.
`

// setByHand gives the runner time.
func (o *runOptions) setByHand(cfg *runner.Config) error {
	switch {
	case !o.board.attach:
		return nil
	case o.peer == "":
		return usagef("--attach: the embedded reference runs already")
	case o.jobs > 1:
		return usagef("--attach: it is for one peer, and --jobs %d attaches several", o.jobs)
	case o.board.reset != "":
		return usagef("--attach: what you start you reset; it does not go with --reset")
	}
	cfg.TimeoutScale *= handScale
	return nil
}

// byHand shows what is to be started. The lines are those of standard input.
func (a *app) byHand(lines <-chan string) func(attach.Launch) <-chan string {
	return func(l attach.Launch) <-chan string {
		what, again := "the adapter", ""
		if l.Need != (conformance.Need{}) {
			what = fmt.Sprintf("the %s over %s in profile %s", l.Need.Role, l.Need.Transport, l.Need.Profile)
		}
		if l.Again {
			again = " again"
		}
		words := slices.Clone(l.Env)
		for _, word := range l.Words {
			words = append(words, shellWord(word))
		}
		fmt.Fprintf(a.err, "ockamtest: start %s%s:\n\n    %s\n\n", what, again, strings.Join(words, " "))
		if l.Listens != "" {
			fmt.Fprintf(a.err, "It is waited for at %s; type HOST:PORT if it listens elsewhere.\n", l.Listens)
		}
		return lines
	}
}

// typed are the lines of standard input, of which one waits for whoever wants it.
func (a *app) typed() <-chan string {
	lines := make(chan string, 1)
	go func() { // it ends with the input, or with the command
		for s := bufio.NewScanner(a.in); s.Scan(); {
			lines <- s.Text()
		}
	}()
	return lines
}
