package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"ockamtest/vectors"
	"ockamtest/vectors/generate"
)

func (a *app) vectorsGenerateCommand() *cobra.Command {
	var out string
	var force bool
	c := &cobra.Command{
		Use:   "generate",
		Short: "Make the files of vectors, with their schemas",
		Long: `Generate makes the files of vectors anew, the same bytes each time, and writes them and their JSON Schemas into a directory. A file that is
there and differs is not written over without --force.`,
		Example: `  ockamtest vectors generate --out vectors`,
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return interruptible(c.Context(), func() error {
				files, err := vectorFiles()
				if err != nil {
					return troublef("%w", err)
				}
				return a.writeVectors(out, force, files)
			})
		},
	}
	c.Flags().StringVar(&out, "out", ".", "the directory, which is made if it is not there")
	c.Flags().BoolVar(&force, "force", false, "write over files that differ")
	return c
}

// vectorFiles are the files and the schemas, by path.
func vectorFiles() (map[string][]byte, error) {
	made := map[string][]byte{}
	files, err := generate.Files()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if made[f.Name], err = generate.Marshal(f); err != nil {
			return nil, err
		}
	}
	names, err := fs.Glob(vectors.Schemas(), "*")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if made[filepath.Join("schema", name)], err = fs.ReadFile(vectors.Schemas(), name); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// writeVectors writes all or, if one would be lost, nothing.
func (a *app) writeVectors(dir string, force bool, files map[string][]byte) error {
	var differ, same []string
	for _, name := range sortedKeys(files) {
		kept, err := os.ReadFile(filepath.Join(dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return usagef("--out: %w", err)
		case bytes.Equal(kept, files[name]):
			same = append(same, name)
		default:
			differ = append(differ, fmt.Sprintf("%s, line %d", filepath.Join(dir, name), firstDifference(files[name], kept)))
		}
	}
	if len(differ) > 0 && !force {
		return usagef("--out: what is there differs, and would be lost; --force writes over it: %v", differ)
	}
	for _, name := range sortedKeys(files) {
		if slices.Contains(same, name) {
			fmt.Fprintf(a.out, "same   %s\n", filepath.Join(dir, name))
			continue
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return usagef("--out: %w", err)
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			return troublef("%w", err)
		}
		fmt.Fprintf(a.out, "wrote  %s\n", path)
	}
	return nil
}
