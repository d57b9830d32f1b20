package harness

import (
	"slices"
	"strconv"
	"strings"
)

// Version is the version of the adapter protocol that this package speaks.
const Version = 1

// A Hello is what an adapter says of itself first.
type Hello struct {
	Version int    // of the protocol, one of those offered
	Line    int    // the longest request that it takes, in bytes with the line feed, MinLine to MaxLine
	Name    string // of the implementation, with its version: a token
}

func (h Hello) fields() Fields {
	return Fields{numberField("version", uint64(h.Version)), numberField("line", uint64(h.Line)), {"name", h.Name}}
}

func (d *decoder) hello() Hello {
	h := Hello{
		Version: int(d.number("version", true, 1<<15)), Line: int(d.number("line", true, MaxLine)), Name: d.token("name", true),
	}
	if h.Line < MinLine {
		d.fault("line")
	}
	return h
}

// versionsField is the offer of a request hello.
func versionsField(versions ...int) Field {
	texts := make([]string, len(versions))
	for i, v := range versions {
		texts[i] = strconv.Itoa(v)
	}
	return Field{"versions", strings.Join(texts, ",")}
}

func (d *decoder) versions() []int {
	var out []int
	for _, text := range d.list("versions") {
		n, err := parseNumber(text, 1<<15)
		if err != nil {
			d.fault("versions")
		}
		out = append(out, int(n))
	}
	if len(out) == 0 {
		d.fault("versions")
	}
	return out
}

// Capabilities are what an adapter declares. What it does not declare it answers with unsupported, and what it declares it does not.
type Capabilities struct {
	Verbs      []Verb   // all of them, the four that every adapter has included
	Profiles   []string // names of profiles
	Roles      []Role   // of open
	Over       []Over   // of open
	Forms      []Form   // of decode and encode
	Transports []string // of listen and connect: "tcp", "udp"
	// Options are the optional fields of open, feed, write, listen, and connect that it heeds.
	Options []string
	// Channels is how many channels there can be at once; their numbers are below it. 0 without open.
	Channels int
}

func (c Capabilities) fields() Fields {
	return Fields{
		{"verbs", joined(c.Verbs)}, {"profiles", joined(c.Profiles)}, {"roles", joined(c.Roles)}, {"over", joined(c.Over)},
		{"forms", joined(c.Forms)}, {"transports", joined(c.Transports)}, {"options", joined(c.Options)}, numberField("channels", uint64(c.Channels)),
	}
}

// MaxChannels bounds the numbers of channels.
const MaxChannels = 65536

func (d *decoder) capabilities() Capabilities {
	return Capabilities{
		Verbs: split[Verb](d.list("verbs")), Profiles: d.list("profiles"), Roles: split[Role](d.list("roles")),
		Over: split[Over](d.list("over")), Forms: split[Form](d.list("forms")), Transports: d.list("transports"), Options: d.list("options"),
		Channels: int(d.number("channels", true, MaxChannels)),
	}
}

// Has reports whether a verb is declared.
func (c Capabilities) Has(v Verb) bool { return slices.Contains(c.Verbs, v) }

// Heeds reports whether an optional field is declared.
func (c Capabilities) Heeds(option string) bool { return slices.Contains(c.Options, option) }

func joined[S ~string](words []S) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return strings.Join(texts, ",")
}

func split[S ~string](texts []string) []S {
	out := make([]S, len(texts))
	for i, t := range texts {
		out[i] = S(t)
	}
	return out
}
