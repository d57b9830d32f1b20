// Package interop lets peers speak with each other: each as initiator with each as responder, itself included, in each profile and over each
// transport that both have, through a relay of the kit. It knows none of their keys and sees what anybody on the way sees.
//
// What a session through the relay has to look like is that of sections 3 to 8 of the specification, as far as it shows from outside: m1, m2, and
// m3 in order, in the envelope and with the sizes of the profile, by the routes that were learnt; ephemeral keys that are never used twice;
// then records that nobody can tell from random bytes, each an echo of the one before. It does not show that what is echoed is what was sent;
// but both sides were written to close a channel, or to be silent, when it is not.
//
// Over UDP the relay may lose, repeat, delay, and reorder datagrams. Then it holds each side to what the specification makes it owe at each
// moment: see Config.
//
// Run is for one goroutine; it runs cells in several of its own, which have ended when it returns.
package interop

import (
	"errors"
	"fmt"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
)

// ErrConfig says that a field of a Config is missing or out of range, or two of them do not fit together.
var ErrConfig = errors.New("interop: invalid configuration")

// A Config tells who is to speak with whom. Peers is required.
type Config struct {
	Peers []Peer
	// Profiles are those to speak; nil means what the peers declare, and v1 where one declares nothing.
	Profiles []profile.Profile
	// Transports are those to speak over; nil means all that peers and profile have, with an Impairment UDP alone.
	Transports []conformance.Transport
	// Initiators and Responders are the names of the peers that take a role; nil means all.
	Initiators, Responders []string

	// Records is how many records have to go each way in each cell, over all its sessions; 0 means 20.
	Records int
	// Sessions is how many sessions of each cell have to open. 0 means 1, with an Impairment 5.
	Sessions int
	// Impairment is what the relay does to datagrams. The zero Impairment is none.
	Impairment Impairment
	// Secrets must not go through the relay in clear; nil means the first payload of the peers of the kit.
	Secrets [][]byte

	// Seed makes keys, programs in process, and the relay's choices reproducible.
	Seed uint64
	// Timeout is how long a peer may take for what it owes; 0 means 10 s.
	Timeout time.Duration
	// Scale multiplies every time that the kit waits; 0 means 1.
	Scale float64
	// Jobs is how many responders are served at once; 0 means 4.
	Jobs int

	// Tool is what the matrix names as its maker.
	Tool conformance.ToolInfo
	// RerunArgs are what was typed beside peers, profile, and transport: they stand in the line that runs a cell again.
	RerunArgs []string
	// Listening is called with the address that an accept: peer is to dial; nil if nobody wants to know.
	Listening func(peer, address string)
	// Progress is called after each cell; nil if nobody wants to know. Calls do not overlap.
	Progress func(done, total int, c *Cell)

	lose func(from side, k kind, sent int) bool // instead of what Impairment.Loss loses; for tests
}

// Defaults of a Config.
const (
	defaultRecords  = 20
	defaultSessions = 5 // with an Impairment
	defaultTimeout  = 10 * time.Second
	defaultJobs     = 4
)

// withDefaults checks the Config and fills it in.
func (c Config) withDefaults() (Config, error) {
	if len(c.Peers) == 0 {
		return c, fmt.Errorf("%w: no peer", ErrConfig)
	}
	if c.Records < 0 || c.Sessions < 0 || c.Timeout < 0 || c.Jobs < 0 || c.Scale < 0 {
		return c, fmt.Errorf("%w: negative", ErrConfig)
	}
	if err := c.Impairment.check(); err != nil {
		return c, err
	}
	names := map[string]bool{}
	for _, p := range c.Peers {
		if p.Name == "" || names[p.Name] {
			return c, fmt.Errorf("%w: peers need names of their own", ErrConfig)
		}
		names[p.Name] = true
	}
	for _, name := range append(append([]string{}, c.Initiators...), c.Responders...) {
		if !names[name] {
			return c, fmt.Errorf("%w: no peer has the name %q", ErrConfig, name)
		}
	}
	setDefault(&c.Records, defaultRecords)
	if c.Impairment.any() {
		setDefault(&c.Sessions, defaultSessions)
	}
	setDefault(&c.Sessions, 1)
	setDefault(&c.Timeout, defaultTimeout)
	setDefault(&c.Scale, 1)
	setDefault(&c.Jobs, defaultJobs)
	if c.Transports == nil {
		c.Transports = []conformance.Transport{conformance.TCP, conformance.UDP}
		if c.Impairment.any() {
			c.Transports = c.Transports[1:]
		}
	}
	if c.Secrets == nil {
		c.Secrets = [][]byte{[]byte("hello")}
	}
	return c, nil
}

func setDefault[T comparable](p *T, value T) {
	var zero T
	if *p == zero {
		*p = value
	}
}

// scaled is d times Scale.
func (c *Config) scaled(d time.Duration) time.Duration { return time.Duration(float64(d) * c.Scale) }

// handshakeTimeout is the handshake deadline of peers that can be told one: the default of NOISE-013, where that is not slowed down.
func (c *Config) handshakeTimeout() time.Duration {
	return min(c.scaled(10*time.Second), 30*time.Second)
}

// patience is how long a peer may take for what it owes.
func (c *Config) patience() time.Duration { return c.scaled(c.Timeout) }
