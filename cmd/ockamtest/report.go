package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"ockamtest/conformance"
	"ockamtest/conformance/report"
)

// An output is one report that was asked for; no file means standard output.
type output struct{ format, file string }

// parseReports reads the --report options. Without one for standard output the text goes there, so that files come in addition.
func parseReports(options []string) ([]output, error) {
	var outputs []output
	onStdout := 0
	for _, option := range options {
		format, file, named := strings.Cut(option, "=")
		if format != "text" && format != "json" {
			return nil, usagef("--report %s: the format is text or json", option)
		}
		if named && file == "" {
			return nil, usagef("--report %s: the file is missing", option)
		}
		if !named {
			onStdout++
		}
		if _, err := os.Stat(filepath.Dir(file)); err != nil { // better told before the run than after
			return nil, usagef("--report %s: %w", option, err)
		}
		outputs = append(outputs, output{format, file})
	}
	switch onStdout {
	case 0:
		outputs = append(outputs, output{format: "text"})
	case 1:
	default:
		return nil, usagef("--report: only one report fits on standard output")
	}
	return outputs, nil
}

// writeReports writes every report that it can: one that fails does not cost the others, for the run is over.
func (a *app) writeReports(outputs []output, results *conformance.Results) error {
	var errs []error
	for _, o := range outputs {
		var err error
		if o.file == "" {
			err = a.writeReport(a.out, o.format, a.color, results)
		} else {
			err = writeFile(o.file, func(w io.Writer) error { return a.writeReport(w, o.format, false, results) })
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (a *app) writeReport(w io.Writer, format string, color bool, results *conformance.Results) error {
	if format == "json" {
		return report.WriteJSON(w, results)
	}
	return report.WriteText(w, results, report.TextConfig{Width: a.width, Color: color})
}

// writeFile replaces a regular file. What is a link is followed, and what is no file, as a device or a pipe, is written to: a rename would
// put a file in its place.
func writeFile(name string, write func(io.Writer) error) error {
	info, err := os.Stat(name)
	if err != nil || info.Mode().IsRegular() {
		if target, err := filepath.EvalSymlinks(name); err == nil {
			name = target
		}
		return replaceFile(name, write)
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// replaceFile writes a file so that a reader sees the old content or the new, never a part.
func replaceFile(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".ockamtest-*")
	if err != nil {
		return err
	}
	err = write(f)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // what went wrong is told already
	}
	return err
}
