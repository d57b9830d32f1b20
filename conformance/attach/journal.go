package attach

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is kept of a process's output.
const (
	journalLines = 20
	journalLine  = 200  // bytes, before escaping
	scannedLine  = 4096 // bytes; a longer line is read in pieces
)

// A journal keeps the tail of a process's output and what in it concerns the kit. It is safe for concurrent use.
type journal struct {
	mu        sync.Mutex
	lines     []string // at most journalLines, escaped
	sanitizer string   // first line of a sanitizer's report
	panicked  bool     // the runtime of Go or Rust reported a panic
}

// add keeps a line, unless it is empty.
func (j *journal) add(line []byte) {
	if len(line) == 0 {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.lines) == journalLines {
		j.lines = append(j.lines[:0], j.lines[1:]...)
	}
	j.lines = append(j.lines, escape(line))
}

// scan looks for reports in a line, or a piece of one, of stderr.
func (j *journal) scan(line []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.sanitizer == "" && sanitizerReport.Match(line) {
		j.sanitizer = escape(line)
	}
	j.panicked = j.panicked || panicReport.Match(line)
}

// tail returns the last lines.
func (j *journal) tail() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]string(nil), j.lines...)
}

// hasReport reports whether takeReport has something to return.
func (j *journal) hasReport() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.sanitizer != ""
}

// takeReport returns the first line of a sanitizer's report that has come since the last call.
func (j *journal) takeReport() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	report := j.sanitizer
	j.sanitizer = ""
	return report
}

func (j *journal) hasPanicked() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.panicked
}

// How sanitizers begin their reports. The words alone do not make one: a peer may log that it was built with AddressSanitizer, and
// one in Go that it has recovered from a "runtime error:".
var (
	sanitizerReport = regexp.MustCompile(`(ERROR|WARNING): \w*Sanitizer\b|(:\d+(:\d+)?|<unknown>): runtime error: `)
	panicReport     = regexp.MustCompile(`^panic: |^fatal error: |^thread '.*' (\(\d+\) )?panicked at `)
)

// escape cuts a line and makes what is not printable visible.
func escape(line []byte) string {
	cut := len(line) > journalLine
	if cut {
		line = line[:journalLine]
	}
	var b strings.Builder
	for len(line) > 0 {
		r, n := utf8.DecodeRune(line)
		switch {
		case r == utf8.RuneError && n == 1:
			b.WriteString(`\x` + strconv.FormatUint(uint64(line[0])|0x100, 16)[1:])
		case r == '\t' || unicode.IsPrint(r):
			b.Write(line[:n])
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		line = line[n:]
	}
	if cut {
		b.WriteString("…")
	}
	return b.String()
}

// A lineWriter cuts what is written to it into lines, without their ends, and hands each on: a line that is longer than scannedLine in
// pieces, of which the first begins it.
type lineWriter struct {
	line      func(p []byte, begins bool)
	partial   []byte
	continued bool // partial is not the first piece of its line
}

// Write takes everything.
func (w *lineWriter) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		take, ends := len(rest), false
		if n := bytes.IndexByte(rest, '\n'); n >= 0 {
			take, ends = n, true
		}
		if room := scannedLine - len(w.partial); take > room {
			take, ends = room, false
		}
		w.partial = append(w.partial, rest[:take]...)
		rest = rest[take:]
		if ends {
			rest = rest[1:]
		}
		if ends || len(w.partial) == scannedLine {
			w.flush()
			w.continued = !ends
		}
	}
	return len(p), nil
}

// flush hands on what has come of a line that has no end yet.
func (w *lineWriter) flush() {
	w.line(bytes.TrimSuffix(w.partial, []byte("\r")), !w.continued)
	w.partial = w.partial[:0]
}
