package vectors

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// GeneratorVersion is the version of the formats and of the generator that wrote the embedded files.
const GeneratorVersion = "1.0"

// A File is one file of vectors. Files of Noise transcripts have Vectors, all others TestGroups.
type File struct {
	Name             string          `json:"-"` // of the file, without its directory
	Algorithm        string          `json:"algorithm"`
	Schema           string          `json:"schema"` // file name of the JSON Schema
	GeneratorVersion string          `json:"generatorVersion"`
	NumberOfTests    int             `json:"numberOfTests"`
	Header           []string        `json:"header"` // what the file is about, for people
	Notes            map[string]Note `json:"notes"`  // by flag
	TestGroups       []Group         `json:"testGroups,omitempty"`
	Vectors          []*Handshake    `json:"vectors,omitempty"`
}

// A Note says what a flag means: the bug of an implementation that fails a vector with this flag.
type Note struct {
	BugType      string   `json:"bugType"`
	Description  string   `json:"description"`
	Requirements []string `json:"requirements"` // of the specification
}

// A Group is vectors of one kind.
type Group struct {
	Type    Kind     `json:"type"`
	Comment string   `json:"comment"`
	Tests   []Vector `json:"tests"`
}

// A Kind is a kind of vector: what is done with it, and so its fields and the method of Subject.
type Kind string

// The kinds, each beside the method of Subject that it is for.
const (
	KindCodec     Kind = "Codec"
	KindFrames    Kind = "Frames"
	KindECDH      Kind = "Ecdh"
	KindAEAD      Kind = "Aead"
	KindHKDF      Kind = "Hkdf"
	KindHash      Kind = "Hash"
	KindHandshake Kind = "Handshake"
	KindRecord    Kind = "Record"
	KindChannel   Kind = "Channel"
	KindForward   Kind = "Forward"
)

// Kinds returns all kinds, in the order of Subject.
func Kinds() []Kind {
	return []Kind{KindCodec, KindFrames, KindECDH, KindAEAD, KindHKDF, KindHash, KindHandshake, KindRecord, KindChannel, KindForward}
}

// A Vector is one test. Its concrete types are Codec, Frames, ECDH, AEAD, HKDF, Hash, Handshake, Record, Channel, and Forward.
type Vector interface {
	// Kind tells the concrete type.
	Kind() Kind
	// Common returns what all vectors have. The caller does not change it.
	Common() *Meta
	// check puts the vector to s: nil is a pass, ErrUnsupported what it says, any other error the difference.
	check(s Subject) error
	// validate tells what the JSON Schema cannot: fields that do not go together.
	validate() error
}

// Result is the verdict that a vector expects.
type Result string

// The results, as Wycheproof has them.
const (
	Valid      Result = "valid"      // has to be accepted, with the values of the vector
	Invalid    Result = "invalid"    // has to be refused
	Acceptable Result = "acceptable" // may be refused; who accepts has to come to the values of the vector
)

// Meta is what all vectors have in common.
type Meta struct {
	TcID         int      `json:"tcId"`
	Comment      string   `json:"comment"`
	Flags        []string `json:"flags"`        // keys of the file's notes
	Requirements []string `json:"requirements"` // of the specification
	Result       Result   `json:"result"`
	// Control is the tcId of a valid vector of the same file that differs little from this, which is not. A refusal counts only
	// if the control is accepted: who refuses everything has nothing right. A valid vector has one if nothing is to come of it, so
	// that who does nothing has nothing right either.
	Control int           `json:"control,omitempty"`
	Error   *RefusalError `json:"error,omitempty"` // how an invalid or acceptable vector is refused
}

// Common implements Vector for the types that embed Meta.
func (m *Meta) Common() *Meta { return m }

func (m *Meta) validate() error {
	switch {
	case m.Result != Valid && m.Result != Invalid && m.Result != Acceptable:
		return &FieldError{Field: "result", Problem: "is not valid, invalid, or acceptable"}
	case m.Result == Valid && m.Error != nil:
		return &FieldError{Field: "error", Problem: "is on a valid vector"}
	case m.Result != Valid && (m.Error == nil || m.Error.Layer == "" || m.Error.Class == ""):
		return &FieldError{Field: "error", Problem: "layer or class is missing"}
	case m.Result != Valid && m.Control == 0:
		return &FieldError{Field: "control", Problem: "is missing from a vector that is refused"}
	case len(m.Requirements) == 0:
		return &FieldError{Field: "requirements", Problem: "names none"}
	}
	return nil
}

// A RefusalError is how input is refused: the layer that does it and the class of the error there. It is an error, and a Refusal: a Subject
// that knows why it refuses returns a *RefusalError (it may be wrapped), and the runner compares. An empty Class is not compared.
type RefusalError struct {
	Layer string `json:"layer"`
	Class string `json:"class"`
}

// Error implements error.
func (r *RefusalError) Error() string { return fmt.Sprintf("refused by %s: %s", r.Layer, r.Class) }

// Means implements Refusal.
func (r *RefusalError) Means(want RefusalError) bool { return r.Class == "" || *r == want }

// A FieldError tells what is wrong with a file, and where. The names of the parts are empty or 0 where they do not apply.
type FieldError struct {
	File    string
	Group   int // counted from 1; 0 is none
	TcID    int
	Field   string
	Problem string
}

// Error implements error.
func (e *FieldError) Error() string {
	s := "vectors: " + e.File
	if e.Group != 0 {
		s += fmt.Sprintf(", group %d", e.Group)
	}
	if e.TcID != 0 {
		s += fmt.Sprintf(", tcId %d", e.TcID)
	}
	if e.Field != "" {
		s += ", field " + e.Field
	}
	return s + ": " + e.Problem
}

// Hex is bytes, in JSON a string of lower-case hex digits.
type Hex []byte

var errHex = errors.New("not lower-case hex digits, two a byte")

// MarshalJSON implements json.Marshaler. Nil is the empty string.
func (h Hex) MarshalJSON() ([]byte, error) { return json.Marshal(hex.EncodeToString(h)) }

// UnmarshalJSON implements json.Unmarshaler. The empty string is an empty slice, never nil.
func (h *Hex) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return errHex
	}
	b, err := hex.DecodeString(s)
	if err != nil || hex.EncodeToString(b) != s {
		return errHex
	}
	*h = b
	return nil
}
