package key_test

import (
	"errors"
	"fmt"
	"testing"

	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/vault/software/adx"
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

// A handshake, both sides, allocates little beside what crypto/ecdh and crypto/cipher do.
func TestHandshakeAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("under the race detector SHA-256 allocates when its state is kept")
	}
	for name, tt := range map[string]struct {
		x25519 software.X25519
		most   float64
	}{
		"crypto/ecdh": {nil, 48}, // of which 26 are in there, and 12 in crypto/cipher; 4 are here
		"adx":         {adx.X25519{}, 20},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := software.New(software.Config{X25519: tt.x25519})
			if err != nil {
				t.Fatal(err)
			}
			cfg := key.XXConfig{Vault: v, Suite: profile.X25519AES256(), Static: generateKey(t, v, false), Policy: key.AnyKey()}
			m1, m2, m3 := make([]byte, 0, 32), make([]byte, 0, 96), make([]byte, 0, 64)
			allocated := testing.AllocsPerRun(100, func() {
				i, r := newXX(t, cfg), newXX(t, cfg)
				err1 := r.Respond()
				msg, err2 := i.Initiate(m1)
				msg, err3 := r.Handle(m2, msg)
				msg, err4 := i.Handle(m3, msg)
				_, err5 := r.Handle(nil, msg)
				if err := errors.Join(err1, err2, err3, err4, err5); err != nil || !i.Established() || !r.Established() {
					t.Fatal(err)
				}
				if err := errors.Join(i.Close(), r.Close()); err != nil {
					t.Fatal(err)
				}
			})
			if allocated > tt.most {
				t.Errorf("%v allocations, want at most %v", allocated, tt.most)
			}
		})
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
