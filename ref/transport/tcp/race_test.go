//go:build race

package tcp_test

// raceDetector: sync.Pool forgets at random what it was given, so that pooled buffers are allocated now and then.
const raceDetector = true
