package ref_test

import (
	"bytes"
	"errors"
	"testing"

	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
)

// A batch is as many messages as it has elements, in their order, whatever their lengths (IO-001).
func TestWriteBatch(t *testing.T) {
	client, server, _ := openTapped(t, profile.V1(), nil)
	var want [][]byte
	for i := range 700 { // more than is encrypted at once
		want = append(want, bytes.Repeat([]byte{byte(i)}, i*i%5000))
	}
	done := make(chan error, 1)
	go func() { done <- client.WriteBatch(t.Context(), want) }()
	p := make([]byte, server.Limit())
	for i, m := range want {
		n, err := server.Read(t.Context(), p)
		if err != nil || !bytes.Equal(p[:n], m) {
			t.Fatalf("message %d: got %d bytes and error %v, want %d bytes", i, n, err, len(m))
		}
	}
	if err := <-done; err != nil {
		t.Fatalf("WriteBatch: %v", err)
	}
	if err := client.WriteBatch(t.Context(), nil); err != nil {
		t.Errorf("WriteBatch of nothing: %v", err)
	}
}

// What stands before a message that is refused is sent; the channel goes on (REC-010).
func TestWriteBatchRefused(t *testing.T) {
	client, server, _ := openTapped(t, profile.V1(), nil)
	long := make([]byte, client.Limit()+1)
	err := client.WriteBatch(t.Context(), [][]byte{[]byte("one"), []byte("two"), long, []byte("never")})
	if !errors.Is(err, transport.ErrMessageTooLong) {
		t.Fatalf("WriteBatch: got error %v, want ErrMessageTooLong", err)
	}
	if err := client.Write(t.Context(), []byte("three")); err != nil {
		t.Fatalf("Write: %v", err)
	}
	p := make([]byte, 100)
	for _, want := range []string{"one", "two", "three"} {
		n, err := server.Read(t.Context(), p)
		if err != nil || string(p[:n]) != want {
			t.Errorf("got %q and error %v, want %q", p[:n], err, want)
		}
	}
}
