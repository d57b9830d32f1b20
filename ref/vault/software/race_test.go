//go:build race

package software_test

// raceDetector: SHA-256 allocates when its state is kept, as it is in HKDF.
const raceDetector = true
