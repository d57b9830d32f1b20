package main

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Limits of STYLE: a file is one idea, a function fits a screen.
const (
	maxFileLines     = 500
	maxFunctionLines = 80
)

// A sourceFile is one Go file of the project.
type sourceFile struct {
	path string // slash-separated, relative to the module
	data []byte
	ast  *ast.File
	fset *token.FileSet
}

func (f sourceFile) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// sourceFiles parses every Go file of the project outside testdata.
func sourceFiles(t *testing.T) []sourceFile {
	t.Helper()
	root := filepath.Join("..", "..")
	fset := token.NewFileSet()
	var files []sourceFile
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")) {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(fset, path, data, parser.ParseComments)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		files = append(files, sourceFile{filepath.ToSlash(relative), data, parsed, fset})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 100 {
		t.Fatalf("found %d Go files, too few to be the project", len(files))
	}
	return files
}

func TestFormatting(t *testing.T) {
	for _, f := range sourceFiles(t) {
		formatted, err := format.Source(f.data)
		if err != nil {
			t.Errorf("%s: %v", f.path, err)
		} else if !bytes.Equal(formatted, f.data) {
			t.Errorf("%s is not gofmt-ed", f.path)
		}
	}
}

func TestPackageDocs(t *testing.T) {
	documented := map[string]int{}
	for _, f := range sourceFiles(t) {
		if f.isTest() {
			continue
		}
		dir := filepath.ToSlash(filepath.Dir(f.path))
		documented[dir] += 0
		if f.ast.Doc != nil {
			documented[dir]++
			name := f.ast.Name.Name
			if text := f.ast.Doc.Text(); name != "main" && !strings.HasPrefix(text, "Package "+name+" ") {
				t.Errorf("%s: the package comment does not begin with %q", f.path, "Package "+name)
			}
		}
	}
	for dir, n := range documented {
		if n != 1 {
			t.Errorf("%s has %d package comments, want 1", dir, n)
		}
	}
}

func TestSizes(t *testing.T) {
	for _, f := range sourceFiles(t) {
		if lines := bytes.Count(f.data, []byte("\n")); lines > maxFileLines {
			t.Errorf("%s has %d lines, the cap is %d", f.path, lines, maxFileLines)
		}
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || f.isTest() {
				continue
			}
			lines := f.fset.Position(fn.End()).Line - f.fset.Position(fn.Pos()).Line + 1
			if lines > maxFunctionLines {
				t.Errorf("%s: %s has %d lines, the cap is %d", f.path, fn.Name.Name, lines, maxFunctionLines)
			}
		}
	}
}

// Exit codes, standard output, and sleeping: os.Exit and os.Stdout are the roof's alone, and nothing waits by the clock.
func TestBannedSelectors(t *testing.T) {
	for _, f := range sourceFiles(t) {
		roof := strings.HasPrefix(f.path, "cmd/ockamtest/")
		ast.Inspect(f.ast, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := selector.X.(*ast.Ident)
			if !ok {
				return true
			}
			switch name := x.Name + "." + selector.Sel.Name; name {
			case "time.Sleep":
				t.Errorf("%s: %s: wait for an event, or in virtual time", f.fset.Position(n.Pos()), name)
			case "os.Exit", "os.Stdout", "fmt.Print", "fmt.Println", "fmt.Printf":
				if !roof && !f.isTest() {
					t.Errorf("%s: %s outside cmd/ockamtest", f.fset.Position(n.Pos()), name)
				}
			}
			return true
		})
	}
}
