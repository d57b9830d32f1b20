package vectors_test

import (
	"errors"
	"testing"

	"ockamtest/vectors"
	"ockamtest/vectors/internal/oracle"
)

func run(t *testing.T, s vectors.Subject, o vectors.Options) *vectors.Report {
	t.Helper()
	report, err := vectors.Run(s, load(t), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func count(t *testing.T) int {
	t.Helper()
	n := 0
	for _, f := range load(t) {
		n += len(f.All())
	}
	return n
}

func TestOraclePasses(t *testing.T) {
	r := run(t, oracle.Subject{}, vectors.Options{})
	for _, v := range r.Verdicts {
		if v.Outcome != vectors.Pass {
			t.Errorf("%s, tcId %d: %v, %v", v.File.Name, v.Vector.Common().TcID, v.Outcome, v.Err)
		}
	}
	if got, want := r.Count(vectors.Pass), count(t); got != want || !r.OK() {
		t.Errorf("%d passed, want %d", got, want)
	}
}

// A dead subject passes nothing, whatever it is dead like.
func TestDeadSubjectsPassNothing(t *testing.T) {
	refused := &vectors.RefusalError{}
	for _, test := range []struct {
		name string
		err  error
	}{{"accepts everything", nil}, {"refuses everything", refused}, {"fails", errors.New("dead")}} {
		t.Run(test.name, func(t *testing.T) {
			r := run(t, dead{test.err}, vectors.Options{})
			if n := r.Count(vectors.Pass); n != 0 || r.OK() {
				t.Errorf("%d passed", n)
			}
			if n := r.Count(vectors.Fail) + r.Count(vectors.NotRun); n != count(t) {
				t.Errorf("%d failed or not run, want %d", n, count(t))
			}
		})
	}
	t.Run("panics", func(t *testing.T) {
		if r := run(t, panicking{}, vectors.Options{}); r.Count(vectors.Pass) != 0 {
			t.Errorf("%d passed", r.Count(vectors.Pass))
		}
	})
}

func TestVacuousRuns(t *testing.T) {
	files := load(t)
	for _, test := range []struct {
		name    string
		subject vectors.Subject
		files   []*vectors.File
		options vectors.Options
		want    error
	}{
		{"supports nothing", vectors.Unsupported{}, files, vectors.Options{}, vectors.ErrNothingSupported},
		{"no files", oracle.Subject{}, nil, vectors.Options{}, vectors.ErrNothingSelected},
		{"no vector of a kind", oracle.Subject{}, files, vectors.Options{Kinds: []vectors.Kind{"Codecs"}}, vectors.ErrNothingSelected},
		{"unknown flag", oracle.Subject{}, files, vectors.Options{Flags: []string{"NoSuchFlag"}}, vectors.ErrUnknownFlag},
		{"flag of another kind", oracle.Subject{}, files, vectors.Options{Flags: []string{"U2leHighBit"}, Kinds: []vectors.Kind{vectors.KindFrames}}, vectors.ErrNothingSelected},
	} {
		r, err := vectors.Run(test.subject, test.files, test.options)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.want)
		}
		if r != nil && (r.OK() || r.Count(vectors.Pass) != 0) {
			t.Errorf("%s: something passed", test.name)
		}
	}
}

func TestSelection(t *testing.T) {
	r := run(t, oracle.Subject{}, vectors.Options{Flags: []string{"U2leHighBit"}})
	if len(r.Verdicts) < 12 {
		t.Errorf("%d vectors have the flag", len(r.Verdicts))
	}
	r = run(t, oracle.Subject{}, vectors.Options{Kinds: []vectors.Kind{vectors.KindHash, vectors.KindHKDF}})
	if got := len(r.Verdicts); got != 83 || r.Count(vectors.Pass) != got {
		t.Errorf("%d vectors, %d passed, want 83", got, r.Count(vectors.Pass))
	}
}

// TestWrongClass: a refusal for another reason than the vector's is none; one without a reason is.
func TestWrongClass(t *testing.T) {
	files := load(t)
	for _, test := range []struct {
		name     string
		subject  vectors.Subject
		failures bool
	}{
		{"other class", refusing{class: "another"}, true}, {"no class", refusing{}, false},
	} {
		r, err := vectors.Run(test.subject, files, vectors.Options{Kinds: []vectors.Kind{vectors.KindFrames}})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Count(vectors.Fail) > 0; got != test.failures {
			t.Errorf("%s: failures %v, want %v", test.name, got, test.failures)
		}
	}
}

// refusing is the oracle with other classes of errors.
type refusing struct {
	oracle.Subject
	class string
}

func (s refusing) Frames(in vectors.FramesInput) (vectors.FramesOutput, error) {
	out, err := s.Subject.Frames(in)
	if err != nil {
		err = &vectors.RefusalError{Layer: "frame", Class: s.class}
	}
	return out, err
}

// dead returns one error, and nothing.
type dead struct{ err error }

func (d dead) Codec(vectors.CodecInput) (o vectors.CodecOutput, err error)    { return o, d.err }
func (d dead) Frames(vectors.FramesInput) (o vectors.FramesOutput, err error) { return o, d.err }
func (d dead) ECDH(vectors.ECDHInput) (vectors.Hex, error)                    { return nil, d.err }
func (d dead) AEAD(vectors.AEADInput) (vectors.Hex, error)                    { return nil, d.err }
func (d dead) HKDF(vectors.HKDFInput) (vectors.Hex, error)                    { return nil, d.err }
func (d dead) Hash(vectors.Hex) (vectors.Hex, error)                          { return nil, d.err }
func (d dead) Handshake(vectors.HandshakeInput) (o vectors.HandshakeOutput, err error) {
	return o, d.err
}
func (d dead) Record(vectors.RecordInput) (o vectors.RecordOutput, err error)    { return o, d.err }
func (d dead) Channel(vectors.ChannelInput) (o vectors.ChannelOutput, err error) { return o, d.err }
func (d dead) Forward(vectors.ForwardInput) (o vectors.ForwardOutput, err error) { return o, d.err }

type panicking struct{ vectors.Unsupported }

func (panicking) Codec(vectors.CodecInput) (vectors.CodecOutput, error) { panic("no codec") }
