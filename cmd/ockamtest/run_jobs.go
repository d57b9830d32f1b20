package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"ockamtest/conformance"
	"ockamtest/conformance/attach"
	"ockamtest/conformance/runner"
)

const (
	maxJobs = 64
	// peersPerJob is how many peers a job has, of those that cost little: three quarters of a run are waiting, half of that for handshake deadlines.
	peersPerJob = 4
	maxPeers    = 64
)

func (o *runOptions) jobsFlag(f *pflag.FlagSet) {
	f.IntVar(&o.jobs, "jobs", 1, "cases at work at once, each with a peer that is started for it")
}

// shareJobs finds out how many jobs there can be, and what each of them has of the peer. It returns a note if they are fewer than asked for.
func (o *runOptions) shareJobs() (note string, err error) {
	if o.jobs < 1 || o.jobs > maxJobs {
		return "", usagef("--jobs %d: it is 1 to %d", o.jobs, maxJobs)
	}
	if o.jobs == 1 || o.peer == "" {
		return "", nil
	}
	spec, err := attach.Parse(o.peer)
	if err != nil {
		return "", usagef("%w", err)
	}
	var why string
	asked := o.jobs
	switch {
	case spec.Kind == attach.Accept:
		o.jobs, why = 1, "whoever dials comes to one door"
	case spec.Kind != attach.Dial:
		return "", nil
	case spec.UDP || spec.Packets != "":
		o.jobs, why = 1, "over UDP what one job leaves half-open shows in the other's cases"
	case o.maxConnections == 0:
		o.jobs, why = 1, "how many connections the peer serves at once, --max-connections has to say"
	default:
		o.jobs = min(o.jobs, o.maxConnections)
		o.maxConnections /= o.jobs
		why = fmt.Sprintf("the peer serves no more connections at once; each job has %d", o.maxConnections)
	}
	if o.jobs == asked {
		return "", nil
	}
	return fmt.Sprintf("--jobs %d: %d at an address: %s", asked, o.jobs, why), nil
}

// attachPeers attaches the peer as often as there are jobs: in cfg then, and to be closed by closePeers.
func (a *app) attachPeers(ctx context.Context, o *runOptions, cfg *runner.Config) error {
	note, err := o.shareJobs()
	if err != nil {
		return err
	}
	if note != "" {
		fmt.Fprintf(a.err, "ockamtest: %s\n", note)
	}
	peers := o.jobs
	if spec, err := attach.Parse(o.peer); o.jobs > 1 && (o.peer == "" || err == nil && spec.Kind == attach.Exec) {
		peers, cfg.Busy = min(peersPerJob*o.jobs, maxPeers), o.jobs
	}
	for n := range peers {
		peer, err := a.attachPeer(ctx, o, cfg)
		if err != nil {
			a.closePeers(cfg)
			return err
		}
		if n == 0 {
			cfg.Peer = peer
		} else {
			cfg.Others = append(cfg.Others, peer)
		}
	}
	return nil
}

// closePeers closes all that were attached. The results are in, but a leak may be told only now.
func (a *app) closePeers(cfg *runner.Config) {
	for _, peer := range append([]conformance.Peer{cfg.Peer}, cfg.Others...) {
		if peer == nil {
			continue
		}
		var crash *attach.CrashError
		if err := peer.Close(); errors.As(err, &crash) {
			fmt.Fprintf(a.err, "ockamtest: after the run: %v\n", err)
		}
	}
}
