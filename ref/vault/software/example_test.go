package software_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"ockamtest/ref/memory/locked"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/vault/store"
)

// A node keeps its static key in an encrypted file, and its secrets in locked memory. The first run makes the key, later ones find it.
func ExampleVault_Lookup() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for range 2 {
		if err := run(filepath.Join(dir, "keys")); err != nil {
			panic(err)
		}
	}
	// Output:
	// makes the key "static"
	// finds the key "static"
}

func run(file string) (err error) {
	memory, err := locked.New(locked.Config{AllowUnlocked: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, memory.Close()) }()

	cfg := store.Config{
		Passphrase: []byte("correct horse battery staple"),
		KDF:        store.KDF{Passes: 1, Memory: 1024, Threads: 1}, // for the example; the default is stronger
		Memory:     memory,
	}
	s, err := store.Open(file, cfg)
	if errors.Is(err, fs.ErrNotExist) {
		s, err = store.Create(file, cfg)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()

	v, err := software.New(software.Config{Memory: memory, Store: s})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.Close()) }()

	const label = "static"
	_, err = v.Lookup(label)
	if !errors.Is(err, vault.ErrNotFound) {
		fmt.Printf("finds the key %q\n", label)
		return err
	}
	fmt.Printf("makes the key %q\n", label)
	_, err = v.Generate(vault.Attributes{Type: vault.X25519PrivateKey, Persistence: vault.Persistent, Label: label})
	return err
}
