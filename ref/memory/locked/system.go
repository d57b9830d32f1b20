package locked

import (
	"unsafe"

	"github.com/awnumar/memcall"
)

// A system gives memory. All slices are whole pages.
type system interface {
	allocate(n int) ([]byte, error)
	// lock keeps b from being swapped and, where the system can, from core dumps; that also if it fails.
	lock(b []byte) error
	// forbid makes every access to b end the program.
	forbid(b []byte) error
	// free wipes what allocate returned, forbidden parts too, and gives it back.
	free(b []byte) error
}

// memcallSystem is the system that this program runs on.
type memcallSystem struct{}

func (memcallSystem) allocate(n int) ([]byte, error) { return memcall.Alloc(n) }
func (memcallSystem) lock(b []byte) error            { return memcall.Lock(b) }
func (memcallSystem) forbid(b []byte) error          { return memcall.Protect(b, memcall.NoAccess()) }
func (memcallSystem) free(b []byte) error            { return memcall.Free(b) }

// address returns where b begins. Addresses are only compared: memory of the system does not move.
func address(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }
