// Package atomicfiletest has file systems for tests: Disk, a simulated one, on which calls fail and machines crash when a test wants it,
// and Killer, the real one, in which the process is killed. They show that code which replaces files keeps the old content or the new
// (VAULT-007; specification section 9).
//
// On a Disk a write is torn; what was not flushed may be there after a crash, or in part, or as zeros, or not at all; names that were made,
// moved, or removed since the directory was flushed may each be as before or as after. It knows one directory.
package atomicfiletest

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"sync"

	"ockamtest/ref/vault/atomicfile"
)

var (
	// ErrInjected is the error of a call that was made to fail.
	ErrInjected = errors.New("atomicfiletest: injected fault")
	// ErrCrashed is the error of every call after the crash.
	ErrCrashed = errors.New("atomicfiletest: the machine has crashed")
)

// An Extent tells how much of a call is done before it fails or the machine crashes.
type Extent int

// Half differs from None for writes alone.
const (
	None Extent = iota
	Half
	All
)

// A Disk is a simulated disk. It is safe for concurrent use.
type Disk struct {
	mu      sync.Mutex
	names   map[string]*inode // as programs see it
	durable map[string]*inode // as it was when the directory was flushed
	locks   map[string]bool
	calls   int
	failAt  int
	crashAt int
	extent  Extent
	crashed bool
}

// An inode is a file's content: as programs see it, and as it was flushed.
type inode struct {
	data, flushed []byte
}

var _ atomicfile.FS = (*Disk)(nil)

// NewDisk returns an empty disk.
func NewDisk() *Disk {
	return &Disk{names: map[string]*inode{}, durable: map[string]*inode{}, locks: map[string]bool{}}
}

// FailAt makes the k-th call from now fail with ErrInjected, once, after it is done as far as extent says. 0 cancels.
func (d *Disk) FailAt(k int, extent Extent) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls, d.failAt, d.crashAt, d.extent = 0, k, 0, extent
}

// CrashAt makes the machine crash in the k-th call from now, after it is done as far as extent says.
func (d *Disk) CrashAt(k int, extent Extent) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls, d.failAt, d.crashAt, d.extent = 0, 0, k, extent
}

// Calls returns the number of calls since FailAt or CrashAt.
func (d *Disk) Calls() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls
}

// do counts a call and does it as far as it gets. half is what a torn call does; nil: nothing.
func (d *Disk) do(whole func() error, half func()) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.crashed {
		return ErrCrashed
	}
	var fault error
	switch d.calls++; d.calls {
	case d.failAt:
		fault = ErrInjected
	case d.crashAt:
		d.crashed, fault = true, ErrCrashed
	default:
		return whole()
	}
	switch {
	case d.extent == All:
		_ = whole() // what it would have told is lost
	case d.extent == Half && half != nil:
		half()
	}
	return fault
}

// Open implements atomicfile.FS.
func (d *Disk) Open(name string) (f atomicfile.File, err error) {
	err = d.do(func() error {
		i, ok := d.names[name]
		if !ok {
			return &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		f = &file{disk: d, inode: i, reader: bytes.NewReader(slices.Clone(i.data))}
		return nil
	}, nil)
	return f, err
}

// Create implements atomicfile.FS.
func (d *Disk) Create(name string) (f atomicfile.File, err error) {
	err = d.do(func() error {
		if d.names[name] != nil {
			return &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
		}
		d.names[name] = &inode{}
		f = &file{disk: d, inode: d.names[name]}
		return nil
	}, nil)
	return f, err
}

// Rename implements atomicfile.FS.
func (d *Disk) Rename(oldName, newName string) error {
	return d.do(func() error {
		if d.names[oldName] == nil {
			return &fs.PathError{Op: "rename", Path: oldName, Err: fs.ErrNotExist}
		}
		d.names[newName] = d.names[oldName]
		delete(d.names, oldName)
		return nil
	}, nil)
}

// Remove implements atomicfile.FS.
func (d *Disk) Remove(name string) error {
	return d.do(func() error {
		if d.names[name] == nil {
			return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
		}
		delete(d.names, name)
		return nil
	}, nil)
}

// SyncDir implements atomicfile.FS.
func (d *Disk) SyncDir(string) error {
	return d.do(func() error {
		d.durable = maps.Clone(d.names)
		return nil
	}, nil)
}

// Lock takes the lock of a name, or fails with atomicfile.ErrLocked. A crash frees all locks, and so does a Close that fails.
func (d *Disk) Lock(name string) (unlock io.Closer, err error) {
	err = d.do(func() error {
		if d.locks[name] {
			return atomicfile.ErrLocked
		}
		d.locks[name] = true
		unlock = closer(func() error {
			d.free(name)
			return d.do(func() error { return nil }, nil)
		})
		return nil
	}, nil)
	return unlock, err
}

func (d *Disk) free(lock string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.locks[lock] = false
}

type closer func() error

func (c closer) Close() error { return c() }

// A file is an open file.
type file struct {
	disk   *Disk
	inode  *inode
	reader io.Reader // of a snapshot; nil: opened to be written
}

func (f *file) Read(p []byte) (n int, err error) {
	fault := f.disk.do(func() error {
		if f.reader == nil {
			return fs.ErrInvalid
		}
		n, err = f.reader.Read(p)
		return nil
	}, nil)
	if fault != nil {
		return 0, fault
	}
	return n, err
}

func (f *file) Write(p []byte) (n int, err error) {
	write := func(p []byte) {
		f.inode.data = append(f.inode.data, p...)
		n = len(p)
	}
	err = f.disk.do(func() error {
		if f.reader != nil {
			return fs.ErrInvalid
		}
		write(p)
		return nil
	}, func() { write(p[:len(p)/2]) })
	return n, err
}

func (f *file) Sync() error {
	return f.disk.do(func() error {
		f.inode.flushed = slices.Clone(f.inode.data)
		return nil
	}, nil)
}

func (f *file) Close() error { return f.disk.do(func() error { return nil }, nil) }
