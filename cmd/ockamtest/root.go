package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// Exit codes (README, "Exit codes"). Precedence when several apply: 2, 5, 3, 1, 4.
const (
	exitConformant    = 0
	exitNotConformant = 1
	exitUsage         = 2
	exitTrouble       = 3 // the kit's own trouble, or the peer was never reachable
	exitInterrupted   = 130
	exitCrashed       = 134 // peer serve: the peer crashed, as SIGABRT would end it
)

// An exitError ends the command with a code; its error, if any, is printed.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usagef is an error in what the user typed.
func usagef(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// troublef is trouble of the kit's own.
func troublef(format string, args ...any) error {
	return &exitError{exitTrouble, fmt.Errorf(format, args...)}
}

// execute runs the command line and returns the exit code.
func (a *app) execute(ctx context.Context, args []string) int {
	out := &stickyWriter{w: a.out}
	a.out = out
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(out)
	root.SetErr(a.err)
	err := root.ExecuteContext(ctx)
	if err == nil && out.err != nil {
		err = troublef("standard output: %w", out.err)
	}
	if err == nil {
		return exitConformant
	}
	exit := &exitError{exitUsage, err} // cobra's own errors are about what was typed
	errors.As(err, &exit)
	if exit.err != nil {
		fmt.Fprintf(a.err, "ockamtest: %v\n", exit.err)
		if exit.code == exitUsage {
			fmt.Fprintln(a.err, "Try 'ockamtest help'.")
		}
	}
	return exit.code
}

// A stickyWriter keeps the first error, so that commands may print line by line and the end result is not taken for whole.
type stickyWriter struct {
	w   io.Writer
	err error
}

func (s *stickyWriter) Write(p []byte) (n int, err error) {
	if s.err == nil {
		n, s.err = s.w.Write(p)
	}
	return n, s.err
}

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "ockamtest",
		Short: "Conformance tests for implementations of Ockam secure channels",
		Long: `ockamtest finds out whether an implementation of Ockam secure channels is right.

Without a peer it tests its own reference implementation over real sockets:

    ockamtest run

To test yours, let it listen (or let it dial), and name it:

    ockamtest run --peer tcp://127.0.0.1:4000
    ockamtest run --peer accept:tcp://127.0.0.1:4000
    ockamtest run --peer 'exec:./mypeer {role} {transport} {addr} {profile}'`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(a.runCommand(), a.listCommand(), a.explainCommand(), a.selftestCommand(), a.interopCommand(), a.peerCommand(), a.vectorsCommand(),
		a.decodeCommand(), a.versionCommand())
	return root
}
