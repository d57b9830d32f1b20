package main

import (
	"fmt"
	"strings"

	"ockamtest/conformance/runner"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// setPlace is where the peer's channels are: in others, behind hops, before an application.
func (o *runOptions) setPlace(cfg *runner.Config) error {
	if cfg.Depths = o.depths; len(o.depths) == 0 && o.peer == "" {
		cfg.Depths, cfg.DeepIn = []int{1, 2}, []string{profile.V1().Name}
	}
	var err error
	if cfg.Route, err = parseRoute(o.route); err != nil {
		return err
	}
	if len(cfg.Route) > 0 {
		cfg.RerunArgs = append(cfg.RerunArgs, "--route", o.route)
	}
	if o.service != "" {
		a, err := wire.ParseAddressString(o.service)
		if err == nil && a.Type() != wire.Local {
			err = fmt.Errorf("%w: an application has no transport address", wire.ErrSyntax)
		}
		if err != nil {
			return usagef("--service %s: want local:HEX: %w", o.service, err)
		}
		cfg.Service = a
		cfg.RerunArgs = append(cfg.RerunArgs, "--service", o.service)
	}
	return nil
}

// parseRoute reads a --route, which may be empty.
func parseRoute(texts string) (route wire.Route, err error) {
	if texts == "" {
		return nil, nil
	}
	for i, text := range strings.Split(texts, ",") {
		a, err := wire.ParseAddressString(text)
		if err != nil {
			return nil, usagef("--route %s, address %d (%q): want tcp://HOST:PORT, udp://HOST:PORT, or local:HEX: %w", texts, i+1, text, err)
		}
		route = append(route, a)
	}
	return route, nil
}
