//go:build race

package check

// raceDetector tells whether the tests run under the race detector, which slows them down.
const raceDetector = true
