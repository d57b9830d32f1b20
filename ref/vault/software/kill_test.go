package software_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"ockamtest/ref/vault"
	"ockamtest/ref/vault/atomicfile/atomicfiletest"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/vault/store"
)

// killVariable makes the test binary the process that is killed.
const killVariable = "SOFTWARE_TEST_KILL"

// openFile opens the vault of a real file.
func openFile(file string, k *atomicfiletest.Killer) (*software.Vault, *store.Store, error) {
	s, err := store.Open(file, store.Config{Key: make32(7), FS: k})
	if err != nil {
		return nil, nil, err
	}
	v, err := software.New(software.Config{Store: s})
	return v, s, err
}

// victim is what the killed process does: one step.
func victim(t *testing.T, order string) {
	var file string
	var step, call, written int
	if _, err := fmt.Sscanf(order, "%d %d %d %s", &step, &call, &written, &file); err != nil {
		t.Fatal(err)
	}
	k := &atomicfiletest.Killer{Dying: func() { fmt.Println("killed") }}
	v, _, err := openFile(file, k)
	if err != nil {
		t.Fatal(err)
	}
	k.Call, k.Written = call, written
	if err := persistentSteps()[step].do(v); err != nil {
		t.Fatal(err)
	}
	fmt.Println("returned")
}

// VAULT-007: a process is killed in each call of each change of its persistent secrets. The next process has the secrets from before or those
// from after the change; from after, if it had returned.
func TestKilled(t *testing.T) {
	if order := os.Getenv(killVariable); order != "" {
		victim(t, order)
		return
	}
	kills, news := 0, 0
	for i, step := range persistentSteps() {
		p := newPersistentVault(t, atomicfiletest.NewDisk(), software.Config{})
		prepare(t, p)
		before, content := picture(t, p), contentOf(t, p)
		if err := step.do(p); err != nil {
			t.Fatal(err)
		}
		after := picture(t, p)
		p.close(t)
		for call := range 8 { // remove, create, write, sync, close, rename, sync the directory, and beyond
			for written := range 3 {
				if call != 2 && written > 0 {
					continue
				}
				killed, got := kill(t, content, fmt.Sprint(i, call+1, written*5))
				if killed {
					kills++
				}
				if got == after {
					news++
				}
				if got != after && (!killed || got != before) {
					t.Errorf("%s, call %d: killed %t, then there is %s, neither old nor new", step.name, call+1, killed, got)
				}
			}
		}
	}
	if want := 9 * len(persistentSteps()); kills != want || news < 2*len(persistentSteps()) {
		t.Errorf("%d kills, want %d; %d times the new secrets", kills, want, news)
	}
}

func contentOf(t *testing.T, p *persistentVault) []byte {
	t.Helper()
	content, there := p.disk.Content("keys")
	if !there {
		t.Fatal("no file")
	}
	return content
}

// kill runs a step in a process that is killed, and returns a picture of what is left.
func kill(t *testing.T, content []byte, order string) (killed bool, left string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), killVariable+"="+order+" "+file)
	out, err := cmd.CombinedOutput()
	killed = bytes.HasPrefix(out, []byte("killed"))
	if killed == (err == nil) || !killed && !bytes.HasPrefix(out, []byte("returned")) {
		t.Fatalf("%s: %v: %s", order, err, out)
	}
	v, s, err := openFile(file, &atomicfiletest.Killer{})
	if err != nil {
		t.Fatalf("%s: %v", order, err)
	}
	left = picture(t, vault.PersistentVault(v))
	if err := errors.Join(v.Close(), s.Close()); err != nil {
		t.Error(err)
	}
	return killed, left
}
