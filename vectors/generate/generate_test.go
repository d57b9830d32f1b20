package generate_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"ockamtest/vectors"
	"ockamtest/vectors/generate"
)

// TestReproducible makes every file anew and compares it with the one that is kept. OCKAMTEST_UPDATE_GOLDEN=1 writes them.
func TestReproducible(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute with the race detector: make whole runs it")
	}
	files, err := generate.Files()
	if err != nil {
		t.Fatal(err)
	}
	made := map[string]bool{}
	for _, f := range files {
		data, err := generate.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		made[f.Name] = true
		if os.Getenv("OCKAMTEST_UPDATE_GOLDEN") == "1" {
			if err := os.WriteFile(filepath.Join("..", "data", f.Name), data, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		kept, err := fs.ReadFile(vectors.Embedded(), f.Name)
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(data, kept) {
			t.Errorf("%s is not what the generator makes; OCKAMTEST_UPDATE_GOLDEN=1 go test ./vectors/generate writes it", f.Name)
		}
	}
	kept, err := fs.Glob(vectors.Embedded(), "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range kept {
		if !made[name] {
			t.Errorf("%s is kept, and nothing makes it", name)
		}
	}
	if len(made) < 6 {
		t.Errorf("made %d files", len(made))
	}
}
