//go:build !race

package software_test

const raceDetector = false
