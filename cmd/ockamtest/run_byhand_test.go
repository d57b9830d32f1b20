package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/report"
)

// What --attach prints can be pasted into a shell: then the run goes its way.
func TestAttachByHand(t *testing.T) {
	for _, tt := range []struct{ name, role, peer, says string }{
		{"responder", "responder", "exec:ockamtest peer serve --role {role} --listen {addr} --profile {profile}", "start the responder over tcp in profile v1:"},
		{"initiator", "initiator", "exec:ockamtest peer serve --role {role} --connect {addr} --profile {profile}", "start the initiator over tcp in profile v1:"},
		{"adapter", "responder", "adapter:ockamtest peer adapter", "start the adapter:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			defer cancel()
			var out, errs bytes.Buffer
			stderr, said := io.Pipe()
			typist := make(chan error, 1)
			go func() { typist <- paste(ctx, io.TeeReader(stderr, &errs)) }()
			a := &app{in: strings.NewReader(""), out: &out, err: said, width: defaultWidth, progress: true}
			args := []string{"run", "--attach", "--report", "json", "--role", tt.role, "--profile", "v1", "--transport", "tcp", "--case", "chan/open-and-echo", "--case", "rec/replay", "--peer", tt.peer}
			code := a.execute(ctx, args)
			said.Close()
			cancel()
			if err := <-typist; err != nil {
				t.Error(err)
			}
			if code != exitConformant || strings.Count(errs.String(), "ockamtest: start ") != 1 || !strings.Contains(errs.String(), tt.says) {
				t.Errorf("exit code %d; said %q, want %q once", code, errs.String(), tt.says)
			}
			results, err := report.ReadJSON(&out)
			if err != nil {
				t.Fatal(err)
			}
			if passes := results.Summary[conformance.Pass]; passes < 2 || passes != len(results.Results) {
				t.Errorf("%d passes of %d results, want all", passes, len(results.Results))
			}
		})
	}
}

// paste runs each command that is printed until ctx ends.
func paste(ctx context.Context, printed io.Reader) error {
	var running []*exec.Cmd
	lines := bufio.NewScanner(printed)
	for lines.Scan() {
		command, ok := strings.CutPrefix(lines.Text(), "    ")
		if !ok {
			continue
		}
		shell := exec.CommandContext(ctx, "sh", "-c", "exec env "+command)
		shell.WaitDelay = time.Second
		if err := shell.Start(); err != nil {
			return err
		}
		running = append(running, shell)
	}
	for _, shell := range running {
		_ = shell.Wait() // ended by ctx: its status says nothing
	}
	return lines.Err()
}
