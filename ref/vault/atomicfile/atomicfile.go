// Package atomicfile replaces files: a crash of the process or of the machine at any moment leaves the old content or the new, never
// neither. It is below the key store and the key files (VAULT-007; specification section 9).
//
// The content goes to a temporary file in the same directory, which is flushed to the disk, renamed over the old file, and the
// directory flushed. On Windows directories cannot be flushed: there a crash of the machine may bring the old content back after
// Replace has returned, but no mixture.
//
// Replace takes no lock: callers that may write the same file at once take one, with FS.Lock, or use temporary files of their own. It
// follows no symbolic link in place of the file: the link is replaced.
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrLocked is the error of a lock that somebody else holds.
var ErrLocked = errors.New("atomicfile: locked by another user")

// An FS is the part of a file system that is needed to replace a file, and to do so alone. Errors are those of
// package os.
type FS interface {
	// Open opens a file to be read.
	Open(name string) (File, error)
	// Create makes a new file and opens it to be written. It fails with fs.ErrExist.
	Create(name string) (File, error)
	// Rename replaces the file newName, if there is one, by the file oldName, as one step.
	Rename(oldName, newName string) error
	// Remove removes a file. It fails with fs.ErrNotExist.
	Remove(name string) error
	// SyncDir makes the creations and renames in a directory durable.
	SyncDir(name string) error
	// Lock makes the file name, if it is not there, and takes a lock on it, which ends when it is closed, or with the process, however
	// that ends. It does not wait: it fails with ErrLocked. The file stays.
	Lock(name string) (io.Closer, error)
}

// A File is an open file, an *os.File for example. Sync makes what was written durable.
type File interface {
	io.ReadWriteCloser
	Sync() error
}

// OS is the file system of the program.
type OS struct {
	// Mode is that of new files; 0 means 0600.
	Mode fs.FileMode
}

var _ FS = OS{}

// Open implements FS.
func (OS) Open(name string) (File, error) { return os.Open(name) }

// Create implements FS.
func (o OS) Create(name string) (File, error) {
	mode := o.Mode
	if mode == 0 {
		mode = 0o600
	}
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
}

// Rename implements FS.
func (OS) Rename(oldName, newName string) error { return os.Rename(oldName, newName) }

// Remove implements FS.
func (OS) Remove(name string) error { return os.Remove(name) }

// Replace makes content the content of the file name. The temporary file is to be in the same directory, and nobody else's; one that a
// crash left there is removed first.
//
// When it fails the file has the old content, unless it was the directory that could not be flushed: then it has the new content, which a
// crash of the machine may undo.
func Replace(f FS, name, temporary string, content []byte) error {
	if err := f.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replace: %w", err)
	}
	err := write(f, temporary, content)
	if err == nil {
		err = f.Rename(temporary, name)
	}
	if err != nil {
		_ = f.Remove(temporary) // what is left will be removed the next time
		return fmt.Errorf("replace: %w", err)
	}
	if err := f.SyncDir(filepath.Dir(name)); err != nil {
		return fmt.Errorf("replace: flush the directory: %w", err)
	}
	return nil
}

// write makes a new file with content, and flushes it.
func write(f FS, name string, content []byte) error {
	file, err := f.Create(name)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}
