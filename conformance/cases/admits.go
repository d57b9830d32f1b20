package cases

import (
	"slices"
	"strings"

	"ockamtest/conformance"
)

// admits are the parameters that may be varied in a case (conformance.Parameters): each of its messages is what it is whatever frames it is
// written in, behind whatever hops the kit claims to be, and, of the few cases that choose a payload's length for no reason, however long that is.
func admits(c conformance.Case) (names []string) {
	if slices.Contains(farCases(), c.ID) && c.ID != "noise/handshake-deadline" { // what hops do not disturb; that case tells little behind them
		names = append(names, conformance.RouteParameter)
	}
	if slices.Contains(sizedCases(), c.ID) {
		names = append(names, conformance.SizeParameter)
	}
	area, _, _ := strings.Cut(c.ID, "/")
	if c.Needs == conformance.NeedsNothing && slices.Contains([]string{"wire", "noise", "chan", "rec", "rout"}, area) { // not those about frames
		names = append(names, conformance.FragmentationParameter)
	}
	return names
}

// sizedCases send payloads only to see a channel work.
func sizedCases() []string {
	return []string{
		"chan/open-and-echo",
	}
}
