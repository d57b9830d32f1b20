package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ockamtest/conformance"
	"ockamtest/conformance/interop"
	"ockamtest/ref/profile"
)

// interopOptions are what the user typed behind interop.
type interopOptions struct {
	peers, speaks, profiles, transports []string
	initiators, responders              []string
	loss, duplicate, reorder            string
	secrets, reports                    []string
	cfg                                 interop.Config
}

func (a *app) interopCommand() *cobra.Command {
	var o interopOptions
	c := &cobra.Command{
		Use:   "interop",
		Short: "Let peers speak with each other, each with each, through a relay",
		Long: `Interop lets every peer open a channel as initiator with every peer as responder, itself included, in each profile and over each
transport that both have, and prints a matrix. Peers are those of 'ockamtest run', with a name before them if you like:

  [NAME=]exec:COMMAND            with {role}, {transport}, {addr}, {profile}, {timeout}, {key}, {peerkey}, {route}, {depth}
  [NAME=]adapter:COMMAND, [NAME=]in-process:NAME
  [NAME=]tcp://HOST:PORT, [NAME=]udp://HOST:PORT                  a responder
  [NAME=]accept:tcp://HOST:PORT, [NAME=]accept:udp://HOST:PORT    an initiator, which dials again and again

Adapters and programs in process declare their profiles. Of others tell them with --speaks NAME=v1,c09:tcp, or all of them have those of --profile.

Between the two stands a relay on loopback, which has none of their keys. In each cell it requires m1, m2, and m3 in the envelope and with the
sizes of the profile, by the routes that were learnt; ephemeral keys that no session of the whole matrix has used before; nothing in clear; then
--records records each way, one answer to each, no two of them equal or alike, all as long as the first echo. Then it ends the session: over TCP
it sends FIN to the initiator between two frames, which has to end its connection, and if its process ends then, with status 0; over UDP nothing
tells a peer, and processes are stopped. Crashes and sanitizer reports fail the cell. Where commands name {key} and {peerkey}, or adapters declare
option peer, each side is told the other's static key, and in one more session another one, which must not open (NOISE-011): no m3, or no record.

Over UDP a session that is silent for --timeout, though the relay has lost nothing, is tried once more: networks lose datagrams.

With --loss, --duplicate, --reorder, or --delay the relay impairs datagrams, and the matrix is of UDP alone. Channels do not repeat records: a
session in which a record is lost is over, and no failure. But at each moment the relay knows who owes what, and a cell fails if that does not
come within --timeout:
  - m2 for each m1 that has arrived, until an m2 has (TRAN-015); m3 for an m2; a first payload; the echo of a record that has arrived behind m3;
  - m1 once more, byte for byte, when m1 or m2 was lost, and m3 once more when m3 was (TRAN-014, a SHOULD, without which there are no channels
    over a network that loses). An initiator that has repeated and then falls silent has met its deadline: that session does not count.
Profiles that repeat nothing (c09, e09, c010) owe nothing after a loss, and their handshake messages are never duplicated. Sessions are begun
until --sessions of them have opened (a record of the responder has answered one) and --records went each way in all; a cell for which that takes
more than 20 times as many sessions is inconclusive. In e09, where 3 records of 256 cannot travel, a session may end in silence, in at most 6
and 1 for each 5 records. There nodes take only their own address for themselves, so the relay writes it in place of its own.

Exit codes: 0 all cells green, 1 a cell failed, 2 usage, 3 trouble of the kit or inconclusive, 5 nothing ran, 130 interrupted.`,
		Example: `  ockamtest interop --peer in-process:reference --peer in-process:flynn
  ockamtest interop --peer in-process:reference --peer 'mine=exec:./mypeer {role} {transport} {addr} {profile} {timeout}' --speaks mine=v1,c09:tcp
  ockamtest interop --peer in-process:reference --peer adapter:./my-adapter --transport udp --loss 5% --seed 7`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.interop(c.Context(), &o) },
	}
	f := c.Flags()
	f.StringArrayVar(&o.peers, "peer", nil, "an implementation that takes part; repeatable")
	f.StringArrayVar(&o.speaks, "speaks", nil, "NAME=PROFILE[:TRANSPORT],…: what a peer speaks; repeatable")
	f.StringSliceVar(&o.profiles, "profile", nil, "profiles: "+profileNames()+" (default: what the peers declare, else v1)")
	f.StringSliceVar(&o.transports, "transport", nil, "transports: tcp, udp (default: all that peers and profile have)")
	f.StringSliceVar(&o.initiators, "initiator", nil, "only these peers as initiators, by name")
	f.StringSliceVar(&o.responders, "responder", nil, "only these peers as responders, by name")
	f.IntVar(&o.cfg.Records, "records", 0, "records that have to go each way in each cell (default 20)")
	f.IntVar(&o.cfg.Sessions, "sessions", 0, "sessions that have to open in each cell (default 1, of an impaired relay 5)")
	f.StringVar(&o.loss, "loss", "", "share of datagrams that the relay loses, as 5% or 0.05")
	f.StringVar(&o.duplicate, "duplicate", "", "share of datagrams that it delivers twice")
	f.StringVar(&o.reorder, "reorder", "", "share of datagrams that it holds back, so that later ones overtake them")
	f.DurationVar(&o.cfg.Impairment.Delay, "delay", 0, "by which it delays every datagram, at most 200ms")
	f.StringArrayVar(&o.secrets, "secret", nil, "text that must not go through the relay in clear; repeatable (default hello)")
	f.Uint64Var(&o.cfg.Seed, "seed", 1, "seed of static keys and of the relay's choices")
	f.DurationVar(&o.cfg.Timeout, "timeout", 0, "how long a peer may take for what it owes (default 10s)")
	f.Float64Var(&o.cfg.Scale, "timeout-scale", 1, "factor on every time, for slow peers")
	f.IntVar(&o.cfg.Jobs, "jobs", 0, "responders that are served at once (default 4)")
	f.StringArrayVar(&o.reports, "report", nil, "FORMAT or FORMAT=FILE, format text or json; repeatable (default text)")
	return c
}

func (a *app) interop(ctx context.Context, o *interopOptions) error {
	outputs, err := parseReports(o.reports)
	if err != nil {
		return err
	}
	cfg, err := o.config()
	if err != nil {
		return err
	}
	cfg.Listening = func(peer, address string) { fmt.Fprintf(a.err, "listening %s for %s\n", address, peer) }
	m := a.newMeter()
	cfg.Progress = func(done, total int, c *interop.Cell) {
		m.show(done, total, fmt.Sprintf("%s %s %s -> %s", c.Profile, c.Transport, c.Initiator, c.Responder))
	}
	matrix, err := interop.Run(ctx, cfg)
	m.finish()
	if err != nil {
		return usagef("%w", err)
	}
	for _, out := range outputs {
		write := matrix.WriteText
		if out.format == "json" {
			write = matrix.WriteJSON
		}
		if out.file == "" {
			err = write(a.out)
		} else {
			err = writeFile(out.file, func(w io.Writer) error { return write(w) })
		}
		if err != nil {
			return troublef("%w", err)
		}
	}
	if code := matrix.ExitCode(); code != exitConformant {
		return &exitError{code: code}
	}
	return nil
}

// config is what was typed.
func (o *interopOptions) config() (interop.Config, error) {
	cfg := o.cfg
	cfg.Tool = conformance.ToolInfo{Name: "ockamtest", Version: version()}
	if len(o.peers) == 0 {
		return cfg, usagef("--peer: who is to speak with whom? Each --peer names an implementation")
	}
	var err error
	if cfg.Peers, err = o.parsePeers(); err != nil {
		return cfg, err
	}
	if err := o.setPlaces(&cfg); err != nil {
		return cfg, err
	}
	for _, share := range []struct {
		flag, text string
		to         *float64
	}{
		{"loss", o.loss, &cfg.Impairment.Loss}, {"duplicate", o.duplicate, &cfg.Impairment.Duplicate}, {"reorder", o.reorder, &cfg.Impairment.Reorder},
	} {
		if share.text == "" {
			continue
		}
		if *share.to, err = parseShare(share.text); err != nil {
			return cfg, usagef("--%s %s: want a share from 0 to below 1, as 5%% or 0.05", share.flag, share.text)
		}
		cfg.RerunArgs = append(cfg.RerunArgs, "--"+share.flag, share.text)
	}
	if cfg.Impairment != (interop.Impairment{}) && slices.Contains(o.transports, string(conformance.TCP)) {
		return cfg, usagef("--transport tcp: the relay impairs datagrams only, over UDP")
	}
	for _, s := range o.secrets {
		cfg.Secrets = append(cfg.Secrets, []byte(s))
	}
	cfg.RerunArgs = append(cfg.RerunArgs, o.numbers()...)
	return cfg, nil
}

// numbers are the other options that a line to run a cell again needs.
func (o *interopOptions) numbers() (args []string) {
	if d := o.cfg.Impairment.Delay; d != 0 {
		args = append(args, "--delay", d.String())
	}
	if n := o.cfg.Records; n != 0 {
		args = append(args, "--records", strconv.Itoa(n))
	}
	if n := o.cfg.Sessions; n != 0 {
		args = append(args, "--sessions", strconv.Itoa(n))
	}
	if d := o.cfg.Timeout; d != time.Duration(0) {
		args = append(args, "--timeout", d.String())
	}
	if s := o.cfg.Scale; s != 1 {
		args = append(args, "--timeout-scale", fmt.Sprint(s))
	}
	return args
}

// parsePeers reads the peers, and what is said of them.
func (o *interopOptions) parsePeers() ([]interop.Peer, error) {
	var programs []conformance.Program
	for _, b := range builtinPrograms() {
		programs = append(programs, b.program)
	}
	var peers []interop.Peer
	for _, text := range o.peers {
		p, err := interop.ParsePeer(text, programs)
		if err != nil {
			return nil, usagef("%w", err)
		}
		peers = append(peers, p)
	}
	interop.Distinguish(peers)
	for _, text := range o.speaks {
		name, list, _ := strings.Cut(text, "=")
		i := slices.IndexFunc(peers, func(p interop.Peer) bool { return p.Name == name })
		if i < 0 {
			return nil, usagef("--speaks %s: no peer has the name %q", text, name)
		}
		for one := range strings.SplitSeq(list, ",") {
			s, err := interop.ParseSpeech(one)
			if err != nil {
				return nil, usagef("--speaks %s: %w", text, err)
			}
			peers[i].Speaks = append(peers[i].Speaks, s)
		}
	}
	return peers, nil
}

// setPlaces sets what of the matrix was asked for.
func (o *interopOptions) setPlaces(cfg *interop.Config) error {
	for _, name := range o.profiles {
		p, ok := profile.Lookup(name)
		if !ok {
			return usagef("--profile %s: there is no such profile; there are %s", name, profileNames())
		}
		cfg.Profiles = append(cfg.Profiles, p)
	}
	for _, t := range o.transports {
		if t != string(conformance.TCP) && t != string(conformance.UDP) {
			return usagef("--transport %s: it is tcp or udp", t)
		}
		cfg.Transports = append(cfg.Transports, conformance.Transport(t))
	}
	cfg.Initiators, cfg.Responders = o.initiators, o.responders
	return nil
}

// parseShare reads 5% or 0.05.
func parseShare(text string) (float64, error) {
	number, percent := strings.CutSuffix(text, "%")
	share, err := strconv.ParseFloat(number, 64)
	if percent {
		share /= 100
	}
	if err == nil && (share < 0 || share >= 1) {
		err = strconv.ErrRange
	}
	return share, err
}
