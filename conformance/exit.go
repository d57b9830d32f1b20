package conformance

import (
	"errors"
	"slices"
)

// Why a run does not take place.
var (
	// ErrUsage: what was asked for does not exist or does not fit together.
	ErrUsage = errors.New("conformance: usage")
	// ErrNothingSelected: everything that was asked for exists, but no case fits all of it.
	ErrNothingSelected = errors.New("conformance: no case is selected")
)

// Exit codes of a run. When several apply, interruption counts first, then 2, 5, 3, 1, 4.
const (
	ExitConformant    = 0
	ExitNotConformant = 1
	ExitUsage         = 2
	ExitTrouble       = 3 // trouble of the kit's own, or the peer could never be reached
	ExitStale         = 4 // an expectation is stale
	ExitNothingRan    = 5
	ExitInterrupted   = 130
)

// ExitCode is the exit code of a run that ended with r and err; r may be nil if err is not.
func ExitCode(r *Results, err error) int {
	switch {
	case errors.Is(err, ErrUsage):
		return ExitUsage
	case errors.Is(err, ErrNothingSelected):
		return ExitNothingRan
	case err != nil:
		return ExitTrouble
	case r.Stopped == StoppedInterrupted:
		return ExitInterrupted
	case !r.anythingRan() && !r.restsWithOthers():
		return ExitNothingRan
	}
	count := Summarize(r.Results)
	switch {
	case r.Trouble != "" || count[Error] > 0:
		return ExitTrouble
	case count[Fail] > 0 || count[NotRun] > 0: // what was not run is not known to conform
		return ExitNotConformant
	case count[UnexpectedPass] > 0, r.Expectations != nil && len(r.Expectations.Stale) > 0:
		return ExitStale
	}
	return ExitConformant
}

// anythingRan says whether a selected case was run or at least attempted. A control that was not selected is no such case.
func (r *Results) anythingRan() bool {
	for i := range r.Results {
		if o := r.Results[i].Outcome; o != Skipped && o != Unsupported && !r.Results[i].Implied {
			return true
		}
	}
	return false
}

// restsWithOthers says of a shard in which nothing ran that this tells nothing of the whole: there was nothing to be run here, and there is
// elsewhere; or the peer does the protocol's work, and lacks only what the few cases here need.
func (r *Results) restsWithOthers() bool {
	if r.Shard == nil || r.Shard.All == 0 {
		return false
	}
	controlled := slices.ContainsFunc(r.Results, func(result Result) bool { return result.Implied && result.Outcome == Pass })
	return r.Shard.Cases == 0 || controlled
}

// Summarize counts results by outcome; every outcome has a count.
func Summarize(results []Result) map[Outcome]int {
	count := make(map[Outcome]int)
	for _, o := range Outcomes() {
		count[o] = 0
	}
	for i := range results {
		count[results[i].Outcome]++
	}
	return count
}
