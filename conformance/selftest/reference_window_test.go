package selftest_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// openPair opens a channel in v1 on datagrams between two sides.
func openPair(t *testing.T, window int) (sender, receiver *channel.Channel) {
	t.Helper()
	var pair [2]*channel.Channel
	for i, role := range []channel.Role{channel.Initiator, channel.Responder} {
		v, err := software.New(software.Config{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = v.Close() })
		static, err := v.Generate(vault.Attributes{Type: vault.X25519PrivateKey})
		if err != nil {
			t.Fatal(err)
		}
		xx, err := key.NewXX(key.XXConfig{Vault: v, Static: static, Suite: profile.V1().Suite, Policy: key.AnyKey()})
		if err != nil {
			t.Fatal(err)
		}
		if pair[i], err = channel.New(channel.Config{Role: role, Profile: profile.V1(), Agreement: xx, Window: window}); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = pair[1].Start(0, nil)
	m, err := pair[0].Start(0, nil)
	for i := 1; err == nil && len(m) > 0; i = 1 - i {
		m, _, err = pair[i].Handle(0, nil, m)
	}
	if err != nil || pair[1].State() != channel.Open {
		t.Fatalf("%v: %v", pair[1].State(), err)
	}
	return pair[0], pair[1]
}

// REC-007 and REC-008: with N the highest counter that verified, those of N-W+1 to N+W are delivered, each once, and no others, wherever N is and
// in whatever order they come.
func TestReferenceOfWindows(t *testing.T) {
	for _, size := range []int{channel.MinWindow, 63, 64, 65, 256, channel.MaxWindow} {
		sender, receiver := openPair(t, size)
		random := rand.New(rand.NewPCG(1, uint64(size)))
		var records [][]byte
		delivered, highest := map[int]bool{}, -1
		counts := map[bool]int{}
		for range 4000 {
			n := highest + 1 + random.IntN(2*size+8) - size - 4
			switch random.IntN(8) {
			case 0:
				n = highest + size + random.IntN(2) // the last ahead, and the one behind it
			case 1:
				n = highest - size + random.IntN(2) // the last behind, and the first
			case 2, 3, 4:
				n = highest + 1
			}
			if n < 0 || n > 60000 {
				continue
			}
			for len(records) <= n {
				m, err := sender.Write(nil, []byte{byte(len(records) >> 8), byte(len(records))})
				if err != nil {
					t.Fatal(err)
				}
				records = append(records, m)
			}
			want := !delivered[n] && n >= highest-size+1 && n <= highest+size
			before := *receiver
			_, ev, err := receiver.Handle(0, nil, records[n])
			if got := err == nil && ev.Kind == channel.Delivered; got != want || !want && *receiver != before {
				t.Fatalf("window of %d, N is %d: record %d: delivered is %v, want %v: %v", size, highest, n, got, want, err)
			}
			if delivered[n] && n >= highest-size+1 && !errors.Is(err, channel.ErrReplayed) {
				t.Errorf("record %d, which came before: %v", n, err)
			}
			if counts[want]++; want {
				delivered[n], highest = true, max(highest, n)
			}
		}
		if counts[true] < 500 || counts[false] < 200 || highest < 2*channel.MaxWindow {
			t.Errorf("window of %d: %v, N is %d", size, counts, highest)
		}
	}
}
