package implementer

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"ockamtest/vectors"
)

// An implementation is what the vectors are put to. It has a method for what is there, and nothing for the rest.
type implementation struct{ vectors.Unsupported }

// ECDH implements vectors.Subject. Any error is a refusal, but for ErrUnsupported.
func (implementation) ECDH(in vectors.ECDHInput) (vectors.Hex, error) {
	if in.Curve != "curve25519" {
		return nil, vectors.ErrUnsupported
	}
	return agree(in.Private, in.Public)
}

// AEAD implements vectors.Subject.
func (implementation) AEAD(in vectors.AEADInput) (vectors.Hex, error) {
	if in.Op == "seal" {
		return seal(in.Key, in.IV, in.AAD, in.Data)
	}
	return open(in.Key, in.IV, in.AAD, in.Data)
}

// Hash implements vectors.Subject.
func (implementation) Hash(msg vectors.Hex) (vectors.Hex, error) {
	sum := sha256.Sum256(msg)
	return sum[:], nil
}

// Codec implements vectors.Subject for u2le alone. It tells why it refuses, and the runner compares.
func (implementation) Codec(in vectors.CodecInput) (out vectors.CodecOutput, err error) {
	if in.Element != "u2le" {
		return out, vectors.ErrUnsupported
	}
	if in.Op == "encode" {
		out.Bytes, err = appendU2LE(nil, *in.Value.Number)
		return out, refusal(err)
	}
	n, size, err := parseU2LE(in.Bytes)
	if err == nil && size < len(in.Bytes) {
		return out, &vectors.RefusalError{Layer: "codec", Class: "trailing"}
	}
	out.Value = &vectors.Value{Number: &n}
	return out, refusal(err)
}

// refusal is our error in the words of the vectors.
func refusal(err error) error {
	for mine, class := range map[error]string{
		errTruncated: "truncated", errHighBit: "high-bit", errShortest: "not-shortest", errNumber: "number",
	} {
		if errors.Is(err, mine) {
			return &vectors.RefusalError{Layer: "codec", Class: class}
		}
	}
	return err
}

// load returns the vectors that come with the module; a directory of yours is vectors.Load(os.DirFS(dir)).
func load(t *testing.T) []*vectors.File {
	t.Helper()
	files, err := vectors.Load(vectors.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// What is there passes; the rest is unsupported, which is not the same. The numbers show that nothing has gone missing on either side.
func TestVectors(t *testing.T) {
	files := load(t)
	report, err := vectors.Run(implementation{}, files, vectors.Options{
		Kinds: []vectors.Kind{vectors.KindECDH, vectors.KindAEAD, vectors.KindHash, vectors.KindCodec},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range report.Verdicts {
		if m := v.Vector.Common(); v.Outcome == vectors.Fail || v.Outcome == vectors.NotRun {
			t.Errorf("%s, tcId %d, %s: %v", v.File.Name, m.TcID, m.Comment, v.Err)
		}
	}
	got, want := map[count]int{}, map[count]int{}
	for _, v := range report.Verdicts {
		got[count{v.Vector.Kind(), v.Outcome}]++
	}
	for _, f := range files {
		for _, v := range f.All() {
			if outcome, ran := expected(v); ran {
				want[count{v.Kind(), outcome}]++
			}
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if n := report.Count(vectors.Pass); !report.OK() || n < 392 {
		t.Errorf("%d vectors pass, want 392 or more, and the report is OK: %v", n, report.OK())
	}
}

type count struct {
	kind    vectors.Kind
	outcome vectors.Outcome
}

// expected is what should become of a vector, and whether it is of the kinds that run.
func expected(v vectors.Vector) (outcome vectors.Outcome, ran bool) {
	has := true
	switch v := v.(type) {
	case *vectors.ECDH:
		has = v.Curve == "curve25519"
	case *vectors.Codec:
		has = v.Element == "u2le"
	case *vectors.AEAD, *vectors.Hash:
	default:
		return 0, false
	}
	if has {
		return vectors.Pass, true
	}
	return vectors.NotSupported, true
}

// looseHighBit has a bug that no test with good input finds.
type looseHighBit struct{ implementation }

func (s looseHighBit) Codec(in vectors.CodecInput) (vectors.CodecOutput, error) {
	if in.Element == "u2le" && in.Op == "decode" && len(in.Bytes) == 2 {
		in.Bytes = vectors.Hex{in.Bytes[0], in.Bytes[1] & 0x7f}
	}
	return s.implementation.Codec(in)
}

// looseTag compares the first 12 bytes of a tag, and no more.
type looseTag struct{ implementation }

func (s looseTag) AEAD(in vectors.AEADInput) (vectors.Hex, error) {
	out, err := s.implementation.AEAD(in)
	if err == nil || in.Op != "open" || len(in.Data) < 16 {
		return out, err
	}
	plaintext, err := seal(in.Key, in.IV, in.AAD, in.Data[:len(in.Data)-16]) // GCM decrypts as it encrypts
	if err != nil {
		return nil, err
	}
	plaintext = plaintext[:len(in.Data)-16]
	right, err := seal(in.Key, in.IV, in.AAD, plaintext)
	if err == nil && !slices.Equal(right[:len(right)-4], in.Data[:len(in.Data)-4]) {
		err = errors.New("implementer: the tag is wrong")
	}
	return plaintext, err
}

// A wrong implementation fails the vectors that are about its bug, and no others. Their flag says which bug it is.
func TestWrong(t *testing.T) {
	files := load(t)
	for bug, subject := range map[string]vectors.Subject{"U2leHighBit": looseHighBit{}, "GcmTagFirst12": looseTag{}} {
		t.Run(bug, func(t *testing.T) {
			report, err := vectors.Run(subject, files, vectors.Options{})
			if err != nil {
				t.Fatal(err)
			}
			flagged, err := vectors.Run(subject, files, vectors.Options{Flags: []string{bug}})
			if err != nil {
				t.Fatal(err)
			}
			fail, want := report.Count(vectors.Fail), len(flagged.Verdicts)-flagged.Count(vectors.NotSupported)
			if report.OK() || fail != want || flagged.Count(vectors.Fail) != want || want < 4 {
				t.Errorf("%d vectors fail, want the %d with the flag, of which %d fail", fail, want, flagged.Count(vectors.Fail))
			}
			if _, found := diagnose(report)[bug]; !found {
				t.Errorf("found %v, want %s", diagnose(report), bug)
			}
		})
	}
}

// diagnose returns the flags of which no vector passes, and their notes: an implementation that has a flag's bug fails each.
func diagnose(report *vectors.Report) map[string]vectors.Note {
	bugs := map[string]vectors.Note{}
	for _, v := range report.Verdicts {
		if v.Outcome == vectors.Fail {
			for _, flag := range v.Vector.Common().Flags {
				bugs[flag] = v.File.Notes[flag]
			}
		}
	}
	for _, v := range report.Verdicts {
		if v.Outcome == vectors.Pass {
			for _, flag := range v.Vector.Common().Flags {
				delete(bugs, flag)
			}
		}
	}
	return bugs
}

// A flag's note says in a sentence what the bug is.
func Example_diagnose() {
	files, err := vectors.Load(vectors.Embedded())
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := vectors.Run(looseHighBit{}, files, vectors.Options{Kinds: []vectors.Kind{vectors.KindCodec}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for flag, note := range diagnose(report) {
		fmt.Println(flag, note.Requirements, note.Description)
	}
	// Output: U2leHighBit [WIRE-003] The high bit of the second byte of a u2le is ignored.
}

// refusesAll would be right about every vector that has to be refused, if that counted.
type refusesAll struct{ vectors.Unsupported }

func (refusesAll) AEAD(vectors.AEADInput) (vectors.Hex, error) { return nil, errSize }

// A refusal counts only if the vector's control is accepted: nothing passes here.
func TestRefusesAll(t *testing.T) {
	report, err := vectors.Run(refusesAll{}, load(t), vectors.Options{Kinds: []vectors.Kind{vectors.KindAEAD}})
	if err != nil {
		t.Fatal(err)
	}
	fail, notRun := report.Count(vectors.Fail), report.Count(vectors.NotRun)
	if fail == 0 || notRun == 0 || fail+notRun != len(report.Verdicts) {
		t.Errorf("of %d vectors %d fail and %d are not run, want all", len(report.Verdicts), fail, notRun)
	}
}
