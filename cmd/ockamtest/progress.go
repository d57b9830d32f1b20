package main

import (
	"fmt"
	"io"

	"github.com/schollz/progressbar/v3"
)

// A meter shows how far a long command is. On a terminal it moves; in a pipe it is silent.
type meter struct {
	out   io.Writer // nil: silent
	width int       // columns of the terminal
	bar   *progressbar.ProgressBar
}

func (a *app) newMeter() *meter {
	if !a.progress {
		return &meter{}
	}
	return &meter{out: a.err, width: a.progressWidth}
}

// show sets what is done of how many, and what runs now. Errors of the terminal are no reason to stop a run.
func (m *meter) show(done, total int, what string) {
	room := descriptionRoom(m.width, total)
	if m.out == nil || room < 0 {
		return
	}
	if m.bar == nil { // not before the total is known: a bar without one draws itself from a goroutine, whenever it likes
		m.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(m.out),
			progressbar.OptionShowCount(),
			progressbar.OptionSetWidth(24),
			progressbar.OptionClearOnFinish(),
			progressbar.OptionSetPredictTime(false),
		)
	}
	if m.bar.GetMax() != total {
		m.bar.ChangeMax(total)
	}
	m.bar.Describe(lastBytes(what, room))
	_ = m.bar.Set(done)
}

// descriptionRoom is how many columns are left beside the longest bar without cells. A line longer than the terminal wraps, and then
// nothing removes its first row; where not even the bar fits the room is negative.
func descriptionRoom(width, total int) int {
	return width - 1 - len(fmt.Sprintf(" 100%% || (%d/%d) [99m59s] ", total, total))
}

// lastBytes is the end of text, which is ASCII: of a case's description its name.
func lastBytes(text string, n int) string {
	return text[max(0, len(text)-n):]
}

// finish removes the meter from the screen.
func (m *meter) finish() {
	if m.bar != nil {
		_ = m.bar.Finish()
	}
}
