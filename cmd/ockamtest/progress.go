package main

import (
	"github.com/schollz/progressbar/v3"
)

// A meter shows how far a long command is. On a terminal it moves; in a pipe it is silent.
type meter struct{ bar *progressbar.ProgressBar }

func (a *app) newMeter() *meter {
	if !a.progress {
		return &meter{}
	}
	return &meter{progressbar.NewOptions(-1,
		progressbar.OptionSetWriter(a.err),
		progressbar.OptionShowCount(),
		progressbar.OptionSetWidth(24),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetPredictTime(false),
	)}
}

// show sets what is done of how many, and what runs now. Errors of the terminal are no reason to stop a run.
func (m *meter) show(done, total int, what string) {
	if m.bar == nil {
		return
	}
	if m.bar.GetMax() != total {
		m.bar.ChangeMax(total)
	}
	m.bar.Describe(what)
	_ = m.bar.Set(done)
}

// finish removes the meter from the screen.
func (m *meter) finish() {
	if m.bar != nil {
		_ = m.bar.Finish()
	}
}
