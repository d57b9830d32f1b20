package key_test

import (
	"fmt"
	"testing"

	"ockamtest/ref/key"
	"ockamtest/ref/profile"
)

// openXX makes two agreements that are complete, over a vault with the fast path.
func openXX(t testing.TB, suite profile.Suite) (i, r *key.XX) {
	t.Helper()
	v := newVault(t)
	cfg := key.XXConfig{Vault: v, Suite: suite, Static: generateKey(t, v, suite.P256), Policy: key.AnyKey()}
	i, r = newXX(t, cfg), newXX(t, cfg)
	shake(t, i, r)
	return i, r
}

// MEM-003: a record costs no allocation, neither its verdict.
func TestRecordsAllocateNothing(t *testing.T) {
	i, r := openXX(t, profile.X25519AES256())
	buffer := make([]byte, 1024, 1024+i.Overhead())
	forged := make([]byte, 100)
	runs := 0
	allocated := testing.AllocsPerRun(1000, func() {
		runs++
		record, err := i.Encrypt(buffer[:0], buffer)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Decrypt(forged[:0], forged); err == nil {
			t.Fatal("a forged record was accepted")
		}
		if _, err := r.Locate(0, 40, forged); err == nil {
			t.Fatal("a forged record was located")
		}
		n := uint64(runs - 1)
		if got, err := r.Locate(n-min(n, 9), n+9, record); got != n || err != nil {
			t.Fatalf("located at %d, %v, want %d", got, err, n)
		}
		if _, err := r.Decrypt(record[:0], record); err != nil {
			t.Fatal(err)
		}
	})
	if allocated != 0 || runs != 1001 {
		t.Errorf("%v allocations in each of %d runs, want 0", allocated, runs)
	}
}

// BenchmarkRecord seals and opens one record.
func BenchmarkRecord(b *testing.B) {
	for _, size := range []int{64, 1024, 16384, 65519} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			buffer := make([]byte, size, size+16)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			var i, r *key.XX
			for n := 0; b.Loop(); n++ {
				if n%key.MaxCounter == 0 {
					b.StopTimer()
					i, r = openXX(b, profile.X25519AES256())
					b.StartTimer()
				}
				record, err := i.Encrypt(buffer[:0], buffer)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := r.Decrypt(record[:0], record); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
