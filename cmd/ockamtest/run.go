package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ockamtest/conformance"
	"ockamtest/conformance/cases"
	"ockamtest/conformance/runner"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// runOptions are what the user typed behind run.
type runOptions struct {
	peer           string
	profiles       []string
	roles          []string
	transports     []string
	sel            runner.Selection
	level          string
	seed           uint64
	timeout        time.Duration
	timeoutScale   float64
	failFast       bool
	keyFile        string
	peerKey        string
	maxConnections int
	depths         []int
	route          string
	service        string
	reports        []string
	expect         string // file
	bless          bool
	jobs           int
	shard          string
	catalogue      string
	combine        combineOptions
	board          boardOptions
}

func (a *app) runCommand() *cobra.Command {
	var o runOptions
	c := &cobra.Command{
		Use:   "run",
		Short: "Run the conformance cases against a peer",
		Long: `Run runs the conformance cases against a peer, after a positive control, and proves after each that the peer still answers.

Without --peer it tests the embedded reference over real sockets on loopback, in every profile, role, and transport. Peers:

  tcp://HOST:PORT           a responder, or with --role router a router, listens there
  udp://HOST:PORT           a responder receives there
  tcp://HOST:PORT,udp://HOST:PORT
                            a router listens there, over both transports
  accept:tcp://HOST:PORT    the kit listens there, an initiator dials once per session, again and again
  accept:udp://HOST:PORT    the same over UDP, each session from a port of its own
  exec:COMMAND              the kit starts the command; {role} {transport} {addr} {profile} {key} {peerkey} {timeout}
                            {route} {depth} stand for what it needs. A responder binds port 0 and prints "listening ADDR".
  adapter:COMMAND           the kit starts the command, which dials the address in OCKAMTEST_CONTROL and does as it is told;
                            adapter+fd:COMMAND is told over inherited pipes. See 'ockamtest peer init'.
  in-process:NAME           a program of the kit itself; see 'ockamtest list peers'

A responder echoes every payload; an initiator sends one payload, then echoes. A router forwards between its listeners, for
the kit's address (127.0.0.1, ::1) alone, and prints "listening tcp://ADDR" and "listening udp://ADDR".

With --depth N the peer opens N channels, each inside the one before, and echoes in the innermost. With --route the kit reaches
the responder's channel listener behind its local address, or over hops: routers that forward for it. Cases that those would
judge themselves are skipped. Addresses are tcp://HOST:PORT, udp://HOST:PORT, or local:HEX.

With --jobs N, N cases are at work at once, each with a peer of its own: an adapter is started N times, and a command up to four times as
often, for while some cases wait others are run. The results are the same. At a TCP address the jobs share the --max-connections; at
other addresses there is one job. With --shard I/N a run has one of N even parts of the cases; one with more shards than cases leaves
some empty, which is exit code 0. What a peer must not depend on is varied: see --strength and --parameters.

` + boardHelp + `
Datagrams may be lost: over UDP an answer that does not come is a failure when it has not come in two of three attempts.

--expect names a file of failures that are known, each with a reason, which --bless writes: they are known-fail then, and what
passes against expectation is an unexpected-pass. Expectations that have expired, or that nothing bears out, are stale.

Exit codes: 0 conformant, 1 not conformant, 2 usage, 3 trouble of the kit or peer never reachable, 4 stale expectations,
5 nothing ran, 130 interrupted.`,
		Example: `  ockamtest run
  ockamtest run --peer tcp://127.0.0.1:4000 --profile c09
  ockamtest run --peer 'exec:./mypeer {role} {transport} {addr} {profile} {timeout}' --report json=results.json
  ockamtest run --peer tcp://127.0.0.1:4000 --case 'noise/*' --skip noise/ephemeral-fresh
  ockamtest run --peer 'exec:./mypeer {role} {addr} {depth}' --depth 1,2,3
  ockamtest run --peer udp://127.0.0.1:5000 --route udp://127.0.0.1:4000`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.run(c.Context(), &o) },
	}
	f := c.Flags()
	f.StringVar(&o.peer, "peer", "", "the implementation under test (default: the embedded reference)")
	f.StringSliceVar(&o.profiles, "profile", nil, "profiles: "+profileNames()+" (default v1; all without --peer, of an adapter those that it declares)")
	f.StringSliceVar(&o.roles, "role", nil, "roles of the peer: responder, initiator, router (default: all that it has; router has to be named with --peer)")
	f.StringSliceVar(&o.transports, "transport", nil, "transports: tcp, udp, mem (default: all that peer and profile have)")
	f.StringArrayVar(&o.sel.Cases, "case", nil, "only cases that match this glob; repeatable")
	f.StringArrayVar(&o.sel.Skip, "skip", nil, "no cases that match this glob; repeatable")
	f.StringSliceVar(&o.sel.Requirements, "requirement", nil, "only cases that test this requirement; repeatable")
	f.BoolVar(&o.sel.Long, "long", false, "also the cases that take long; one that is named in full by --case is run anyhow")
	f.StringVar(&o.level, "level", "must", "must: a SHOULD that is not met is a warning; should: it fails")
	f.Uint64Var(&o.seed, "seed", 1, "seed of everything random in the kit")
	f.DurationVar(&o.timeout, "timeout", 0, "longest time for one case (default 90s)")
	f.Float64Var(&o.timeoutScale, "timeout-scale", 1, "factor on every time, for slow peers and boards")
	f.BoolVar(&o.failFast, "fail-fast", false, "stop after the first failure")
	f.StringVar(&o.keyFile, "key", "", "file with the kit's static private key, PEM (PKCS#8) or 64 hex digits (default: one that follows from --seed)")
	f.StringVar(&o.peerKey, "peer-key", "", "static public key that the peer has to prove, hex (default: any)")
	f.IntVar(&o.maxConnections, "max-connections", 0, "connections that the peer serves at once (default: not limited)")
	f.IntSliceVar(&o.depths, "depth", nil, "channels inside each other, each a payload of the one before (default 1; without --peer also 2 in v1)")
	f.StringVar(&o.route, "route", "", "way from the peer's transport address to its channel listener: ADDR,… further hops, a local address")
	f.StringVar(&o.service, "service", "", "local address of the application that the peer hands payloads to (default: none, in e09 local:6563686f)")
	f.StringVar(&o.expect, "expect", "", "file of expectations, YAML: failures that are known, with their reasons")
	f.BoolVar(&o.bless, "bless", false, "write what has failed into the --expect file, and take out what has not")
	o.jobsFlag(f)
	o.partFlags(f)
	o.board.flags(f)
	f.StringArrayVar(&o.reports, "report", nil, "FORMAT or FORMAT=FILE, format text or json; repeatable (default text)")
	return c
}

func (a *app) run(ctx context.Context, o *runOptions) error {
	outputs, err := parseReports(o.reports)
	if err != nil {
		return err
	}
	cfg, err := o.runnerConfig()
	if err != nil {
		return err
	}
	expected, err := o.expectations()
	if err != nil {
		return err
	}
	if err := a.attachPeers(ctx, o, &cfg); err != nil {
		return err
	}
	defer a.closePeers(&cfg)

	m := a.newMeter()
	cfg.Progress = func(e runner.Event) { m.show(e.Done, e.Total, fmt.Sprintf("%s %s %s", e.Profile, e.Role, e.Case)) }
	results, err := runner.Run(ctx, cfg)
	m.finish()
	if results != nil && expected != nil {
		if err := o.judge(expected, results, cfg); err != nil {
			return err
		}
	}
	code := conformance.ExitCode(results, err)
	if results != nil {
		if err := a.writeReports(outputs, results); err != nil {
			return troublef("%w", err)
		}
	}
	if code == exitConformant {
		return nil
	}
	return &exitError{code, err}
}

// runnerConfig is the part of the runner's configuration that does not depend on the peer.
func (o *runOptions) runnerConfig() (runner.Config, error) {
	cfg := runner.Config{
		Cases: cases.All(), Control: cases.Control(), Forward: cases.Forward(), Select: o.sel,
		FailFast: o.failFast, Seed: o.seed, Timeout: o.timeout, TimeoutScale: o.timeoutScale,
		Describe: describe, Tool: conformance.ToolInfo{Name: "ockamtest", Version: version()},
	}
	switch o.level {
	case "must":
		cfg.Level = conformance.Must
	case "should":
		cfg.Level = conformance.Should
	default:
		return cfg, usagef("--level %s: it is must or should", o.level)
	}
	for _, name := range o.roles {
		role := conformance.Role(name)
		if role != conformance.Responder && role != conformance.Initiator && role != conformance.Router {
			return cfg, usagef("--role %s: it is responder, initiator, or router", name)
		}
		cfg.Roles = append(cfg.Roles, role)
	}
	if err := o.setProfiles(&cfg); err != nil {
		return cfg, err
	}
	if o.keyFile != "" {
		key, err := readKeyFile(o.keyFile, cfg.Profiles)
		if err != nil {
			return cfg, usagef("--key: %w", err)
		}
		cfg.StaticKey = key
		cfg.RerunArgs = append(cfg.RerunArgs, "--key", o.keyFile)
	}
	if o.peerKey != "" {
		key, err := hex.DecodeString(o.peerKey)
		if err != nil {
			return cfg, usagef("--peer-key: %w", err)
		}
		cfg.PeerStatic = key
		cfg.RerunArgs = append(cfg.RerunArgs, "--peer-key", o.peerKey)
	}
	if err := errors.Join(o.setPlace(&cfg), o.setPart(&cfg), o.setBoard(&cfg)); err != nil {
		return cfg, err
	}
	if o.timeoutScale != 1 {
		cfg.RerunArgs = append(cfg.RerunArgs, "--timeout-scale", fmt.Sprint(o.timeoutScale))
	}
	if o.maxConnections != 0 {
		cfg.RerunArgs = append(cfg.RerunArgs, "--max-connections", fmt.Sprint(o.maxConnections))
	}
	return cfg, nil
}

// setProfiles looks up the profiles and transports.
func (o *runOptions) setProfiles(cfg *runner.Config) error {
	names := o.profiles
	if len(names) == 0 {
		names = []string{profile.V1().Name}
		if o.peer == "" || strings.HasPrefix(o.peer, "adapter") { // an adapter declares its own
			names = names[:0]
			for _, p := range profile.All() {
				names = append(names, p.Name)
			}
		}
	}
	for _, t := range o.transports {
		switch conformance.Transport(t) {
		case conformance.TCP, conformance.UDP, conformance.Mem:
			cfg.Transports = append(cfg.Transports, conformance.Transport(t))
		default:
			return usagef("--transport %s: it is tcp, udp, or mem", t)
		}
	}
	for _, name := range names {
		p, ok := profile.Lookup(name)
		if !ok {
			return usagef("--profile %s: there is no such profile; there are %s", name, profileNames())
		}
		for _, known := range cfg.Profiles {
			if known.Name == name {
				return usagef("--profile %s: given twice", name)
			}
		}
		cfg.Profiles = append(cfg.Profiles, p)
	}
	return nil
}

// describe decodes a message for the transcript: a handshake message, else a transport message of the profile.
func describe(p profile.Profile, _ string, b []byte) string {
	d := wire.Dialect(p.HandshakeEnvelope())
	if _, err := wire.Parse(d, b); err != nil {
		d = wire.Dialect(p.TransportEnvelope())
	}
	return wire.Describe(d, b)
}
