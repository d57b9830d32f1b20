package main

import (
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

func (a *app) writeReports(outputs []output, results *conformance.Results) error {
	for _, o := range outputs {
		if o.file == "" {
			if err := a.writeReport(a.out, o.format, a.color, results); err != nil {
				return err
			}
			continue
		}
		err := replaceFile(o.file, func(w io.Writer) error { return a.writeReport(w, o.format, false, results) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *app) writeReport(w io.Writer, format string, color bool, results *conformance.Results) error {
	if format == "json" {
		return report.WriteJSON(w, results)
	}
	return report.WriteText(w, results, report.TextConfig{Width: a.width, Color: color})
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
