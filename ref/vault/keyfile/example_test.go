package keyfile_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"ockamtest/ref/vault"
	"ockamtest/ref/vault/keyfile"
	"ockamtest/ref/vault/software"
)

// A key moves from one vault to another as a file, which `openssl pkey` reads too. Files that others can read are only taken when asked for.
func ExampleImport() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "static.pem")
	if err := writeKey(file); err != nil {
		panic(err)
	}

	v, err := software.New(software.Config{})
	if err != nil {
		panic(err)
	}
	defer func() { _ = v.Close() }()
	s, err := keyfile.Import(v, file, vault.Attributes{}, keyfile.Config{})
	if warning := (*keyfile.ExposedError)(nil); errors.As(err, &warning) {
		fmt.Println("warning:", warning)
		s, err = keyfile.Import(v, file, vault.Attributes{}, keyfile.Config{AllowExposed: true})
	}
	if err != nil {
		panic(err)
	}
	a, err := v.Attributes(s)
	fmt.Println(a.Type, a.Exportable, err)
	// Output: X25519 private key false <nil>
}

func writeKey(file string) error {
	v, err := software.New(software.Config{})
	if err != nil {
		return err
	}
	s, err := v.Generate(vault.Attributes{Type: vault.X25519PrivateKey, Exportable: true})
	if err == nil {
		err = keyfile.Export(v, s, file, keyfile.PEM, keyfile.Config{})
	}
	return errors.Join(err, v.Close())
}
