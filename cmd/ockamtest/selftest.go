package main

import (
	"encoding/json"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"ockamtest/conformance/selftest"
)

func (a *app) selftestCommand() *cobra.Command {
	var asJSON bool
	var cfg selftest.Config
	c := &cobra.Command{
		Use:   "selftest",
		Short: "Run every case against every broken, lawful, dead, and correct peer: the kill matrix",
		Long: `Selftest shows that the kit tells right from wrong: in process and in virtual time it runs every case against peers of which is
known what they do. A broken peer has to be killed by a requirement that it breaks, and accused of nothing else; lawful
variants and correct peers may not be accused of anything; dead peers may not pass anything; and every case has to fail at
least one broken peer. Exit code 1 says that the kit failed.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			m := a.newMeter()
			cfg.Progress = func(done, total int) { m.show(done, total, "selftest") }
			matrix, err := selftest.Run(c.Context(), cfg)
			m.finish()
			if err != nil {
				if c.Context().Err() != nil {
					return &exitError{exitInterrupted, err}
				}
				return troublef("%w", err)
			}
			if asJSON {
				e := json.NewEncoder(a.out)
				e.SetIndent("", "  ")
				err = e.Encode(matrix)
			} else {
				_, err = io.WriteString(a.out, matrix.Text())
			}
			if err != nil {
				return troublef("%w", err)
			}
			if !matrix.OK() {
				return &exitError{exitNotConformant, errors.New("the kit does not tell right from wrong")}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().Uint64Var(&cfg.Seed, "seed", 1, "seed of everything random")
	c.Flags().IntVar(&cfg.Workers, "jobs", 0, "peers that are run at once (default: as many as there are processors)")
	return c
}
