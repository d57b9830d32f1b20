package main

import (
	"strings"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
)

// profileNames lists the names of the profiles for messages.
func profileNames() string {
	var names []string
	for _, p := range profile.All() {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// transportNames are the transports of a profile as the command line spells them.
func transportNames(p profile.Profile) []string {
	var names []string
	for _, t := range p.Transports {
		switch t {
		case profile.TCP:
			names = append(names, string(conformance.TCP))
		case profile.UDP:
			names = append(names, string(conformance.UDP))
		}
	}
	return names
}

func joinRoles(roles []conformance.Role) string {
	var names []string
	for _, r := range roles {
		names = append(names, string(r))
	}
	return strings.Join(names, ",")
}
