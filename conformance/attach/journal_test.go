package attach

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestLineWriter(t *testing.T) {
	long := strings.Repeat("x", scannedLine)
	tests := []struct {
		name   string
		writes []string
		want   []string // "+" begins a line, "-" goes on with it
	}{
		{"lines", []string{"a\nb\n"}, []string{"+a", "+b"}},
		{"pieces", []string{"a", "b\nc", "\n"}, []string{"+ab", "+c"}},
		{"CR LF", []string{"a\r\nb\r", "\n"}, []string{"+a", "+b"}},
		{"no end", []string{"a\nb"}, []string{"+a", "+b"}},
		{"empty lines", []string{"\n\n"}, []string{"+", "+"}},
		{"long line", []string{long + long + "y\nz\n"}, []string{"+" + long, "-" + long, "-y", "+z"}},
		{"long line in pieces", []string{long[1:], "ab\n", "z\n"}, []string{"+" + long[1:] + "a", "-b", "+z"}},
		{"line of exactly the bound, its end later", []string{long, "\nz\n"}, []string{"+" + long, "-", "+z"}},
		{"line of exactly the bound", []string{long + "\nz\n"}, []string{"+" + long, "+z"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			w := lineWriter{line: func(p []byte, begins bool) {
				mark := "-"
				if begins {
					mark = "+"
				}
				got = append(got, mark+string(p))
			}}
			for _, s := range tt.writes {
				if n, err := w.Write([]byte(s)); n != len(s) || err != nil {
					t.Errorf("write of %d bytes: got %d, %v", len(s), n, err)
				}
			}
			if len(w.partial) > 0 {
				w.flush()
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %.40q, want %.40q", got, tt.want)
			}
			if cap(w.partial) > 2*scannedLine {
				t.Errorf("it holds %d bytes", cap(w.partial))
			}
		})
	}
}

func TestJournalTail(t *testing.T) {
	var j journal
	for i := range journalLines + 5 {
		j.add(fmt.Appendf(nil, "line %d", i))
	}
	j.add(nil)
	got := j.tail()
	if len(got) != journalLines || got[0] != "line 5" || got[journalLines-1] != fmt.Sprintf("line %d", journalLines+4) {
		t.Errorf("got %q", got)
	}
}

func TestEscape(t *testing.T) {
	tests := []struct{ name, line, want string }{
		{"plain", "a\tb ü 日", "a\tb ü 日"},
		{"control", "\x1b[31m\x00\x7f\a", `\x1b[31m\x00\x7f\a`},
		{"invalid UTF-8", "a\xff\xc3", `a\xff\xc3`},
		{"bidirectional control", "a\u202eb", `a\u202eb`},
		{"replacement character", "\ufffd", "\ufffd"},
		{"long", strings.Repeat("x", journalLine+1), strings.Repeat("x", journalLine) + "…"},
		{"as long as may be", strings.Repeat("x", journalLine), strings.Repeat("x", journalLine)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := escape([]byte(tt.line)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestReports(t *testing.T) {
	tests := []struct {
		line                string
		sanitizer, panicked bool
	}{
		{"==1==ERROR: AddressSanitizer: heap-use-after-free on address 0x1", true, false},
		{"==1==ERROR: LeakSanitizer: detected memory leaks", true, false},
		{"WARNING: ThreadSanitizer: data race (pid=1)", true, false},
		{"==1==WARNING: MemorySanitizer: use-of-uninitialized-value", true, false},
		{"frame.c:12:3: runtime error: signed integer overflow", true, false},
		{"<unknown>: runtime error: null pointer", true, false},
		{"built with AddressSanitizer", false, false},
		{"http: recovered: runtime error: index out of range", false, false},
		{"panic: runtime error: index out of range [3] with length 3", false, true},
		{"fatal error: all goroutines are asleep - deadlock!", false, true},
		{"thread 'main' panicked at src/main.rs:2:5:", false, true},
		{"thread 'main' (4711) panicked at src/main.rs:2:5:", false, true},
		{"do not panic: all is well", false, false},
		{"Traceback (most recent call last):", false, false},
	}
	for _, tt := range tests {
		var j journal
		j.scan([]byte(tt.line))
		if got := j.hasPanicked(); got != tt.panicked {
			t.Errorf("%q: panicked: got %v, want %v", tt.line, got, tt.panicked)
		}
		if got := j.hasReport(); got != tt.sanitizer {
			t.Errorf("%q: report: got %v, want %v", tt.line, got, tt.sanitizer)
		}
		if got := j.takeReport(); (got != "") != tt.sanitizer || j.hasReport() {
			t.Errorf("%q: took %q, and has one: %v", tt.line, got, j.hasReport())
		}
	}
}

func TestDialAddress(t *testing.T) {
	tests := []struct{ text, want string }{
		{"127.0.0.1:4000", "127.0.0.1:4000"},
		{"tcp://127.0.0.1:4000", "127.0.0.1:4000"},
		{"0.0.0.0:4000", "127.0.0.1:4000"},
		{"[::]:4000", "[::1]:4000"},
		{":4000", "127.0.0.1:4000"},
		{"[::1]:4000", "[::1]:4000"},
		{"localhost:4000", "localhost:4000"},
		{"on all ports", ""},
		{"127.0.0.1:0", ""},
		{":0", ""},
		{"127.0.0.1", ""},
		{"udp://127.0.0.1:4000", "127.0.0.1:4000"},
		{"http://127.0.0.1:4000", ""},
		{"", ""},
	}
	for _, tt := range tests {
		got, ok := dialAddress(tt.text)
		if ok != (tt.want != "") || ok && got != tt.want {
			t.Errorf("%q: got %q, %v, want %q", tt.text, got, ok, tt.want)
		}
	}
}
