package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"ockamtest/conformance"
)

// version is the tool's version as the module system knows it, "devel" in a work tree.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the versions of the tool, the catalogue, and the results format",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(a.out, "ockamtest %s\ncatalogue %s\nresults   %s\n%s %s/%s\n", version(),
				conformance.CatalogueVersion, conformance.ResultsSchema, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
