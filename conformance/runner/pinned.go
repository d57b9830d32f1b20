package runner

// Pinned reports whether the peer was told to accept no other static key than the kit's.
func (e *env) Pinned() bool { return e.run.info.Pinned }
