package attach

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
)

const (
	defaultHandshakeTimeout = 2 * time.Second  // times Scale
	longestHandshake        = 30 * time.Second // NOISE-013
)

// An execPeer is a command that the kit starts, once or for each session, and supervises. It runs one process at a time, for one role,
// transport, and profile.
type execPeer struct {
	cfg     Config
	keyFile string // "" unless {key} is in the command

	need     conformance.Need
	run      *run // nil before the first start and after the process was found ended
	life     life
	launched bool     // by hand, for the need
	barren   bool     // the last Open gave up starting it
	deaths   []error  // not told yet
	endings  []string // of processes, not told yet
	watch    watch    // of what the process takes
	closed   bool
}

func newExecPeer(cfg Config) (*execPeer, error) {
	if cfg.HandshakeTimeout == 0 {
		cfg.HandshakeTimeout = min(cfg.scaled(defaultHandshakeTimeout), longestHandshake)
	}
	p := &execPeer{cfg: cfg}
	if p.names("peerkey") && len(cfg.KitKey) == 0 {
		return nil, fmt.Errorf("%w: {peerkey} needs the kit's static public key", ErrConfig)
	}
	if p.names("key") {
		if err := p.writeKey(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// names reports whether the command has the placeholder.
func (p *execPeer) names(placeholder string) bool {
	return slices.ContainsFunc(p.cfg.Spec.Command, func(w string) bool { return strings.Contains(w, "{"+placeholder+"}") })
}

// writeKey puts the peer's static private key where {key} points.
func (p *execPeer) writeKey() error {
	key := p.cfg.PeerKey
	switch len(key) {
	case 0:
		key = make([]byte, 32)
		rand.Read(key) // never fails
	case 32:
	default:
		return fmt.Errorf("%w: the peer's static key has %d bytes, want 32", ErrConfig, len(key))
	}
	f, err := os.CreateTemp("", "ockamtest-key-*") // mode 0600
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	_, err = fmt.Fprintf(f, "%x\n", key)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("key file: %w", errors.Join(err, os.Remove(f.Name())))
	}
	p.keyFile = f.Name()
	return nil
}

// Info describes the peer. MaxConnections is 1 once the command has shown that it ends with its session.
func (p *execPeer) Info() conformance.PeerInfo {
	info := conformance.PeerInfo{
		Name: p.cfg.Spec.Text, Attachment: string(Exec),
		Roles: p.cfg.Roles, Transports: []conformance.Transport{conformance.TCP},
		MaxConnections: p.cfg.MaxConnections,
	}
	switch {
	case p.names("role"):
		info.Roles = []conformance.Role{conformance.Responder, conformance.Initiator}
	case len(info.Roles) == 0:
		info.Roles = []conformance.Role{conformance.Responder}
	}
	if p.cfg.asksRouter() && !slices.Contains(info.Roles, conformance.Router) {
		info.Roles = append(info.Roles, conformance.Router)
	}
	switch {
	case p.names("transport"):
		info.Transports = append(info.Transports, conformance.UDP)
	case len(p.cfg.Transports) > 0:
		info.Transports = slices.Clone(p.cfg.Transports)
	case slices.Equal(p.cfg.Roles, []conformance.Role{conformance.Router}): // which says where it listens over each
		info.Transports = append(info.Transports, conformance.UDP)
	}
	if p.names("depth") {
		info.Depths = conformance.MaxDepth
	}
	info.Pinned = p.names("peerkey")
	if p.names("timeout") {
		info.HandshakeDeadline = p.cfg.HandshakeTimeout
	}
	if info.MaxConnections == 0 && p.life == oneSession {
		info.MaxConnections = 1
	}
	return info
}

// Close stops the process.
func (p *execPeer) Close() error {
	if p.closed {
		return nil
	}
	p.closed = true
	p.stop()
	if p.keyFile == "" {
		return nil
	}
	if err := os.Remove(p.keyFile); err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	return nil
}

// command is the command line for one process. address is where a responder binds, or where an initiator dials.
func (p *execPeer) command(address string) ([]string, error) {
	words := make([]string, len(p.cfg.Spec.Command))
	for i, w := range p.cfg.Spec.Command {
		var err error
		if words[i], err = expand(w, func(name string) (string, error) { return p.value(name, address) }); err != nil {
			return nil, err
		}
	}
	return words, nil
}

// route is the way to the channel listener behind an address, for both sides, as the profile has it: "local:" and hex, comma-separated.
func (p *execPeer) route() string {
	known, _ := profile.Lookup(p.need.Profile)
	route := p.cfg.Route
	if route == nil {
		route = conformance.DefaultRoute(known)
	}
	texts := make([]string, len(route))
	for i, a := range route {
		texts[i] = a.String()
	}
	return strings.Join(texts, ",")
}

func (p *execPeer) value(name, address string) (string, error) {
	switch name {
	case "role":
		return string(p.need.Role), nil
	case "transport":
		return string(p.need.Transport), nil
	case "profile":
		return p.need.Profile, nil
	case "addr":
		return address, nil
	case "key":
		return p.keyFile, nil
	case "peerkey":
		key := p.cfg.KitKey[p.need.Profile]
		if len(key) == 0 {
			return "", fmt.Errorf("%w: the kit has no static key in %s", ErrConfig, p.need.Profile)
		}
		return hex.EncodeToString(key), nil
	case "depth":
		return strconv.Itoa(max(1, p.need.Depth)), nil
	case "timeout":
		return strconv.FormatInt(p.cfg.HandshakeTimeout.Milliseconds(), 10), nil
	case "route":
		return p.route(), nil
	}
	return "", fmt.Errorf("%w: unknown placeholder {%s}", ErrConfig, name)
}
