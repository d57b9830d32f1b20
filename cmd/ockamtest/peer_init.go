package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"ockamtest/conformance/harness"
	"ockamtest/conformance/harness/skeleton"
)

// protocolFile is the specification that stands beside a new adapter.
const protocolFile = "PROTOCOL.md"

func (a *app) initCommand() *cobra.Command {
	var language, dir string
	c := &cobra.Command{
		Use:   "init --lang " + strings.Join(skeleton.Languages(), "|"),
		Short: "Write the beginning of an adapter",
		Long: `Init writes an adapter to be filled in, and PROTOCOL.md, which tells what it has to answer. As it stands it builds, runs, and passes
'ockamtest peer check', with everything unsupported. It overwrites nothing.`,
		Example: `  ockamtest peer init --lang c
  ockamtest peer init --lang elixir --out test/ockam`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			s, err := skeleton.New(language)
			if err != nil {
				return usagef("--lang %s: it is %s", language, strings.Join(skeleton.Languages(), ", "))
			}
			s.Files = append(s.Files, skeleton.File{Name: protocolFile, Data: []byte(harness.Protocol())})
			if err := writeNew(dir, s.Files); err != nil {
				return err
			}
			a.nextStep(dir, s)
			return nil
		},
	}
	c.Flags().StringVar(&language, "lang", "", "language: "+strings.Join(skeleton.Languages(), ", "))
	c.Flags().StringVar(&dir, "out", ".", "directory, which is made if there is none")
	return c
}

// writeNew writes files of which none is there with other contents.
func writeNew(dir string, files []skeleton.File) error {
	for _, f := range files {
		name := filepath.Join(dir, f.Name)
		data, err := os.ReadFile(name)
		switch {
		case errors.Is(err, os.ErrNotExist), err == nil && bytes.Equal(data, f.Data):
		case err == nil:
			return usagef("%s is there, and would be overwritten: choose another directory with --out", name)
		default:
			return usagef("--out: %w", err)
		}
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return usagef("--out: %w", err)
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o666); err != nil {
			return troublef("%w", err)
		}
	}
	return nil
}

// nextStep tells what was written and what to type next.
func (a *app) nextStep(dir string, s skeleton.Skeleton) {
	for _, f := range s.Files {
		fmt.Fprintf(a.out, "wrote %s\n", filepath.Join(dir, f.Name))
	}
	fmt.Fprint(a.out, "\nNext:\n\n")
	if dir != "." {
		fmt.Fprintf(a.out, "    cd %s\n", shellWord(dir))
	}
	if s.Language == "go" {
		fmt.Fprint(a.out, "    go mod edit -replace ockamtest=DIR    # the directory of ockamtest's source\n")
	}
	if s.Build != nil {
		fmt.Fprintf(a.out, "    %s\n", strings.Join(s.Build, " "))
	}
	fmt.Fprintf(a.out, "    ockamtest peer check %s\n\n", shellWord("adapter:"+strings.Join(s.Run, " ")))
	fmt.Fprintf(a.out, "Then fill in verb by verb, as %s says at its beginning, and check again.\n", mainFile(s))
}

// mainFile is the file of a skeleton that is to be filled in.
func mainFile(s skeleton.Skeleton) string {
	for _, f := range s.Files {
		if f.Name != "go.mod" && f.Name != protocolFile {
			return f.Name
		}
	}
	return s.Files[0].Name
}
