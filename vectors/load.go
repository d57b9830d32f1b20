package vectors

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed data/*.json
var embedded embed.FS

//go:embed schema/*.json
var schemas embed.FS

// Embedded returns the files of this package as they are on disk, at their root *.json.
func Embedded() fs.FS { return subdirectory(embedded, "data") }

// Schemas returns the JSON Schemas of the files.
func Schemas() fs.FS { return subdirectory(schemas, "schema") }

func subdirectory(f fs.FS, name string) fs.FS {
	sub, err := fs.Sub(f, name)
	if err != nil {
		panic(err) // the name is ours and valid
	}
	return sub
}

// ErrNoFiles is returned by Load when there is nothing to load.
var ErrNoFiles = errors.New("vectors: no files")

// Load reads every *.json at the root of fsys, in the order of their names, and refuses, with a *FieldError, whatever is not as the
// formats say: unknown fields, wrong counts, flags without notes, invalid vectors without a control.
func Load(fsys fs.FS) ([]*File, error) {
	names, err := fs.Glob(fsys, "*.json")
	if err != nil {
		return nil, fmt.Errorf("vectors: load: %w", err)
	}
	if len(names) == 0 {
		return nil, ErrNoFiles
	}
	var files []*File
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("vectors: load: %w", err)
		}
		f, err := Parse(name, data)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// Parse reads one file. The name is for messages alone.
func Parse(name string, data []byte) (*File, error) {
	f := &File{}
	if err := strict(data, f); err != nil {
		return nil, located(err, path.Base(name), 0, 0)
	}
	f.Name = path.Base(name)
	if err := f.validate(); err != nil {
		return nil, err
	}
	return f, nil
}

// UnmarshalJSON implements json.Unmarshaler. It is strict, and its errors name the group and the vector.
func (f *File) UnmarshalJSON(data []byte) error {
	type plain File
	raw := struct {
		*plain
		TestGroups []json.RawMessage `json:"testGroups"`
		Vectors    []json.RawMessage `json:"vectors"`
	}{plain: (*plain)(f)}
	if err := strict(data, &raw); err != nil {
		return err
	}
	for i, group := range raw.TestGroups {
		var g Group
		if err := g.UnmarshalJSON(group); err != nil {
			return located(err, "", i+1, 0)
		}
		f.TestGroups = append(f.TestGroups, g)
	}
	for i, vector := range raw.Vectors {
		v := &Handshake{}
		if err := strict(vector, v); err != nil {
			return located(err, "", 0, max(i+1, v.Common().TcID))
		}
		f.Vectors = append(f.Vectors, v)
	}
	return nil
}

// strict is json.Unmarshal that refuses unknown fields and trailing data.
func strict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &FieldError{Problem: "data after the end"}
	}
	return nil
}

// located makes a *FieldError of err, and fills in the place where it does not have one yet.
func located(err error, file string, group, tcID int) error {
	var field *FieldError
	if !errors.As(err, &field) {
		field = &FieldError{Problem: err.Error()}
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			field.Field, field.Problem = wrong.Field, "is a "+wrong.Value
		}
		if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok { // it has no type
			field.Field, field.Problem = strings.Trim(name, `"`), "is unknown"
		}
	}
	where := *field
	if where.File == "" {
		where.File = file
	}
	if where.Group == 0 {
		where.Group = group
	}
	if where.TcID == 0 {
		where.TcID = tcID
	}
	return &where
}

// UnmarshalJSON implements json.Unmarshaler: the type of the group decides the fields of its tests.
func (g *Group) UnmarshalJSON(data []byte) error {
	var raw struct {
		Type    Kind              `json:"type"`
		Comment string            `json:"comment"`
		Tests   []json.RawMessage `json:"tests"`
	}
	if err := strict(data, &raw); err != nil {
		return err
	}
	g.Type, g.Comment = raw.Type, raw.Comment
	for i, test := range raw.Tests {
		v := newVector(raw.Type)
		if v == nil {
			return &FieldError{Field: "type", Problem: "is unknown"}
		}
		if err := strict(test, v); err != nil {
			return located(err, "", 0, max(i+1, v.Common().TcID))
		}
		g.Tests = append(g.Tests, v)
	}
	return nil
}

// newVector returns an empty vector of a kind that groups have, or nil.
func newVector(k Kind) Vector {
	switch k {
	case KindCodec:
		return &Codec{}
	case KindFrames:
		return &Frames{}
	case KindECDH:
		return &ECDH{}
	case KindAEAD:
		return &AEAD{}
	case KindHKDF:
		return &HKDF{}
	case KindHash:
		return &Hash{}
	case KindRecord:
		return &Record{}
	case KindChannel:
		return &Channel{}
	case KindForward:
		return &Forward{}
	case KindHandshake: // stands outside groups
	}
	return nil
}

// All returns the file's vectors in order.
func (f *File) All() []Vector {
	var all []Vector
	for _, g := range f.TestGroups {
		all = append(all, g.Tests...)
	}
	for _, v := range f.Vectors {
		all = append(all, v)
	}
	return all
}

func (f *File) validate() error {
	fail := func(field, problem string) error { return &FieldError{File: f.Name, Field: field, Problem: problem} }
	all := f.All()
	switch {
	case f.Algorithm == "" || f.Schema == "":
		return fail("algorithm", "or schema is missing")
	case f.GeneratorVersion != GeneratorVersion:
		return fail("generatorVersion", "is not "+GeneratorVersion)
	case f.NumberOfTests != len(all) || len(all) == 0:
		return fail("numberOfTests", fmt.Sprintf("is %d and there are %d", f.NumberOfTests, len(all)))
	}
	for name, n := range f.Notes {
		if n.BugType == "" || n.Description == "" || len(n.Requirements) == 0 {
			return fail("notes", name+" lacks bugType, description, or requirements")
		}
	}
	return f.validateVectors()
}

func (f *File) validateVectors() error {
	results := map[int]Result{}
	for _, v := range f.All() {
		m := v.Common()
		if _, twice := results[m.TcID]; twice || m.TcID < 1 {
			return &FieldError{File: f.Name, TcID: m.TcID, Field: "tcId", Problem: "is below 1 or twice in the file"}
		}
		results[m.TcID] = m.Result
	}
	used := map[string]bool{}
	check := func(group int, v Vector) error {
		m := v.Common()
		if err := v.validate(); err != nil {
			return located(err, f.Name, group, m.TcID)
		}
		if m.Control != 0 && results[m.Control] != Valid {
			return &FieldError{f.Name, group, m.TcID, "control", "is not a valid vector of this file"}
		}
		for _, flag := range m.Flags {
			if _, ok := f.Notes[flag]; !ok {
				return &FieldError{f.Name, group, m.TcID, "flags", flag + " has no note"}
			}
			used[flag] = true
		}
		if !slices.IsSorted(m.Flags) {
			return &FieldError{f.Name, group, m.TcID, "flags", "are not sorted"}
		}
		return nil
	}
	for i, g := range f.TestGroups {
		for _, v := range g.Tests {
			if err := check(i+1, v); err != nil {
				return err
			}
		}
	}
	for _, v := range f.Vectors {
		if err := check(0, v); err != nil {
			return err
		}
	}
	for name := range f.Notes {
		if !used[name] {
			return &FieldError{File: f.Name, Field: "notes", Problem: name + " is on no vector"}
		}
	}
	return nil
}
