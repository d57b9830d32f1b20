package atomicfiletest

import (
	"os"

	"ockamtest/ref/vault/atomicfile"
)

// Tears is in how many parts a Killer can tear a write.
const Tears = 12

// A Killer is the real file system, in which the process kills itself, by a signal where there are signals, in one of the calls that change
// files. The zero Killer kills nothing.
type Killer struct {
	atomicfile.OS

	// Call is before which call, from 1, the process is killed; 0: none.
	Call int
	// Dying is called just before that.
	Dying func()
	// Written is how much of that call is done before, if it is a write, in parts of Tears.
	Written int

	calls int
}

// here kills the process if this is the call.
func (k *Killer) here(write func(parts int)) {
	if k.Call == 0 {
		return
	}
	if k.calls++; k.calls != k.Call {
		return
	}
	if write != nil {
		write(k.Written)
	}
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		panic(err)
	}
	if k.Dying != nil {
		k.Dying()
	}
	if err := self.Kill(); err != nil {
		panic(err)
	}
	select {} // until the signal arrives
}

// Create implements atomicfile.FS.
func (k *Killer) Create(name string) (atomicfile.File, error) {
	k.here(nil)
	f, err := k.OS.Create(name)
	return &killedFile{f, k}, err
}

// Rename implements atomicfile.FS.
func (k *Killer) Rename(oldName, newName string) error {
	k.here(nil)
	return k.OS.Rename(oldName, newName)
}

// Remove implements atomicfile.FS.
func (k *Killer) Remove(name string) error {
	k.here(nil)
	return k.OS.Remove(name)
}

// SyncDir implements atomicfile.FS.
func (k *Killer) SyncDir(name string) error {
	k.here(nil)
	return k.OS.SyncDir(name)
}

// A killedFile is a file of a Killer that is opened to be written.
type killedFile struct {
	atomicfile.File
	killer *Killer
}

func (f *killedFile) Write(p []byte) (int, error) {
	f.killer.here(func(parts int) { _, _ = f.File.Write(p[:len(p)*parts/Tears]) })
	return f.File.Write(p)
}

func (f *killedFile) Sync() error {
	f.killer.here(nil)
	return f.File.Sync()
}

func (f *killedFile) Close() error {
	f.killer.here(nil)
	return f.File.Close()
}
