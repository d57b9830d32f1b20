package selftest_test

import (
	"errors"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
	"ockamtest/vectors"
)

// An alteration makes a configuration one that makes no channel, or one that still does. applies is nil if it always applies.
type alteration struct {
	change  func(*channel.Config)
	applies func(*channel.Config) bool
}

func addressed(c *channel.Config) bool   { return c.Local != wire.Address{} }
func unaddressed(c *channel.Config) bool { return !addressed(c) }
func initiates(c *channel.Config) bool   { return addressed(c) && c.Role == channel.Initiator }
func responds(c *channel.Config) bool    { return addressed(c) && c.Role == channel.Responder }
func routeless(c *channel.Config) bool   { return !c.Profile.Routes }

func listens(where profile.Listener, role channel.Role) func(*channel.Config) bool {
	return func(c *channel.Config) bool { return addressed(c) && c.Profile.Listener == where && c.Role == role }
}

func refusedConfigs() map[string]alteration {
	named, long := wire.TCPAddressDNS("example.com", 80), wire.LocalAddress(make([]byte, 256))
	local, mapped := wire.LocalAddress([]byte("x")), wire.TCPAddress6([16]byte{10: 0xff, 11: 0xff, 12: 127}, 80)
	other := wire.TCPAddress4([4]byte{10, 1, 2, 3}, 9)
	return map[string]alteration{
		"own name":            {func(c *channel.Config) { c.Local = named }, addressed},
		"peer's name":         {func(c *channel.Config) { c.Remote, c.Route = named, nil }, addressed},
		"own is local":        {func(c *channel.Config) { c.Local = local }, addressed},
		"own is mapped":       {func(c *channel.Config) { c.Local = mapped }, addressed},
		"peer is mapped":      {func(c *channel.Config) { c.Remote, c.Route = mapped, nil }, addressed},
		"own without peer":    {func(c *channel.Config) { c.Remote = wire.Address{} }, addressed},
		"peer without own":    {func(c *channel.Config) { c.Local = wire.Address{} }, addressed},
		"one of two":          {func(c *channel.Config) { c.Remote = other }, unaddressed},
		"peer without port":   {func(c *channel.Config) { c.Remote, c.Route = c.Remote.WithPort(0), nil }, initiates},
		"address too long":    {func(c *channel.Config) { c.Address = long }, nil},
		"address is no local": {func(c *channel.Config) { c.Address = other }, nil},
		"listener too long":   {func(c *channel.Config) { c.Listener = long }, nil},
		"initiator listens":   {func(c *channel.Config) { c.Listener = local }, initiates},
		"responder has route": {func(c *channel.Config) { c.Route = wire.Route{c.Remote} }, responds},
		"route elsewhere":     {func(c *channel.Config) { c.Route = wire.Route{other, local} }, initiates},
		"route has no form":   {func(c *channel.Config) { c.Route = wire.Route{c.Remote, long} }, initiates},
		"address, no routes":  {func(c *channel.Config) { c.Address = local }, routeless},
		"listener, no routes": {func(c *channel.Config) { c.Role, c.Listener = channel.Responder, local }, routeless},
		"no address of its own": {
			func(c *channel.Config) { c.Address = wire.Address{} }, listens(profile.ResponderOnly, channel.Responder),
		},
		"route to no listener":   {func(c *channel.Config) { c.Route = nil }, listens(profile.ResponderOnly, channel.Initiator)},
		"a listener of its own":  {func(c *channel.Config) { c.Listener = local }, listens(profile.NodeOnly, channel.Responder)},
		"route to some listener": {func(c *channel.Config) { c.Route = wire.Route{c.Remote, local} }, listens(profile.NodeOnly, channel.Initiator)},
		"small window":           {func(c *channel.Config) { c.Window = channel.MinWindow - 1 }, nil},
		"large window":           {func(c *channel.Config) { c.Window = channel.MaxWindow + 1 }, nil},
		"long deadline":          {func(c *channel.Config) { c.Deadline = channel.MaxDeadline + 1 }, nil},
		"negative deadline":      {func(c *channel.Config) { c.Deadline = -1 }, nil},
		"late repeat":            {func(c *channel.Config) { c.RepeatAfter = channel.MaxDeadline + 1 }, nil},
		"early repeat":           {func(c *channel.Config) { c.RepeatAfter = -1 }, nil},
		"negative limit":         {func(c *channel.Config) { c.MessageLimit = -1 }, nil},
		"no agreement":           {func(c *channel.Config) { c.Agreement = nil }, nil},
		"no profile":             {func(c *channel.Config) { c.Profile = profile.Profile{} }, nil},
		"no role":                {func(c *channel.Config) { c.Role = 2 }, nil},
	}
}

func acceptedConfigs() map[string]alteration {
	return map[string]alteration{
		"least window":             {func(c *channel.Config) { c.Window = channel.MinWindow }, nil},
		"greatest window":          {func(c *channel.Config) { c.Window = channel.MaxWindow }, nil},
		"longest deadline":         {func(c *channel.Config) { c.Deadline = channel.MaxDeadline }, nil},
		"shortest deadline":        {func(c *channel.Config) { c.Deadline = 1 }, nil},
		"latest repeat":            {func(c *channel.Config) { c.RepeatAfter = channel.MaxDeadline }, nil},
		"a limit":                  {func(c *channel.Config) { c.MessageLimit = 1 }, nil},
		"a responder takes port 0": {func(c *channel.Config) { c.Remote = c.Remote.WithPort(0) }, responds},
		"over an IO, no addresses": {func(c *channel.Config) { c.Local, c.Remote, c.Route = wire.Address{}, wire.Address{}, nil }, addressed},
		"the route to the end alone": {
			func(c *channel.Config) { c.Route = wire.Route{c.Remote} }, listens(profile.NodeOnly, channel.Initiator),
		},
	}
}

// What makes no channel is refused: addresses that are none of their kind, routes that do not fit the role or the profile, windows and times
// that the specification does not have; and what just fits is not.
func TestReferenceOfConfigs(t *testing.T) {
	tried := map[string]int{}
	transcripts(t, func(x transcript) {
		if x.v.Result != vectors.Valid {
			return
		}
		for name, a := range refusedConfigs() {
			cfg := x.config(0)
			if a.applies != nil && !a.applies(&cfg) {
				continue
			}
			tried[name]++
			a.change(&cfg)
			if _, err := channel.New(cfg); !errors.Is(err, channel.ErrConfig) {
				t.Errorf("%d: %s: %v", x.v.TcID, name, err)
			}
		}
		for name, a := range acceptedConfigs() {
			cfg := x.config(0)
			if a.applies != nil && !a.applies(&cfg) {
				continue
			}
			tried[name]++
			a.change(&cfg)
			if _, err := channel.New(cfg); err != nil {
				t.Errorf("%d: %s: %v", x.v.TcID, name, err)
			}
		}
	})
	for _, all := range []map[string]alteration{refusedConfigs(), acceptedConfigs()} {
		for name := range all {
			if tried[name] == 0 {
				t.Errorf("%s was not tried", name)
			}
		}
	}
}
