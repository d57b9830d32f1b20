package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"ockamtest/conformance"
	"ockamtest/vectors"
)

func (a *app) vectorsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "vectors",
		Short: "List, run, check, and make the test vectors",
		Long: `The test vectors are JSON files, for implementations in any language: 'ockamtest vectors generate --out DIR' writes them, and
vectors/README.md in the source tells how to read them. Here they are put to an adapter, or to the implementations of the kit.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return usagef("vectors: it is list, run, check, or generate") },
	}
	c.AddCommand(a.vectorsListCommand(), a.vectorsRunCommand(), a.vectorsCheckCommand(), a.vectorsGenerateCommand())
	return c
}

// interruptible does what heeds no context; when that ends, the command ends without it.
func interruptible(ctx context.Context, do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return &exitError{exitInterrupted, nil}
	}
}

// loadVectors loads files and directories, without any the files of the kit. What is malformed is a *vectors.FieldError.
func loadVectors(paths []string) ([]*vectors.File, error) {
	if len(paths) == 0 {
		files, err := vectors.Load(vectors.Embedded())
		if err != nil {
			return nil, troublef("%w", err)
		}
		return files, nil
	}
	var all []*vectors.File
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, usagef("%w", err)
		}
		var files []*vectors.File
		if info.IsDir() {
			files, err = vectors.Load(os.DirFS(path))
		} else {
			files, err = loadFile(path)
		}
		var malformed *vectors.FieldError
		switch {
		case errors.Is(err, vectors.ErrNoFiles):
			return nil, &exitError{conformance.ExitNothingRan, fmt.Errorf("%s: no file *.json is there", path)}
		case errors.As(err, &malformed):
			return nil, &exitError{exitUsage, fmt.Errorf("%s: %w", path, err)}
		case err != nil:
			return nil, usagef("%w", err)
		}
		all = append(all, files...)
	}
	return all, nil
}

func loadFile(path string) ([]*vectors.File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := vectors.Parse(filepath.Base(path), data)
	return []*vectors.File{f}, err
}

// readVectors returns the bytes of what loadVectors has loaded, by the name of the file.
func readVectors(paths []string) (map[string][]byte, error) {
	data := map[string][]byte{}
	add := func(f fs.FS, names ...string) error {
		for _, name := range names {
			b, err := fs.ReadFile(f, name)
			if err != nil {
				return err
			}
			data[name] = b
		}
		return nil
	}
	if len(paths) == 0 {
		names, err := fs.Glob(vectors.Embedded(), "*.json")
		return data, errors.Join(err, add(vectors.Embedded(), names...))
	}
	for _, path := range paths {
		dir, names := filepath.Dir(path), []string{filepath.Base(path)}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			if names, err = fs.Glob(os.DirFS(path), "*.json"); err != nil {
				return nil, err
			}
			dir = path
		}
		if err := add(os.DirFS(dir), names...); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// parseKinds reads names of kinds in letters of either case.
func parseKinds(names []string) (kinds []vectors.Kind, err error) {
	var all []string
	for _, k := range vectors.Kinds() {
		all = append(all, string(k))
	}
	for _, name := range names {
		found := false
		for _, k := range vectors.Kinds() {
			if strings.EqualFold(string(k), name) {
				kinds, found = append(kinds, k), true
			}
		}
		if !found {
			return nil, usagef("--kind %s: there is no such kind; there are %s", name, strings.Join(all, ", "))
		}
	}
	return kinds, nil
}
