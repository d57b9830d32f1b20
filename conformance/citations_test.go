package conformance

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each requirement that any Go or Python file of the project cites exists.
func TestCitedRequirementsExist(t *testing.T) {
	citation := regexp.MustCompile(`\b(` + strings.Join(Areas(), "|") + `)-[0-9]+\b`)
	byID := CatalogueByID()
	files, citations := 0, 0
	distinct := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != ".." && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		if ext := filepath.Ext(path); d.IsDir() || ext != ".go" && ext != ".py" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		for _, id := range citation.FindAllString(string(text), -1) {
			citations++
			distinct[id] = true
			if _, ok := byID[id]; !ok {
				t.Errorf("%s cites %s, which does not exist", filepath.ToSlash(path), id)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 || citations < 100 || len(distinct) < 30 {
		t.Errorf("found %d citations of %d requirements in %d files, too few to be the project", citations, len(distinct), files)
	}
}
