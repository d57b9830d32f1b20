package conformance

// An Exemption is the reason why a requirement has no case.
type Exemption struct {
	Requirement string // ID
	Reason      string
}

// Untested returns the requirements that no case of this kit can judge, whatever way a peer is attached, each with its reason. The
// reference keeps them in tests of its own. A requirement that merely waits for its case, such as one that needs an adapter, is not
// here: it is planned.
func Untested() []Exemption {
	return []Exemption{
		{"IO-005", "it is about the types of the implementation's source; peers have no common language to write one program in"},
		{"TRAN-020", "a failed attempt at connecting shows the kit nothing to count; how often to try again no way of attaching a peer can tell it"},
		{"NOISE-015", "which vault handles live inside a peer is known to that peer alone; a claim of its own would prove nothing"},
		{"KEY-001", "a channel never asks its key agreement for this; what it sends and delivers before open is CHAN-002, and has cases"},
		{"KEY-002", "the buffers between a channel and its key agreement are inside the peer, and no byte on the wire depends on their size"},
		{"KEY-003", "nothing of a channel reaches the wire after its close, whatever its key agreement would answer then"},
		{"KEY-004", "it is about exchanging a component in the implementation's source"},
		{"CHAN-009", "the forms of the API and the absence of hidden threads are properties of the implementation's source"},
		{"VAULT-009", "the kit cannot make the device behind the vault of another program busy, late, or dead"},
		{"MEM-001", "memory after its release cannot be seen from outside the process"},
		{"MEM-002", "the kit cannot make the allocator of another program refuse"},
		{"MEM-003", "allocations cannot be counted from outside the process"},
	}
}
