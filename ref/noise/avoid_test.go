package noise_test

import (
	"bytes"
	"testing"
)

// Section 11: an ephemeral key that a profile cannot carry is drawn again, for m1 and for m2, and the one thrown away is destroyed. A vault
// that has no other is not asked forever.
func TestAvoided(t *testing.T) {
	quarter := make([]byte, 0x40) // 16 draws that all begin so are one in four thousand million
	for i := range quarter {
		quarter[i] = byte(i)
	}
	avoided := map[string][]byte{"X25519": quarter, "P-256": {4}} // each of P-256 begins with 04
	for name, suite := range suites() {
		t.Run(name, func(t *testing.T) {
			avoiding := func(p *party) { p.config.Avoided = avoided[name] }
			open := func(change ...func(*party)) (i, r *party, sent [3][]byte) {
				i, r = newParty(t, suite, true, change...), newParty(t, suite, false, change...)
				return i, r, exchange(i, r, [3][]byte{})
			}
			i, r, _ := open()
			want := [2]int{i.vault.Live(), r.vault.Live()}
			for range 8 {
				i, r, sent := open(avoiding)
				if got := [2]int{i.vault.Live(), r.vault.Live()}; got != want {
					t.Errorf("%d secrets live, want %d", got, want)
				}
				for n, m := range sent[:2] {
					if bytes.IndexByte(avoided[name], m[0]) >= 0 && !suite.P256 {
						t.Errorf("m%d begins with %02x", n+1, m[0])
					}
				}
			}
		})
	}
}
