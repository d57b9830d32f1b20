package conformance

// A PinnedEnv is an Env that may know what static keys the peer accepts (NOISE-011).
type PinnedEnv interface {
	Env
	// Pinned reports whether the peer was told to accept no other static key than the kit's.
	Pinned() bool
}
