package attach

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"ockamtest/conformance"
)

// resets is this binary as a command that resets.
func resets(t *testing.T, mode string, scale float64) ResetCommand {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewResetCommand(fmt.Sprintf("'%s' peer %s {role} {transport} {profile} {depth}", self, mode), scale)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestResetCommand(t *testing.T) {
	noLeaks(t)
	need := conformance.Need{Role: conformance.Initiator, Transport: conformance.UDP, Profile: "c09"}
	if err := resets(t, "reset", 1).Run(t.Context(), need); err != nil {
		t.Errorf("got %v", err)
	}
	for _, tt := range []struct {
		name, mode string
		scale      float64
		want       []string
	}{
		{"fails", "exit", 1, []string{"exit status 9", `cannot\a start`, "initiator udp c09 1"}},
		{"does not end", "mute", 0.001, []string{"not ended in 120ms", "starting up"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := resets(t, tt.mode, tt.scale).Run(t.Context(), need)
			if !errors.Is(err, ErrReset) {
				t.Fatalf("got %v, want ErrReset", err)
			}
			for _, w := range tt.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("got %q, want %q in it", err, w)
				}
			}
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := resets(t, "mute", 1).Run(ctx, need); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestResetCommandRefused(t *testing.T) {
	for _, text := range []string{"", "./reset {addr}", "./reset {this}", "./reset 'open"} {
		if _, err := NewResetCommand(text, 1); !errors.Is(err, ErrConfig) {
			t.Errorf("%q: got %v, want ErrConfig", text, err)
		}
	}
	c, err := NewResetCommand("/nonexistent/reset {role}", 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Run(t.Context(), conformance.Need{}); !errors.Is(err, ErrReset) || !strings.Contains(err.Error(), "/nonexistent/reset") {
		t.Errorf("got %v, want ErrReset", err)
	}
}
