package cases

import (
	"fmt"
	"slices"
	"testing"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
)

// A corner is a requirement in a role, over a transport, and in a profile of a peer.
type corner struct {
	requirement string
	role        conformance.Role
	transport   conformance.Transport
	profile     string
}

func (c corner) String() string {
	return fmt.Sprintf("%s for a %s over %s in %s", c.requirement, c.role, c.transport, c.profile)
}

// corners are all that there are of the requirements that show on the wire. A router speaks the profile that has all of section 8.
func corners() (all []corner) {
	for _, r := range conformance.Catalogue() {
		for _, p := range profile.All() {
			for _, transport := range []conformance.Transport{conformance.TCP, conformance.UDP} {
				for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator, conformance.Router} {
					runs := transport == conformance.UDP || slices.Contains(p.Transports, profile.TCP)
					if r.OnWire && runs && (role != conformance.Router || p.Name == "v1") {
						all = append(all, corner{r.ID, role, transport, p.Name})
					}
				}
			}
		}
	}
	return all
}

// has tells whether a case tests a corner.
func (c corner) has(x conformance.Case) bool {
	return slices.Contains(x.Requirements, c.requirement) && slices.Contains(x.Roles, c.role) &&
		slices.Contains(x.Transports, c.transport) && slices.Contains(x.Profiles, c.profile)
}

// An exception is why there is no case in some corners: those of the requirements, in the roles, over the transport, and in the profiles that
// it names, or in all where it names none.
type exception struct {
	requirements []string
	roles        []conformance.Role
	transport    conformance.Transport
	profiles     []string
	reason       string
}

func (e exception) covers(c corner) bool {
	return slices.Contains(e.requirements, c.requirement) && (e.roles == nil || slices.Contains(e.roles, c.role)) &&
		(e.transport == "" || e.transport == c.transport) && (e.profiles == nil || slices.Contains(e.profiles, c.profile))
}

// numbered are the requirements of an area from one number to another.
func numbered(area string, first, last int) (ids []string) {
	for n := first; n <= last; n++ {
		ids = append(ids, fmt.Sprintf("%s-%03d", area, n))
	}
	return ids
}

// Who and what an exception is about.
func routers() []conformance.Role   { return []conformance.Role{conformance.Router} }
func endPoints() []conformance.Role { return append(responder(), conformance.Initiator) }

// exceptions are reviewed: each has been asked whether there is something to be seen after all.
func exceptions() []exception {
	const tcp, udp = conformance.TCP, conformance.UDP
	tran, wire, rout := "TRAN-", "WIRE-", "ROUT-"
	return []exception{
		{slices.Concat(numbered("NOISE", 1, 10), numbered("NOISE", 13, 14), numbered("NOISE", 17, 19)), routers(), "", nil,
			"a router has no handshake"},
		{slices.Concat(numbered("CHAN", 1, 5), []string{"CHAN-008"}, numbered("CHAN", 10, 12), []string{"CHAN-014"}), routers(), "", nil,
			"a router has no channel"},
		{slices.Concat(numbered("REC", 1, 9), numbered("REC", 11, 12), []string{"REC-014"}), routers(), "", nil,
			"a router passes records on as they are, whatever is in them"},
		{[]string{rout + "008", rout + "009"}, routers(), "", nil, "they are about a channel's reply route, and about who trusts a hop"},

		{slices.Concat(numbered("TRAN", 2, 4), numbered("TRAN", 6, 8)), nil, udp, nil, "they are about byte streams"},
		{slices.Concat(numbered("TRAN", 10, 11), numbered("TRAN", 13, 16), []string{"NOISE-017", "REC-005", "REC-008"}), endPoints(), tcp, nil,
			"they are about datagrams; a stream may fail of what these drop, or drop it too"},
		{[]string{tran + "010", tran + "011", tran + "013"}, routers(), tcp, nil, "they are about datagrams"},
		{[]string{tran + "012"}, initiator(), tcp, nil, "it is about sources of datagrams"},
		{numbered("TRAN", 14, 16), routers(), "", nil, "a router repeats nothing of its own: each message leaves once (ROUT-005)"},
		{[]string{tran + "014"}, responder(), udp, nil, "initiators repeat; what a responder answers is TRAN-015"},
		{[]string{tran + "015"}, initiator(), udp, nil, "responders answer repeats of m1"},
		{[]string{tran + "016"}, responder(), udp, nil, "that a responder repeats nothing by itself is TRAN-015"},
		{[]string{tran + "016"}, initiator(), udp, v1(), "it is about profiles that do not repeat m1"},
		{[]string{tran + "023"}, initiator(), "", nil, "an initiator accepts no connections"},
		{[]string{tran + "023"}, append(responder(), conformance.Router), udp, nil,
			"sources do not block each other by TRAN-012, half-open handshakes by CHAN-012"},
		{[]string{tran + "024"}, routers(), "", nil, "that a router's address is of its transport's type is ROUT-004"},

		{[]string{tran + "024", wire + "007", wire + "009", wire + "010", wire + "011", wire + "015", "CHAN-011", "CHAN-014", "REC-011",
			rout + "001", rout + "002", rout + "003", rout + "004", rout + "005", rout + "006", rout + "007", rout + "009", rout + "010", rout + "011"},
			nil, "", c09(), "c09 has no routes, no node, and no types of what is no channel's"},
		{[]string{rout + "008"}, nil, tcp, c09(), "c09 has no routes: everything goes over the connection"},
		{[]string{wire + "009"}, nil, udp, []string{"e09"}, "without a type byte a ping with a body is another message"},
		{[]string{wire + "015"}, nil, udp, []string{"e09", "c010"}, "section 11 does not say what the code of 2020 makes of other spellings"},

		{[]string{"NOISE-009", "NOISE-018"}, nil, udp, c010(), "they are about X25519; VAULT-002 has a case about P-256"},
		{[]string{"NOISE-007"}, initiator(), udp, nil, "on datagrams an initiator fails of its deadline (NOISE-013), or of what the kit cannot cause"},
		{[]string{"NOISE-007"}, responder(), udp, []string{"e09"}, "of two m3 one may not travel, and nothing tells which"},
		{[]string{"CHAN-004"}, endPoints(), udp, nil, "on datagrams a deadline or a refused m3 fails a channel: NOISE-013 and NOISE-007 have cases"},
		{[]string{"CHAN-008"}, nil, udp, []string{"e09"}, "in e09 there are no tunnels: what is inside them could not travel"},
		{[]string{"CHAN-010"}, initiator(), tcp, nil, "an initiator's connection has one channel; that it keeps to its route is ROUT-008"},
		{[]string{"CHAN-010"}, initiator(), udp, c09(), "c09 has no local addresses"},
		{[]string{"CHAN-011"}, endPoints(), udp, nil, "over UDP every channel is on datagrams"},
		{[]string{"CHAN-012"}, initiator(), "", nil, "an initiator has the handshakes that it begins"},
		{[]string{"CHAN-014"}, nil, udp, c010(), "a peer of c010 is an end point: whatever comes is for its channel"},
		{[]string{"REC-008"}, nil, udp, []string{"e09"}, "where some records cannot travel section 11 knows receivers without a window"},
		{[]string{"REC-011"}, nil, udp, c010(), "a peer of c010 has no inner onward address and misreads a local return address (section 11)"},
		{[]string{"REC-012"}, initiator(), tcp, nil, "a stream has one channel, which may fail of the first record that does not verify"},
		{[]string{"REC-014"}, endPoints(), udp, nil, "on datagrams every record that does not verify is dropped (REC-005), also by REC-003's cases"},

		{[]string{rout + "001"}, endPoints(), tcp, v1(), "an end point on a stream may be no node: whatever comes is for its channel"},
		{[]string{rout + "001", rout + "006", rout + "007", rout + "009"}, nil, udp, c010(), "a peer of c010 is an end point that ignores addresses"},
		{[]string{rout + "002"}, initiator(), udp, []string{"e09"}, "a known deviation (section 11)"},
		{[]string{rout + "002"}, nil, udp, c010(), "a known deviation (section 11)"},
		{[]string{rout + "005", rout + "011"}, endPoints(), "", nil, "they are about hops; an end point answers once by WIRE-010 and TRAN-015"},
		{[]string{rout + "007"}, initiator(), "", nil, "an initiator has nobody beside the node that it has dialled"},
		{[]string{rout + "010"}, nil, udp, c010(), "a route has at most five addresses"},
	}
}

// Every requirement that shows on the wire has a case for each role, transport, and profile, or a reason why not; and each reason is needed
// wherever it is given, so that none hides a corner that has a case, or lost its last one.
func TestEveryCornerHasACase(t *testing.T) {
	all, reasons := All(), exceptions()
	used := make([]int, len(reasons))
	covered, excused := 0, 0
	for _, c := range corners() {
		tested := slices.ContainsFunc(all, c.has)
		excuse := slices.IndexFunc(reasons, func(e exception) bool { return e.covers(c) })
		for i, e := range reasons {
			if e.covers(c) {
				used[i]++
			}
		}
		switch {
		case tested && excuse >= 0:
			t.Errorf("%s has a case, and is excused: %s", c, reasons[excuse].reason)
		case !tested && excuse < 0:
			t.Errorf("%s has neither a case nor a reason why not", c)
		case tested:
			covered++
		default:
			excused++
		}
	}
	for i, e := range reasons {
		if used[i] == 0 || e.reason == "" {
			t.Errorf("the exception of %v excuses nothing, or gives no reason: %q", e.requirements, e.reason)
		}
	}
	if covered < 600 || excused > 500 {
		t.Errorf("%d corners have a case and %d are excused, want at least 600 and at most 500", covered, excused)
	}
	t.Logf("%d corners have a case, %d are excused for %d reasons", covered, excused, len(reasons))
}
