package wire

// The longest UDP datagrams in bytes, by the version of IP (REC-010).
const (
	MaxUDP4 = 65507
	MaxUDP6 = 65527
)

// MaxMessage is the longest wire message in bytes that is sent to a, a numeric transport address (REC-010); over an IO without addresses, the
// zero Address, it is the constant of that name.
func (a Address) MaxMessage() int {
	switch {
	case a.kind == UDP && a.host == IPv4:
		return MaxUDP4
	case a.kind == UDP:
		return MaxUDP6
	}
	return MaxMessage
}
