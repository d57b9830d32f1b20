//go:build !unix

package atomicfile

// SyncDir implements FS, as far as the system can: it does nothing.
func (OS) SyncDir(string) error { return nil }
