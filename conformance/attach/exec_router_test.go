package attach

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/conformance/adversary/routers"
	"ockamtest/ref/wire"
)

// router serves a router of the kit.
func (p *puppetPeer) router() int {
	program := routers.Correct()
	for _, f := range routers.Broken() {
		if len(p.args) > 3 && f.Name == p.args[3] {
			program = f.Program
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, terminateSignal())
	defer stop()
	err := ServeProgram(ctx, program, ServeConfig{
		Role: p.role, Profile: p.profile, Address: p.address, Listening: func(address string) { fmt.Println("listening " + address) },
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 134
	}
	return 0
}

// execRouter attaches a puppet as a router.
func execRouter(t *testing.T, program string) *routerKit {
	t.Helper()
	cfg := Config{Roles: []conformance.Role{conformance.Router}}
	return asRouter(t, attachPeer(t, cfg, puppet(t, "router", program)))
}

func TestExecRouter(t *testing.T) {
	noLeaks(t)
	k := execRouter(t, "")
	roles := k.peer.Info().Roles
	if len(roles) != 3 || roles[2] != conformance.Router {
		t.Errorf("roles: got %v", roles)
	}
	surround(t, k)
}

// A router that a message kills is dead, and started again.
func TestExecRouterCrash(t *testing.T) {
	noLeaks(t)
	k := execRouter(t, "hop-unknown-local-address-crash")
	a, err := adversary.OpenEnd(t.Context(), k, conformance.End{})
	if err != nil {
		t.Fatal(err)
	}
	alive(t, k.peer)
	if err := a.Send(adversary.Message{Onward: adversary.Route{adversary.LocalAddress("nobody")}, Type: wire.Payload}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Next(k.Patience()); !adversary.Absent(err) {
		t.Errorf("got %v, want the end", err)
	}
	if crash := died(t, k.peer); len(crash.Log) == 0 {
		t.Errorf("got %+v, want its log", crash)
	}
	_ = a.Shut()
	b, err := adversary.OpenEnd(t.Context(), k, conformance.End{})
	if err != nil {
		t.Fatal(err)
	}
	_ = b.Shut()
	alive(t, k.peer)
}

// A command that never says where it listens, or ends before, is unreachable.
func TestExecRouterUnreachable(t *testing.T) {
	for mode, scale := range map[string]float64{"exit": 1, "mute": 0.02} {
		t.Run(mode, func(t *testing.T) {
			noLeaks(t)
			cfg := Config{Roles: []conformance.Role{conformance.Router}, Scale: scale}
			k := asRouter(t, attachPeer(t, cfg, puppet(t, mode, "")))
			if _, err := k.OpenEnd(t.Context(), conformance.End{}); !isUnreachable(err) {
				t.Errorf("got %v, want ErrUnreachable", err)
			}
		})
	}
}

func isUnreachable(err error) bool { return errors.Is(err, conformance.ErrUnreachable) }
