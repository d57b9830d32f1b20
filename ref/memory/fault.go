package memory

import "errors"

// What allocators that watch their callers report, wrapped with the buffer that it is about. Heap reports none of them.
var (
	// ErrForeign: a buffer was released that is not allocated: released twice, resliced from the front, or from elsewhere.
	ErrForeign = errors.New("memory: released a buffer that is not allocated")
	// ErrLateWrite: a released buffer is not zero any more.
	ErrLateWrite = errors.New("memory: wrote to a released buffer")
	// ErrOverrun: the bytes beside a buffer were changed.
	ErrOverrun = errors.New("memory: wrote beyond a buffer")
	// ErrLeak: buffers were still allocated when the allocator was closed.
	ErrLeak = errors.New("memory: buffers were not released")
	// ErrClosed: the allocator is closed. Allocate wraps ErrOutOfMemory with it.
	ErrClosed = errors.New("memory: allocator is closed")
)
