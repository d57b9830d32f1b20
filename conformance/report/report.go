// Package report writes the results of a run for people and for programs. Every report is a function of the results alone: the JSON
// that WriteJSON writes is all that ReadJSON and the other formats need, on another machine or years later.
//
// It holds no state; its functions may be called concurrently.
package report
