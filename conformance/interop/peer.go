package interop

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"ockamtest/conformance"
	"ockamtest/conformance/attach"
	"ockamtest/ref/profile"
)

// A Peer is an implementation that takes part. Name and Spec are required.
type Peer struct {
	Name string
	Spec attach.Spec
	// Speaks is what it speaks; nil means what its adapter or program declares, or what the Config asks for.
	Speaks []Speech
	// Program is what in-process: names.
	Program conformance.Program
}

// A Speech is a profile that a peer speaks.
type Speech struct {
	Profile    string
	Transports []conformance.Transport // nil: all that the profile has
}

var peerName = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9._-]*)=`)

// ParsePeer reads [NAME=]PEER, where PEER is as attach.Parse reads it. Without a name it is that of the program, or the text. programs are what
// in-process: can name.
func ParsePeer(text string, programs []conformance.Program) (Peer, error) {
	p, rest := Peer{}, text
	if m := peerName.FindStringSubmatch(text); m != nil {
		p.Name, rest = m[1], text[len(m[0]):]
	}
	var err error
	if p.Spec, err = attach.Parse(rest); err != nil {
		return p, err
	}
	if p.Spec.Packets != "" {
		return p, fmt.Errorf("%w: %s: routers do not speak with each other", ErrConfig, rest)
	}
	if p.Name == "" {
		p.Name = nameOf(p.Spec)
	}
	if p.Spec.Kind != attach.InProcess {
		return p, nil
	}
	i := slices.IndexFunc(programs, func(q conformance.Program) bool { return q.Name == p.Spec.Program })
	if i < 0 {
		return p, fmt.Errorf("%w: no program in process is named %q", ErrConfig, p.Spec.Program)
	}
	p.Program = programs[i]
	return p, nil
}

// nameOf is what a peer without a name is called.
func nameOf(s attach.Spec) string {
	switch s.Kind {
	case attach.InProcess:
		return s.Program
	case attach.Exec, attach.Adapter:
		return filepath.Base(s.Command[0])
	case attach.Dial, attach.Accept:
	}
	return s.Text
}

// Distinguish gives peers of the same name a number each.
func Distinguish(peers []Peer) {
	used := map[string]bool{}
	for i := range peers {
		name := peers[i].Name
		for n := 2; used[peers[i].Name]; n++ {
			peers[i].Name = name + "-" + strconv.Itoa(n)
		}
		used[peers[i].Name] = true
	}
}

// ParseSpeech reads PROFILE[:TRANSPORT], as v1 or c09:tcp.
func ParseSpeech(text string) (Speech, error) {
	name, transport, chosen := strings.Cut(text, ":")
	p, ok := profile.Lookup(name)
	if !ok {
		return Speech{}, fmt.Errorf("%w: there is no profile %q", ErrConfig, name)
	}
	s := Speech{Profile: name}
	if chosen {
		s.Transports = []conformance.Transport{conformance.Transport(transport)}
		if !has(p, s.Transports[0]) {
			return s, fmt.Errorf("%w: profile %s does not run over %q", ErrConfig, name, transport)
		}
	}
	return s, nil
}

// has tells whether a profile runs over a transport.
func has(p profile.Profile, t conformance.Transport) bool {
	return t == conformance.TCP && slices.Contains(p.Transports, profile.TCP) || t == conformance.UDP && slices.Contains(p.Transports, profile.UDP)
}

// roles are those that the peer can take.
func (p *Peer) roles(info conformance.PeerInfo) []conformance.Role {
	switch p.Spec.Kind {
	case attach.InProcess:
		return p.Program.Roles
	case attach.Dial:
		return []conformance.Role{conformance.Responder}
	case attach.Accept:
		return []conformance.Role{conformance.Initiator}
	case attach.Exec:
		if p.Spec.Names("role") {
			return []conformance.Role{conformance.Initiator, conformance.Responder}
		}
		return []conformance.Role{conformance.Responder}
	case attach.Adapter:
	}
	return info.Roles
}

// A talker is a Peer and what is known of it.
type talker struct {
	Peer
	info     conformance.PeerInfo // of an adapter
	declared []string             // profiles of an adapter
	trouble  error                // the adapter does not start
	persists atomic.Bool          // its process does not end with its connection
}

// meet asks an adapter what it declares.
func meet(ctx context.Context, cfg *Config, p Peer) (*talker, error) {
	t := &talker{Peer: p}
	if p.Spec.Kind != attach.Adapter {
		return t, nil
	}
	peer, err := attach.Open(ctx, attach.Config{Spec: p.Spec, Scale: cfg.Scale, KitKey: map[string][]byte{}})
	if errors.Is(err, conformance.ErrUnreachable) && ctx.Err() == nil {
		t.trouble = err
		return t, nil
	}
	if err != nil {
		return nil, err
	}
	t.info = peer.Info()
	t.declared, _ = attach.DeclaredProfiles(peer)
	if err := peer.Close(); err != nil {
		t.trouble = err
	}
	return t, nil
}

// takes tells whether the peer can take a role; one that does not start is blamed in either.
func (t *talker) takes(role conformance.Role) bool {
	return t.trouble != nil || slices.Contains(t.roles(t.info), role)
}

// speaks tells whether the peer speaks a profile over a transport. chosen are the profiles that the user has named, for a peer that declares
// nothing.
func (t *talker) speaks(p profile.Profile, over conformance.Transport, chosen []profile.Profile) bool {
	if !has(p, over) || !t.reaches(over) {
		return false
	}
	if t.Speaks != nil {
		return slices.ContainsFunc(t.Speaks, func(s Speech) bool {
			return s.Profile == p.Name && (s.Transports == nil || slices.Contains(s.Transports, over))
		})
	}
	switch t.Spec.Kind {
	case attach.InProcess:
		return slices.Contains(t.Program.Speaks(over), p.Name)
	case attach.Adapter:
		if t.trouble == nil {
			return slices.Contains(t.declared, p.Name)
		}
	default:
	}
	if chosen == nil {
		return p.Name == profile.V1().Name
	}
	return true
}

// reaches tells whether the peer can be spoken with over a transport.
func (t *talker) reaches(over conformance.Transport) bool {
	switch t.Spec.Kind {
	case attach.Dial, attach.Accept:
		return t.Spec.UDP == (over == conformance.UDP)
	case attach.Exec:
		return t.Spec.Names("transport") || t.Speaks != nil || over == conformance.TCP
	case attach.Adapter:
		return t.trouble != nil || slices.Contains(t.info.Transports, over)
	case attach.InProcess:
	}
	return true
}

// hasKey tells whether the kit can choose the peer's static key.
func (t *talker) hasKey() bool {
	return t.Spec.Kind == attach.Exec && t.Spec.Names("key") || t.Spec.Kind == attach.Adapter
}

// isReference tells whether the peer is package ref as applications use it.
func (t *talker) isReference() bool {
	return t.Spec.Kind == attach.InProcess && t.Program.Name == attach.Reference().Name
}

// pins tells whether the kit can tell the peer which static key to accept, and insists whether it has to be told.
func (t *talker) pins() bool { return t.insists() || t.info.Pinned || t.isReference() }

func (t *talker) insists() bool { return t.Spec.Names("peerkey") }
