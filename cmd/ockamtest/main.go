// Command ockamtest tests implementations of Ockam secure channels for conformance with the specification.
//
// This package is the roof: flags, files, signals, exit codes, and the wiring of the packages below. See ockamtest help.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	a := &app{
		in:  os.Stdin,
		out: os.Stdout,
		err: os.Stderr,
		// NO_COLOR is the convention of no-color.org: set and not empty.
		color:    term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
		progress: term.IsTerminal(int(os.Stderr.Fd())),
		width:    min(max(columns(os.Stdout), minWidth), maxWidth),

		progressWidth: columns(os.Stderr),
	}
	code := a.execute(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// An app is one invocation of the command: its streams and what is known of the terminal behind them.
type app struct {
	in       io.Reader
	out, err io.Writer
	color    bool // standard output takes colours
	progress bool // standard error is a terminal
	width    int  // columns of standard output

	progressWidth int // columns of standard error
}

const (
	defaultWidth = 100 // pipes and files
	minWidth     = 40
	maxWidth     = 120 // longer lines are hard to read
)

func columns(f *os.File) int {
	w, _, err := term.GetSize(int(f.Fd()))
	if err != nil || w <= 0 { // no terminal, or one that does not know
		return defaultWidth
	}
	return w
}
