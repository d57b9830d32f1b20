// Package skeleton has the beginnings of adapters (conformance/harness, PROTOCOL.md) in four languages, for `ockamtest peer init`. Each is whole:
// it builds, runs, and keeps to the protocol before anything is filled in, with everything unsupported but hello, capabilities, reset, and quit.
//
// It only has the files; writing and building them is the caller's. Functions return slices of the caller's own.
package skeleton

import (
	"embed"
	"errors"
	"fmt"
	"path"
	"strings"
)

//go:embed files
var files embed.FS

// What callers branch on.
var (
	// ErrLanguage: there is no skeleton in that language.
	ErrLanguage = errors.New("skeleton: unknown language")
)

// ModuleSource is where the Go skeleton's go.mod has the directory of this module's source.
const ModuleSource = "../ockamtest"

// A Skeleton is an adapter to be filled in.
type Skeleton struct {
	Language string
	Files    []File
	Build    []string // the command that builds it in the directory of the files; nil if there is nothing to build
	Run      []string // the command that runs it there
	// Pipes tells that it knows control connections over inherited pipes, too.
	Pipes bool
}

// A File is one file of a skeleton.
type File struct {
	Name string
	Data []byte
}

// Languages returns the names of the languages, in order.
func Languages() []string { return []string{"c", "elixir", "go", "python"} }

// New returns the skeleton in a language, or an error that wraps ErrLanguage.
func New(language string) (Skeleton, error) {
	s := Skeleton{Language: language, Pipes: true}
	switch language {
	case "c":
		s.Build = []string{"cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-o", "adapter", "adapter.c"}
		s.Run = []string{"./adapter"}
	case "elixir":
		s.Run, s.Pipes = []string{"elixir", "adapter.exs"}, false
	case "go":
		s.Build = []string{"go", "build", "-o", "adapter", "."}
		s.Run = []string{"./adapter"}
	case "python":
		s.Run = []string{"python3", "adapter.py"}
	default:
		return Skeleton{}, fmt.Errorf("%w: %q; there are %s", ErrLanguage, language, strings.Join(Languages(), ", "))
	}
	dir := path.Join("files", language)
	entries, err := files.ReadDir(dir)
	if err != nil {
		return Skeleton{}, fmt.Errorf("skeleton: %w", err)
	}
	for _, e := range entries {
		data, err := files.ReadFile(path.Join(dir, e.Name()))
		if err != nil {
			return Skeleton{}, fmt.Errorf("skeleton: %w", err)
		}
		s.Files = append(s.Files, File{strings.TrimSuffix(e.Name(), ".txt"), data}) // a go.mod would hide its directory from embed
	}
	return s, nil
}
