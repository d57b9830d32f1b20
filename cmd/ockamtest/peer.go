package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ockamtest/conformance"
	"ockamtest/conformance/attach"
	"ockamtest/ref/profile"
)

// serveOptions are what the user typed behind peer serve.
type serveOptions struct {
	role, transport, profile, listen, connect, broken, name string
	seed                                                    uint64
	depth                                                   int
	route                                                   string
	verbose                                                 bool
}

func (a *app) peerCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "peer",
		Short: "Serve a peer of the kit, check an adapter, write the beginning of one",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.serveCommand(), a.adapterCommand(), a.checkCommand(), a.initCommand())
	return c
}

func (a *app) serveCommand() *cobra.Command {
	var o serveOptions
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve an echo peer or a router until interrupted",
		Long: `Serve runs a peer with the echo contract over TCP or UDP until it is interrupted: a responder echoes every payload, an initiator
sends one payload and then echoes, one session after the other. A router forwards between a TCP listener and a UDP socket, for the
addresses 127.0.0.1 and ::1 alone.

It is the reference, one of its broken variants (--broken; see 'ockamtest list broken'), or any other program of the
kit (--name; see 'ockamtest list peers'). A responder prints "listening ADDR", a router that line for each of its two addresses.`,
		Example: `  ockamtest peer serve --role responder --listen 127.0.0.1:4000
  ockamtest peer serve --role router --listen 127.0.0.1:0
  ockamtest peer serve --role initiator --connect 127.0.0.1:4000 --profile c09 --broken replay-accepted`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !c.Flags().Changed("seed") { // NOISE-008: no two processes share an ephemeral key
				o.seed = rand.Uint64()
			}
			return a.serve(c.Context(), &o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.role, "role", string(conformance.Responder), "responder, initiator, or router")
	f.StringVar(&o.transport, "transport", string(conformance.TCP), "tcp or udp; a router has both")
	f.StringVar(&o.listen, "listen", "", "HOST:PORT where a responder or router listens; port 0 is any")
	f.StringVar(&o.connect, "connect", "", "HOST:PORT that an initiator dials")
	f.StringVar(&o.profile, "profile", "v1", "profile: "+profileNames())
	f.StringVar(&o.broken, "broken", "", "serve this broken peer")
	f.StringVar(&o.name, "name", attach.Reference().Name, "serve this program of the kit")
	f.IntVar(&o.depth, "depth", 1, "channels inside each other; the echo is spoken in the innermost")
	f.StringVar(&o.route, "route", "", "way to the channel listener behind the transport address: ADDR,… (default: that of the profile)")
	f.Uint64Var(&o.seed, "seed", 0, "seed of the peer's randomness, to see a run again (default: a random one, or its keys would repeat)")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "log connections on standard error")
	c.MarkFlagsMutuallyExclusive("listen", "connect")
	c.MarkFlagsMutuallyExclusive("broken", "name")
	return c
}

func (a *app) serve(ctx context.Context, o *serveOptions) error {
	cfg := attach.ServeConfig{
		Role: conformance.Role(o.role), Transport: conformance.Transport(o.transport), Profile: o.profile, Seed: o.seed,
		Depth: o.depth,
	}
	switch {
	case (cfg.Role == conformance.Responder || cfg.Role == conformance.Router) && o.listen != "":
		cfg.Address = o.listen
	case cfg.Role == conformance.Initiator && o.connect != "":
		cfg.Address = o.connect
	case cfg.Role == conformance.Responder, cfg.Role == conformance.Router:
		return usagef("a %s needs --listen HOST:PORT", cfg.Role)
	case cfg.Role == conformance.Initiator:
		return usagef("an initiator needs --connect HOST:PORT")
	default:
		return usagef("--role %s: it is responder, initiator, or router", o.role)
	}
	p, ok := profile.Lookup(o.profile)
	switch {
	case !ok:
		return usagef("--profile %s: there is no such profile; there are %s", o.profile, profileNames())
	case o.depth < 1 || o.depth > conformance.MaxDepth:
		return usagef("--depth %d: it is 1 to %d", o.depth, conformance.MaxDepth)
	case o.depth > 1 && (cfg.Role == conformance.Router || !conformance.HasTunnels(p)):
		return usagef("--depth %d: a router and profile e09 have no channels inside each other", o.depth)
	case cfg.Transport != conformance.TCP && cfg.Transport != conformance.UDP:
		return usagef("--transport %s: it is tcp or udp", o.transport)
	case cfg.Role != conformance.Router && !slices.Contains(transportNames(p), o.transport):
		return usagef("--profile %s: it does not run over %s", o.profile, o.transport)
	}
	route, err := parseRoute(o.route)
	if err != nil {
		return err
	}
	if len(route) > 0 && !p.Routes {
		return usagef("--profile %s: it has no routes", o.profile)
	}
	cfg.Route = route
	cfg.Listening = func(address string) { fmt.Fprintf(a.out, "listening %s\n", address) }
	if o.verbose {
		cfg.Log = slog.New(slog.NewTextHandler(a.err, nil))
	}
	program, err := o.program()
	if err != nil {
		return err
	}
	if program.Name == attach.Reference().Name {
		err = attach.Serve(ctx, cfg) // package ref, as applications use it
	} else {
		err = attach.ServeProgram(ctx, program, cfg)
	}
	var crash *attach.CrashError
	switch {
	case errors.As(err, &crash): // a broken peer that crashes ends as a crashed process does
		return &exitError{exitCrashed, err}
	case errors.Is(err, attach.ErrNeed), errors.Is(err, attach.ErrConfig):
		return usagef("%w", err)
	case err != nil:
		return troublef("%w", err)
	}
	return nil
}

// program finds the program that is asked for.
func (o *serveOptions) program() (conformance.Program, error) {
	if o.broken != "" {
		for _, b := range brokenPeers() {
			if b.Program.Name == o.broken {
				return b.Program, nil
			}
		}
		return conformance.Program{}, usagef("--broken %s: there is no such peer; see 'ockamtest list broken'", o.broken)
	}
	for _, b := range builtinPrograms() {
		if b.program.Name == strings.TrimPrefix(o.name, "in-process:") {
			return b.program, nil
		}
	}
	return conformance.Program{}, usagef("--name %s: there is no such program; see 'ockamtest list peers'", o.name)
}
