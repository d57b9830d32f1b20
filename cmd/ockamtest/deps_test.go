package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// floors is the import policy of the project: DO NOT CHANGE IT TO FIX A BUILD. A line is a floor, the highest first; a package imports
// packages of lower floors only, or along its own line where "a -> b" says so. {x,y} stands for two packages.
const floors = `
	cmd/ockamtest
	conformance/selftest  conformance/interop
	conformance/{report,runner,attach,attach/subject,expect}
	conformance/{cases,adversary/peers,adversary/routers,adversary/adversarytest}   conformance/harness/refadapter -> conformance/harness   conformance/harness/skeleton   fuzz/gen
	fuzz/term/play
	conformance/adversary  conformance/internal/reading
	conformance  fuzz  fuzz/term
	ref
	ref/node
	ref/channel  ref/router  ref/key/keytest
	ref/key  ref/vault/software/adx
	ref/noise  ref/vault/{software,keyfile,vaulttest}
	ref/transport/tls -> ref/transport/tcp   ref/transport/{udp,sim,transporttest}
	ref/transport/internal/stream  ref/vault/store
	ref/vault  ref/transport  ref/memory/{locked,memorytest}
	ref/wire  ref/memory  ref/profile  ref/internal/{gate,recorder}  ref/vault/atomicfile/atomicfiletest -> ref/vault/atomicfile
	vectors/generate
	vectors/mutants
	vectors/internal/oracle
	vectors
`

// sansIO are the packages whose non-test files take bytes and return bytes: no IO, no clock, no lock, no goroutine.
const sansIO = "ref/{wire,noise,key,channel,router,node}"

// bannedInSansIO with everything below them.
const bannedInSansIO = "net os time context sync log crypto/rand"

// exclusive lists imports that one package alone may have, in any of its files.
const exclusive = `
	flag                      cmd/ockamtest
	log                       cmd/ockamtest
	github.com/spf13/cobra    cmd/ockamtest
	github.com/google/gofuzz  fuzz/gen
	github.com/cloudflare/circl/dh/x25519  ref/vault/software/adx
	github.com/awnumar/memcall   ref/memory/locked
`

type listedPackage struct {
	ImportPath                                  string
	Imports, TestImports, XTestImports, GoFiles []string
	DepOnly                                     bool
}

func TestImportFloors(t *testing.T) {
	level, along := parseFloors(t)
	packages := listPackages(t)
	for _, p := range packages {
		name := strings.TrimPrefix(p.ImportPath, "ockamtest/")
		if _, ok := level[name]; !ok {
			t.Errorf("package %s stands on no floor", name)
			continue
		}
		for _, imported := range ours(p.Imports) {
			if level[imported] <= level[name] && !slices.Contains(along[name], imported) {
				t.Errorf("%s imports %s, which is not on a lower floor", name, imported)
			}
		}
		for _, imported := range ours(slices.Concat(p.TestImports, p.XTestImports)) {
			if strings.HasPrefix(name, "ref") && !strings.HasPrefix(imported, "ref") && imported != "fuzz/gen" {
				t.Errorf("tests of %s import %s: of ours they may use ref/... and fuzz/gen", name, imported)
			}
		}
	}
	for name := range level {
		if !slices.ContainsFunc(packages, func(p listedPackage) bool { return p.ImportPath == "ockamtest/"+name }) {
			t.Errorf("the policy names %s, which does not exist", name)
		}
	}
}

func TestSansIO(t *testing.T) {
	names := expand(sansIO)
	checked := 0
	for _, p := range listPackages(t) {
		if !slices.Contains(names, strings.TrimPrefix(p.ImportPath, "ockamtest/")) {
			continue
		}
		checked++
		for _, imported := range p.Imports {
			for _, banned := range strings.Fields(bannedInSansIO) {
				if imported == banned || strings.HasPrefix(imported, banned+"/") {
					t.Errorf("%s is sans-IO and imports %s", p.ImportPath, imported)
				}
			}
		}
	}
	if checked != len(names) {
		t.Errorf("checked %d packages, want %d", checked, len(names))
	}
}

func TestExclusiveImports(t *testing.T) {
	packages := listPackages(t)
	for line := range strings.Lines(strings.TrimSpace(exclusive)) {
		words := strings.Fields(line)
		imported, owner := words[0], "ockamtest/"+words[1]
		for _, p := range packages {
			all := slices.Concat(p.Imports, p.TestImports, p.XTestImports)
			if p.ImportPath != owner && slices.Contains(all, imported) {
				t.Errorf("%s imports %s, which is %s's alone", p.ImportPath, imported, owner)
			}
		}
	}
}

// parseFloors returns each package's level, larger is lower, and what it may import along its own line.
func parseFloors(t *testing.T) (level map[string]int, along map[string][]string) {
	t.Helper()
	level, along = map[string]int{}, map[string][]string{}
	n := 0
	for line := range strings.Lines(strings.TrimSpace(floors)) {
		n++
		var previous []string
		arrow := false
		for _, word := range strings.Fields(line) {
			if word == "->" {
				arrow = true
				continue
			}
			names := expand(word)
			for _, name := range names {
				if level[name] != 0 {
					t.Fatalf("%s stands on two floors", name)
				}
				level[name] = n
			}
			if arrow {
				for _, p := range previous {
					along[p] = append(along[p], names...)
				}
			}
			previous, arrow = names, false
		}
	}
	return level, along
}

// expand turns a/{b,c} into a/b and a/c.
func expand(word string) []string {
	before, rest, found := strings.Cut(word, "{")
	if !found {
		return []string{word}
	}
	inner, after, _ := strings.Cut(rest, "}")
	var out []string
	for name := range strings.SplitSeq(inner, ",") {
		out = append(out, before+name+after)
	}
	return out
}

func ours(imports []string) []string {
	var out []string
	for _, i := range imports {
		if name, ok := strings.CutPrefix(i, "ockamtest/"); ok {
			out = append(out, name)
		}
	}
	return out
}

// listPackages asks the go command for every package of the module.
func listPackages(t *testing.T) []listedPackage {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,TestImports,XTestImports,GoFiles", "ockamtest/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listedPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listedPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		packages = append(packages, p)
	}
	if len(packages) < 15 {
		t.Fatalf("found %d packages, too few to be the project", len(packages))
	}
	return packages
}
