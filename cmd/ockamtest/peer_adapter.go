package main

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"ockamtest/conformance/harness"
	"ockamtest/conformance/harness/refadapter"
)

func (a *app) adapterCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "adapter",
		Short: "Be the reference's adapter, for the kit to start",
		Long: `Adapter is the reference implementation at the end of the control connection that OCKAMTEST_CONTROL names, until it is told to quit. The
kit starts it, as it starts yours; it shows what an adapter of a complete implementation answers.`,
		Example: `  ockamtest peer check 'adapter:ockamtest peer adapter'
  ockamtest run --peer 'adapter:ockamtest peer adapter' --profile v1`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return serveAdapter(c.Context()) },
	}
}

func serveAdapter(ctx context.Context) error {
	conn, err := harness.DialControl(ctx, os.Getenv(harness.ControlVariable))
	switch {
	case errors.Is(err, harness.ErrControl):
		return usagef("%w: the kit starts an adapter and sets it, as in 'ockamtest peer check \"adapter:ockamtest peer adapter\"'", err)
	case err != nil:
		return troublef("%w", err)
	}
	adapter, closed, err := refadapter.New(nil)
	if err != nil {
		return troublef("%w", errors.Join(err, conn.Close()))
	}
	err = harness.Serve(ctx, conn, adapter)
	if ctx.Err() != nil { // it was told to end
		err = nil
	}
	if err = errors.Join(err, closed()); err != nil {
		return troublef("%w", err)
	}
	return nil
}
