package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"ockamtest/conformance"
)

// ErrFormat says that a text is not a results file of this version.
var ErrFormat = errors.New("report: not a results file")

// WriteJSON writes results in the form of conformance.ResultsSchema.
func WriteJSON(w io.Writer, r *conformance.Results) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("report: write JSON: %w", err)
	}
	return nil
}

// ReadJSON reads what WriteJSON wrote. It is strict: an unknown field, another schema, an unknown outcome or status, a summary
// that does not count the results, and anything behind them are errors that wrap ErrFormat.
func ReadJSON(rd io.Reader) (*conformance.Results, error) {
	d := json.NewDecoder(rd)
	d.DisallowUnknownFields()
	var r conformance.Results
	if err := d.Decode(&r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something follows the results", ErrFormat)
	}
	if err := check(&r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return &r, nil
}

func check(r *conformance.Results) error {
	if r.Schema != conformance.ResultsSchema {
		return fmt.Errorf("the schema is not %s", conformance.ResultsSchema)
	}
	counted := conformance.Summarize(r.Results)
	if len(counted) != len(conformance.Outcomes()) {
		return errors.New("a result has an unknown outcome")
	}
	for _, outcome := range conformance.Outcomes() {
		if n, ok := r.Summary[outcome]; !ok || n != counted[outcome] {
			return fmt.Errorf("the summary does not count the results: %s", outcome)
		}
	}
	if len(r.Summary) != len(counted) {
		return errors.New("the summary has an unknown outcome")
	}
	for _, requirement := range r.Requirements {
		known := requirement.Status == conformance.StatusNoCase || requirement.Status == conformance.StatusPlanned ||
			slices.Contains(conformance.Outcomes(), conformance.Outcome(requirement.Status))
		if !known {
			return fmt.Errorf("%s has an unknown status", requirement.ID)
		}
	}
	return nil
}
