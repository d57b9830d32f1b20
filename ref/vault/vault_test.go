package vault_test

import (
	"strings"
	"testing"

	"ockamtest/ref/vault"
)

func TestValidLabel(t *testing.T) {
	for label, want := range map[string]bool{
		"a": true, "static": true, "Node-1_key.x25519": true, "81000001": true, strings.Repeat("x", vault.MaxLabel): true,
		"": false, " ": false, "a b": false, "a/b": false, "a\x00": false, "naïve": false, strings.Repeat("x", vault.MaxLabel+1): false,
	} {
		if got := vault.ValidLabel(label); got != want {
			t.Errorf("ValidLabel(%q) = %t, want %t", label, got, want)
		}
	}
}
