package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"ockamtest/vectors"
)

// schemas validates each file against the JSON Schema that it names.
func (k *vectorCheck) schemas(data map[string][]byte) error {
	compiled := map[string]*jsonschema.Schema{}
	for _, f := range k.files {
		if compiled[f.Schema] == nil {
			s, err := compileSchema(f.Schema)
			if err != nil {
				k.problem("%s: there is no schema %q", f.Name, f.Schema)
				continue
			}
			compiled[f.Schema] = s
		}
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(data[f.Name]))
		if err != nil {
			return err
		}
		if err := compiled[f.Schema].Validate(instance); err != nil {
			k.problem("%s: %s", f.Name, strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "\n  "))
		}
	}
	return nil
}

func compileSchema(name string) (*jsonschema.Schema, error) {
	data, err := fs.ReadFile(vectors.Schemas(), name)
	if err != nil {
		return nil, err
	}
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, schema); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return c.Compile(name)
}
