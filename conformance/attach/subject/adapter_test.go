package subject_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"ockamtest/conformance/attach/subject"
	"ockamtest/conformance/harness"
	"ockamtest/conformance/harness/refadapter"
	"ockamtest/vectors"
)

var files = sync.OnceValues(func() ([]*vectors.File, error) { return vectors.Load(vectors.Embedded()) })

func run(t *testing.T, s vectors.Subject, o vectors.Options) *vectors.Report {
	t.Helper()
	f, err := files()
	if err != nil {
		t.Fatal(err)
	}
	r, err := vectors.Run(s, f, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// clean reports what is neither passed nor unsupported, and compares how many are unsupported, by reason.
func clean(t *testing.T, r *vectors.Report, unsupported map[string]int) {
	t.Helper()
	for _, v := range r.Verdicts {
		switch v.Outcome {
		case vectors.Pass:
		case vectors.NotSupported:
			_, reason, _ := strings.Cut(v.Err.Error(), "unsupported: ")
			unsupported[reason]--
		default:
			t.Errorf("%s, tcId %d (%s): %v, %v", v.File.Name, v.Vector.Common().TcID, v.Vector.Common().Comment, v.Outcome, v.Err)
		}
	}
	for reason, n := range unsupported {
		if n != 0 {
			t.Errorf("unsupported: %s: %d fewer than wanted", reason, n)
		}
	}
}

// The reference passes all that can be asked of it.
func TestReference(t *testing.T) {
	r, err := subject.NewReference(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	options, passes := vectors.Options{}, 2700
	unsupported := map[string]int{"a number that cannot be said": 2, "an initiator that has not started": 5}
	if testing.Short() { // records of counter 65,535 take long, with the race detector very long
		options.Kinds, passes = allBut(vectors.KindRecord), 2000
	} else {
		unsupported["another outer header, near a limit"], unsupported["a record that a window may take"], unsupported["keys of no known handshake"] = 2, 2, 7
	}
	report := run(t, r, options)
	clean(t, report, unsupported)
	if n := report.Count(vectors.Pass); n < passes {
		t.Errorf("%d passed, want %d", n, passes)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	f, _ := files()
	if again, err := vectors.Load(vectors.Embedded()); err != nil || !reflect.DeepEqual(f, again) {
		t.Errorf("the run has changed the vectors: %v", err)
	}
}

// pipe serves an adapter over lines.
func pipe(t *testing.T, adapter harness.Adapter) *harness.Client {
	t.Helper()
	ours, theirs := net.Pipe()
	served := make(chan error, 1)
	go func() { served <- harness.Serve(context.Background(), theirs, adapter) }()
	c, err := harness.NewClient(t.Context(), ours, harness.ClientConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Close() // never fails
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return c
}

func reference(t *testing.T) harness.Adapter {
	t.Helper()
	adapter, closed, err := refadapter.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = closed() })
	return adapter
}

// Over lines an adapter is asked the same, whatever of it is declared.
func TestAdapterOverLines(t *testing.T) {
	short := []string{"RecordLimit", "RecordTag", "RecordShort", "RecordInner", "RecordReceive1008"}
	for _, test := range []struct {
		name        string
		change      func(*harness.Capabilities)
		options     vectors.Options
		pass        int
		unsupported map[string]int
	}{
		{"all but records", func(*harness.Capabilities) {}, vectors.Options{Kinds: allBut(vectors.KindRecord, vectors.KindForward)}, 1958, map[string]int{
			"a number that cannot be said": 2, "a stream that stays open inside a frame": 10, "a handshake that is not of version 1": 23,
			"an initiator that has not started": 5,
		}},
		{"records", func(*harness.Capabilities) {}, vectors.Options{Flags: short, Kinds: []vectors.Kind{vectors.KindRecord}}, 272, map[string]int{
			"another outer header, near a limit": 2, "keys of no known handshake": 7, "a record that a window may take": 2,
		}},
		{"one profile", func(c *harness.Capabilities) { c.Profiles = []string{"c09"} }, vectors.Options{Kinds: []vectors.Kind{vectors.KindChannel}}, 36, map[string]int{
			"profile v1": 83, "profile e09": 8, "profile c010": 27, "an initiator that has not started": 5,
		}},
		{"streams with frames", func(c *harness.Capabilities) { c.Over = []harness.Over{harness.Stream} }, vectors.Options{Kinds: []vectors.Kind{vectors.KindChannel}}, 87, map[string]int{
			"what channels are over": 67, "an initiator that has not started": 5,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if testing.Short() && test.name == "records" {
				t.Skip("records of counter 65,535 take long with the race detector: make whole runs them")
			}
			adapter := reference(t)
			test.change(&adapter.Capabilities)
			a, err := subject.NewAdapter(t.Context(), pipe(t, adapter), nil)
			if err != nil {
				t.Fatal(err)
			}
			r := run(t, a, test.options)
			clean(t, r, test.unsupported)
			if n := r.Count(vectors.Pass); n != test.pass {
				t.Errorf("%d passed, want %d", n, test.pass)
			}
		})
	}
}

func allBut(kinds ...vectors.Kind) (rest []vectors.Kind) {
	for _, k := range vectors.Kinds() {
		if !slices.Contains(kinds, k) {
			rest = append(rest, k)
		}
	}
	return rest
}

func TestFlynn(t *testing.T) {
	r := run(t, subject.Flynn{}, vectors.Options{})
	passed := r.Count(vectors.Pass)
	if unsupported := r.Count(vectors.NotSupported); passed != 285 || passed+unsupported != len(r.Verdicts) {
		t.Errorf("%d passed, %d unsupported of %d, want 285 and the rest", passed, unsupported, len(r.Verdicts))
	}
}

// dead says the same to everything.
type dead struct {
	declared harness.Capabilities
	err      error
	step     harness.Step
}

func (d dead) Capabilities(context.Context) (harness.Capabilities, error) { return d.declared, nil }
func (d dead) Open(context.Context, harness.Open) (harness.Step, error)   { return d.step, d.err }
func (d dead) Feed(context.Context, harness.Feed) (harness.Step, error)   { return d.step, d.err }
func (d dead) Write(context.Context, harness.Write) (harness.Step, error) { return d.step, d.err }
func (d dead) Claims(context.Context, int) (harness.Claims, error)        { return harness.Claims{}, d.err }
func (d dead) Decode(context.Context, harness.Decode) (harness.Decoded, error) {
	return harness.Decoded{}, d.err
}
func (d dead) Encode(context.Context, harness.Encode) ([]byte, error) { return nil, d.err }
func (d dead) Agree(context.Context, harness.Agree) (harness.Secret, error) {
	return harness.Secret{}, d.err
}
func (d dead) AEAD(context.Context, harness.AEAD) ([]byte, error) { return nil, d.err }
func (d dead) HKDF(context.Context, harness.HKDF) (harness.Secret, error) {
	return harness.Secret{}, d.err
}
func (d dead) Hash(context.Context, harness.Hash) ([]byte, error) { return nil, d.err }

// A dead adapter passes nothing, whatever it is dead like. What the kit could not ask is trouble, and no verdict about the implementation.
func TestDeadAdaptersPassNothing(t *testing.T) {
	declared, err := subject.Direct(reference(t)).Capabilities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		dead dead
		want vectors.Outcome // of most
	}{
		{"accepts everything", dead{}, vectors.Fail},
		{"refuses everything", dead{err: harness.Refuse(harness.ClassRejected)}, vectors.Fail},
		{"rejects every message", dead{step: harness.Step{Events: []harness.Event{{Kind: harness.Rejected, Class: harness.ClassRejected}}}}, vectors.Fail},
		{"closes", dead{step: harness.Step{Closed: true}}, vectors.Fail},
		{"opens at once", dead{step: harness.Step{Events: []harness.Event{{Kind: harness.Opened}}}}, vectors.Fail},
		{"understands nothing", dead{err: harness.Refuse(harness.ClassSyntax)}, vectors.Trouble},
		{"does not answer", dead{err: harness.ErrNoAnswer}, vectors.Fail},
		{"answers nonsense", dead{err: harness.ErrAnswer}, vectors.Trouble},
		{"unsupported", dead{err: harness.ErrUnsupported}, vectors.NotSupported},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.dead.declared = declared
			a, err := subject.NewAdapter(t.Context(), test.dead, nil)
			if err != nil {
				t.Fatal(err)
			}
			r := run(t, a, vectors.Options{MayBeUnsupported: true})
			counts := fmt.Sprintf("%d passed, %d failed, %d unsupported, %d not run, %d in trouble", r.Count(vectors.Pass), r.Count(vectors.Fail),
				r.Count(vectors.NotSupported), r.Count(vectors.NotRun), r.Count(vectors.Trouble))
			if r.Count(vectors.Pass) != 0 || r.OK() {
				t.Error(counts)
				for _, v := range r.Verdicts {
					if v.Outcome == vectors.Pass {
						t.Logf("%s, tcId %d: %s", v.File.Name, v.Vector.Common().TcID, v.Vector.Common().Comment)
					}
				}
			}
			if 2*r.Count(test.want) < len(r.Verdicts) {
				t.Errorf("%s, want most %v", counts, test.want)
			}
		})
	}
}

// mortal is an adapter whose process dies of a key.
type mortal struct {
	harness.Vault
	conn net.Conn
}

func (m mortal) Agree(a harness.Agree) (harness.Secret, error) {
	if a.P256 {
		_ = m.conn.Close()
	}
	return m.Vault.Agree(a)
}

// The vector at which an adapter dies fails, and the next is asked of one that was started again; without that the rest is trouble.
func TestAdapterDies(t *testing.T) {
	starts := 0
	start := func(ctx context.Context) (subject.Caller, error) {
		starts++
		adapter := reference(t)
		ours, theirs := net.Pipe()
		adapter.Vault = mortal{adapter.Vault, theirs}
		go func() { _ = harness.Serve(context.Background(), theirs, adapter) }() // it ends with the pipe
		return harness.NewClient(ctx, ours, harness.ClientConfig{})
	}
	for _, restart := range []func(context.Context) (subject.Caller, error){start, nil} {
		starts = 0
		caller, err := start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		a, err := subject.NewAdapter(t.Context(), caller, restart)
		if err != nil {
			t.Fatal(err)
		}
		r := run(t, a, vectors.Options{Kinds: []vectors.Kind{vectors.KindECDH, vectors.KindHash}})
		passed, failed, trouble := r.Count(vectors.Pass), r.Count(vectors.Fail), r.Count(vectors.Trouble)
		for _, v := range r.Verdicts {
			if v.Outcome == vectors.Fail && !errors.Is(v.Err, vectors.ErrBroken) {
				t.Errorf("tcId %d: %v", v.Vector.Common().TcID, v.Err)
			}
		}
		if restart != nil && (passed != 84+23 || failed != 55 || starts < 55) || restart == nil && (failed != 1 || trouble < 54) {
			t.Errorf("restarting %v: %d passed, %d failed, %d trouble, %d starts", restart != nil, passed, failed, trouble, starts)
		}
	}
}
