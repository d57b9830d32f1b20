package attach

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ockamtest/conformance"
)

// resetTimeout is how long a reset may take, times Scale.
const resetTimeout = 2 * time.Minute

// ErrReset says that a reset has failed, or has not ended in time.
var ErrReset = errors.New("attach: the reset failed")

// A ResetCommand is what resets a board: a program and its arguments, in which {role}, {transport}, {profile}, and {depth} stand for what it is
// needed for next.
type ResetCommand struct {
	words []string
	limit time.Duration
}

// NewResetCommand reads a command line. scale multiplies the 2 minutes that it may take; 0 means 1.
func NewResetCommand(text string, scale float64) (ResetCommand, error) {
	words, offset, err := parseCommand(text, func(name string) error {
		_, err := resetValue(name, conformance.Need{})
		return err
	})
	if err != nil {
		return ResetCommand{}, fmt.Errorf("%w: at %q: %w", ErrConfig, text[offset:], err)
	}
	return ResetCommand{words, Config{Scale: scale}.scaled(resetTimeout)}, nil
}

func resetValue(name string, need conformance.Need) (string, error) {
	switch name {
	case "role":
		return string(need.Role), nil
	case "transport":
		return string(need.Transport), nil
	case "profile":
		return need.Profile, nil
	case "depth":
		return strconv.Itoa(max(1, need.Depth)), nil
	}
	return "", fmt.Errorf("{%s} stands for nothing here: there are {role}, {transport}, {profile}, {depth}", name)
}

// Run runs the command and waits for its end. What it leaves in its process group is killed. An error wraps ErrReset and has its last words.
func (c ResetCommand) Run(ctx context.Context, need conformance.Need) error {
	words := make([]string, len(c.words))
	for i, w := range c.words {
		var err error
		words[i], err = expand(w, func(name string) (string, error) { return resetValue(name, need) })
		if err != nil {
			return err
		}
	}
	p, err := startProcess(words)
	if err != nil {
		return fmt.Errorf("%w: cannot start %q: %s", ErrReset, words[0], startHint(err))
	}
	stopped(ctx, c.limit, p.done)
	command := strings.Join(words, " ")
	switch {
	case ctx.Err() != nil:
		p.stop()
		return fmt.Errorf("reset: %w", ctx.Err())
	case !p.ended():
		p.stop()
		return fmt.Errorf("%w: %q has not ended in %v%s", ErrReset, command, c.limit, indent(p.journal.tail()))
	case !p.exit.clean:
		return fmt.Errorf("%w: %q: %s%s", ErrReset, command, p.exit.text, indent(p.journal.tail()))
	}
	return nil
}
