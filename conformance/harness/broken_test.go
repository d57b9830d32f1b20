package harness_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"ockamtest/conformance/harness"
)

// hangUp in what a broken adapter writes ends the connection there.
const hangUp = "\x04"

// A broken adapter gets the lines of the kit one by one, counted from 1 (hello), and returns what it writes, as it is.
type broken func(n int, line string) string

// serve is the adapter's end.
func (b broken) serve(conn io.ReadWriteCloser) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	for n := 1; ; n++ {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		text, _, ends := strings.Cut(b(n, strings.TrimSuffix(line, "\n")), hangUp)
		if text != "" {
			_, err = io.WriteString(conn, text)
		}
		if err != nil || ends {
			return
		}
	}
}

// id is the ID of a line.
func id(line string) string { word, _, _ := strings.Cut(line, " "); return word }

// right is what an adapter without anything answers.
func right(line string) string {
	switch verb := strings.Fields(line)[1]; verb {
	case "hello":
		return id(line) + " ok version=1 line=262144 name=test\n"
	case "reset":
		return id(line) + " ok\n"
	}
	return id(line) + " unsupported\n"
}

// only makes an adapter that is wrong at one line.
func only(at int, wrong func(line string) string) broken {
	return func(n int, line string) string {
		if n == at {
			return wrong(line)
		}
		return right(line)
	}
}

func answering(format string) func(string) string {
	return func(line string) string { return strings.ReplaceAll(format, "ID", id(line)) }
}

const longLine = harness.MaxLine + 10

// Each way of being broken has its own error, and costs one request unless the connection itself is of no use any more.
func TestBrokenAdapters(t *testing.T) {
	const hello, first = 1, 2 // lines
	for name, tc := range map[string]struct {
		adapter broken
		at      int     // which line's request fails: hello, first; the one after that, 3
		want    []error // all of them
		not     error   // nil or one that it is not
		over    bool    // no later request succeeds either
	}{
		"closes at once":        {only(hello, answering(hangUp)), hello, []error{harness.ErrEnded}, harness.ErrTorn, true},
		"closes later":          {only(first, answering(hangUp)), first, []error{harness.ErrEnded}, harness.ErrTorn, true},
		"dies in the middle":    {only(first, answering("ID o"+hangUp)), first, []error{harness.ErrTorn}, harness.ErrEnded, true},
		"wrong version":         {only(hello, answering("ID ok version=2 line=1024 name=x\n")), hello, []error{harness.ErrVersion}, nil, true},
		"no common version":     {only(hello, answering("ID error class=version\n")), hello, []error{harness.ErrVersion}, nil, true},
		"refuses hello":         {only(hello, answering("ID unsupported\n")), hello, []error{harness.ErrUnsupported}, nil, true},
		"hello without name":    {only(hello, answering("ID ok version=1 line=1024\n")), hello, []error{harness.ErrAnswer}, nil, true},
		"line limit too small":  {only(hello, answering("ID ok version=1 line=80 name=x\n")), hello, []error{harness.ErrAnswer}, nil, true},
		"carriage returns":      {only(hello, answering("ID ok version=1 line=1024 name=x\r\n")), hello, []error{harness.ErrSyntax}, harness.ErrStray, true},
		"never answers":         {only(first, answering("")), first, []error{harness.ErrNoAnswer, context.DeadlineExceeded}, nil, false},
		"never answers hello":   {only(hello, answering("")), hello, []error{harness.ErrNoAnswer}, nil, true},
		"another ID":            {only(first, answering("999 ok\n")), first, []error{harness.ErrStray, harness.ErrUnknownID}, harness.ErrSyntax, false},
		"ID 0":                  {only(first, answering("0 error class=syntax\n")), first, []error{harness.ErrStray}, harness.ErrUnknownID, false},
		"answers twice":         {only(first, answering("ID ok\nID ok\n")), 3, []error{harness.ErrStray, harness.ErrUnknownID}, nil, false},
		"garbage":               {only(first, answering("\x00\xff\x01\n")), first, []error{harness.ErrStray, harness.ErrSyntax}, harness.ErrUnknownID, false},
		"garbage behind its ID": {only(first, answering("ID \x00\xff\x01\n")), first, []error{harness.ErrSyntax}, harness.ErrStray, false},
		"empty line":            {only(first, answering("\n")), first, []error{harness.ErrStray, harness.ErrSyntax}, nil, false},
		"logs":                  {only(first, answering("INFO connected\nID ok\n")), first, []error{harness.ErrStray, harness.ErrSyntax}, nil, false},
		"huge line": {
			only(first, func(string) string { return strings.Repeat("a", longLine) + "\n" }), first,
			[]error{harness.ErrStray, harness.ErrSyntax}, harness.ErrFlood, false,
		},
		"huge line behind its ID": {
			only(first, func(line string) string { return id(line) + " ok x=" + strings.Repeat("a", longLine) + "\n" }), first,
			[]error{harness.ErrSyntax}, harness.ErrStray, false,
		},
		"line without end": {
			only(first, func(string) string { return strings.Repeat("a", 20*harness.MaxLine) }), first, []error{harness.ErrFlood}, nil, true,
		},
		"flood": {
			only(3, func(string) string { return strings.Repeat("0 ok\n", 5000) }), 3, []error{harness.ErrStray}, nil, true,
		},
		"error without class": {only(first, answering("ID error\n")), first, []error{harness.ErrAnswer}, nil, false},
		"class of its own":    {only(first, answering("ID error class=oops\n")), first, []error{harness.ErrAnswer}, nil, false},
		"internal trouble":    {only(first, answering("ID error class=internal detail=x\n")), first, []error{harness.Refuse(harness.ClassInternal)}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				kit, adapter := net.Pipe()
				go tc.adapter.serve(adapter)
				c, err := harness.NewClient(t.Context(), kit, harness.ClientConfig{})
				var errs []error
				if errs = append(errs, err); err == nil {
					for range 3 {
						errs = append(errs, c.Reset(t.Context()))
						synctest.Wait() // what the adapter has written beside the answer is there
					}
					defer c.Close()
				}
				for i, err := range errs {
					switch line := i + 1; {
					case line == tc.at:
						check(t, err, tc.want, tc.not)
					case line > tc.at && tc.over && err == nil:
						t.Errorf("request %d succeeds", line)
					case (line < tc.at || !tc.over) && err != nil:
						t.Errorf("request %d: %v; want no error", line, err)
					}
				}
				if len(errs) < tc.at {
					t.Errorf("%d requests were made, want %d or more", len(errs), tc.at)
				}
			})
		})
	}
}

func check(t *testing.T, err error, want []error, not error) {
	t.Helper()
	for _, w := range want {
		if !errors.Is(err, w) {
			t.Errorf("error %v, want %v", err, w)
		}
	}
	if not != nil && errors.Is(err, not) {
		t.Errorf("error %v is %v", err, not)
	}
}

// A flood ends the connection with its own error.
func TestFloodEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kit, adapter := net.Pipe()
		go only(2, func(string) string { return strings.Repeat("0 ok\n", 5000) }).serve(adapter)
		c, err := harness.NewClient(t.Context(), kit, harness.ClientConfig{})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.Reset(t.Context()); !errors.Is(err, harness.ErrStray) {
			t.Errorf("reset: %v, want %v", err, harness.ErrStray)
		}
		synctest.Wait()
		if err := c.Reset(t.Context()); !errors.Is(err, harness.ErrFlood) || !errors.Is(c.Err(), harness.ErrFlood) {
			t.Errorf("reset: %v, connection: %v; want %v", err, c.Err(), harness.ErrFlood)
		}
	})
}

// An answer that comes too late is dropped, and costs nothing more.
func TestLateAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kit, adapter := net.Pipe()
		var kept string
		go broken(func(n int, line string) string {
			switch n {
			case 2:
				kept = right(line)
				return ""
			case 3:
				return kept + right(line)
			}
			return right(line)
		}).serve(adapter)
		c, err := harness.NewClient(t.Context(), kit, harness.ClientConfig{})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.Reset(t.Context()); !errors.Is(err, harness.ErrNoAnswer) {
			t.Errorf("reset: %v, want %v", err, harness.ErrNoAnswer)
		}
		for range 2 {
			if err := c.Reset(t.Context()); err != nil {
				t.Errorf("reset after that: %v", err)
			}
		}
		if got := c.Stray(); got != 1 {
			t.Errorf("%d stray lines, want the late one", got)
		}
	})
}

// Several requests wait at once, and answers come in any order.
func TestOutOfOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kit, adapter := net.Pipe()
		var kept []string
		go broken(func(n int, line string) string {
			if n == 1 {
				return right(line)
			}
			kept = append([]string{fmt.Sprintf("%s ok n=%d\n", id(line), n)}, kept...)
			if len(kept) < 5 {
				return ""
			}
			return strings.Join(kept, "")
		}).serve(adapter)
		c, err := harness.NewClient(t.Context(), kit, harness.ClientConfig{})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		var calls []*harness.Call
		for range 5 {
			calls = append(calls, c.Start(harness.Request{Verb: harness.VerbReset}))
		}
		for i, call := range calls {
			fields, err := call.Wait(t.Context())
			if n, _ := fields.Get("n"); err != nil || n != fmt.Sprint(i+2) {
				t.Errorf("answer %d: n=%s, %v; want n=%d", i, n, err, i+2)
			}
		}
	})
}

// Requests are bounded: in number, and in length by what the adapter takes. Nothing of such a request is sent.
func TestRequestBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kit, adapter := net.Pipe()
		lines := 0
		go broken(func(n int, line string) string {
			if lines = n; n == 1 {
				return id(line) + " ok version=1 line=1024 name=small\n"
			}
			return ""
		}).serve(adapter)
		c, err := harness.NewClient(t.Context(), kit, harness.ClientConfig{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Hash(t.Context(), harness.Hash{Data: make([]byte, 512)}); !errors.Is(err, harness.ErrTooLong) {
			t.Errorf("a long request: %v, want %v", err, harness.ErrTooLong)
		}
		for range harness.MaxOutstanding {
			c.Start(harness.Request{Verb: harness.VerbReset})
		}
		if err := c.Reset(t.Context()); !errors.Is(err, harness.ErrTooMany) {
			t.Errorf("one request too many: %v, want %v", err, harness.ErrTooMany)
		}
		synctest.Wait()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if err := c.Reset(t.Context()); !errors.Is(err, harness.ErrClosed) {
			t.Errorf("after close: %v, want %v", err, harness.ErrClosed)
		}
		synctest.Wait()
		if want := 1 + harness.MaxOutstanding; lines != want {
			t.Errorf("the adapter got %d lines, want %d", lines, want)
		}
	})
}

// A context ends a request, and a request that cannot be written waits for nothing else.
func TestContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kit, adapter := net.Pipe()
		go only(2, answering("")).serve(adapter)
		c, err := harness.NewClient(t.Context(), kit, harness.ClientConfig{})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		ctx, cancel := context.WithCancel(t.Context())
		call := c.Start(harness.Request{Verb: harness.VerbReset})
		cancel()
		if _, err := call.Wait(ctx); !errors.Is(err, harness.ErrNoAnswer) || !errors.Is(err, context.Canceled) {
			t.Errorf("reset: %v, want %v and %v", err, harness.ErrNoAnswer, context.Canceled)
		}
		if err := c.Reset(t.Context()); err != nil {
			t.Errorf("the next: %v", err)
		}
	})
}
