package vectors_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"ockamtest/vectors"
)

// embedded are the embedded files, which nothing changes.
var embedded = sync.OnceValues(func() ([]*vectors.File, error) { return vectors.Load(vectors.Embedded()) })

func load(t *testing.T) []*vectors.File {
	t.Helper()
	files, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestCounts(t *testing.T) {
	results, flags, names := map[vectors.Result]int{}, map[string]bool{}, map[string]int{}
	for _, f := range load(t) {
		names[f.Name] = len(f.All())
		for _, v := range f.All() {
			results[v.Common().Result]++
			if v.Common().Result == vectors.Invalid && len(v.Common().Flags) == 0 {
				t.Errorf("%s, tcId %d is refused, and no flag says which bug would accept it", f.Name, v.Common().TcID)
			}
		}
		for flag := range f.Notes {
			flags[flag] = true
		}
	}
	all := results[vectors.Valid] + results[vectors.Invalid] + results[vectors.Acceptable]
	t.Logf("%d vectors %v with %d flags in %v", all, results, len(flags), names)
	if all < 1500 || 2*results[vectors.Invalid] < all || len(flags) < 120 || len(names) < 6 {
		t.Errorf("got %d vectors, %d of them invalid, with %d flags, in %d files; want 1500, half, 120, 6", all, results[vectors.Invalid], len(flags), len(names))
	}
}

// TestSchemas validates each file against the schema that it names, and the schemas against their own.
func TestSchemas(t *testing.T) {
	used := map[string]bool{}
	for _, f := range load(t) {
		schema := compile(t, f.Schema)
		used[f.Schema] = true
		data, err := fs.ReadFile(vectors.Embedded(), f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(instance(t, data)); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		// The schema is not one that lets everything pass.
		for _, bad := range [][2]string{{`"tcId": 1,`, `"tcId": 0,`}, {`"comment":`, `"comments":`}, {`"result": "valid"`, `"result": "good"`}} {
			changed := bytes.Replace(data, []byte(bad[0]), []byte(bad[1]), 1)
			if bytes.Equal(changed, data) {
				t.Errorf("%s has no %s", f.Name, bad[0])
			} else if schema.Validate(instance(t, changed)) == nil {
				t.Errorf("%s: the schema takes %s", f.Name, bad[1])
			}
		}
	}
	all, err := fs.Glob(vectors.Schemas(), "*")
	if err != nil || len(all) != len(used) {
		t.Errorf("%d schemas, %d of them used, %v", len(all), len(used), err)
	}
}

func instance(t *testing.T, data []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func compile(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	data, err := fs.ReadFile(vectors.Schemas(), name)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, instance(t, data)); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// small is a file of two vectors.
const small = `{"algorithm":"A","schema":"codec.schema.json","generatorVersion":"1.0","numberOfTests":2,"header":[],
"notes":{"High":{"bugType":"MISSING_CHECK","description":"d","requirements":["WIRE-003"]}},"testGroups":[{"type":"Codec","comment":"","tests":[
{"tcId":1,"comment":"","flags":[],"requirements":["WIRE-003"],"op":"decode","profile":"v1","element":"u2le","bytes":"8001","value":{"number":128},"result":"valid"},
{"tcId":2,"comment":"","flags":["High"],"requirements":["WIRE-003"],"op":"decode","profile":"v1","element":"u2le","bytes":"8081","result":"invalid","control":1,"error":{"layer":"codec","class":"high-bit"}}]}]}`

func TestLoadNamesTheField(t *testing.T) {
	for _, test := range []struct {
		name, from, to string
		want           vectors.FieldError // without Problem
	}{
		{"unknown field of the file", `"header"`, `"head"`, vectors.FieldError{}},
		{"unknown field of a vector", `"op":"decode"`, `"operation":"decode"`, vectors.FieldError{Group: 1, TcID: 1}},
		{"type of a field", `"bytes":"8081"`, `"bytes":8081`, vectors.FieldError{Group: 1, TcID: 2}},
		{"upper-case hex", `"8081"`, `"80AB"`, vectors.FieldError{Group: 1, TcID: 2}},
		{"half a byte", `"8081"`, `"808"`, vectors.FieldError{Group: 1, TcID: 2}},
		{"count", `"numberOfTests":2`, `"numberOfTests":3`, vectors.FieldError{Field: "numberOfTests"}},
		{"version", `"1.0"`, `"2.0"`, vectors.FieldError{Field: "generatorVersion"}},
		{"kind", `"Codec"`, `"Codecs"`, vectors.FieldError{Group: 1, Field: "type"}},
		{"twice the same tcId", `"tcId":2`, `"tcId":1`, vectors.FieldError{TcID: 1, Field: "tcId"}},
		{"flag without a note", `["High"]`, `["Low"]`, vectors.FieldError{Group: 1, TcID: 2, Field: "flags"}},
		{"note that nothing has", `["High"]`, `[]`, vectors.FieldError{Field: "notes"}},
		{"note without a requirement", `"d","requirements":["WIRE-003"]`, `"d","requirements":[]`, vectors.FieldError{Field: "notes"}},
		{"result", `"invalid"`, `"bad"`, vectors.FieldError{Group: 1, TcID: 2, Field: "result"}},
		{"no control", `"control":1,`, ``, vectors.FieldError{Group: 1, TcID: 2, Field: "control"}},
		{"control that is not valid", `"control":1`, `"control":2`, vectors.FieldError{Group: 1, TcID: 2, Field: "control"}},
		{"no class", `"class":"high-bit"`, `"class":""`, vectors.FieldError{Group: 1, TcID: 2, Field: "error"}},
		{"no value", `"value":{"number":128},`, ``, vectors.FieldError{Group: 1, TcID: 1, Field: "value"}},
		{"no requirement", `[],"requirements":["WIRE-003"]`, `[],"requirements":[]`, vectors.FieldError{Group: 1, TcID: 1, Field: "requirements"}},
		{"data behind", `}]}]}`, `}]}]} {}`, vectors.FieldError{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := vectors.Parse("x.json", []byte(small)); err != nil {
				t.Fatalf("unchanged: %v", err)
			}
			changed := strings.Replace(small, test.from, test.to, 1)
			if changed == small {
				t.Fatal("nothing changed")
			}
			_, err := vectors.Load(fstest.MapFS{"x.json": {Data: []byte(changed)}})
			var got *vectors.FieldError
			if !errors.As(err, &got) {
				t.Fatalf("got %v, want a *FieldError", err)
			}
			test.want.File, test.want.Problem = "x.json", got.Problem
			if test.want.Field == "" {
				test.want.Field = got.Field
			}
			if *got != test.want || got.Problem == "" {
				t.Errorf("got %+v, want %+v", *got, test.want)
			}
		})
	}
}

func TestLoadNothing(t *testing.T) {
	if _, err := vectors.Load(fstest.MapFS{"README.md": {}}); !errors.Is(err, vectors.ErrNoFiles) {
		t.Errorf("got %v, want %v", err, vectors.ErrNoFiles)
	}
}

func TestHex(t *testing.T) {
	data, err := json.Marshal(vectors.Hex{0, 171})
	if err != nil || string(data) != `"00ab"` {
		t.Errorf("got %s, %v", data, err)
	}
}
