package conformance

// An Outcome is what became of a case.
type Outcome string

// The outcomes. All but Pass carry a reason in the Result; a Pass does if an attempt at it failed for what a network may have lost.
const (
	Pass           Outcome = "pass"
	Fail           Outcome = "fail"
	Warn           Outcome = "warn"            // a SHOULD that is not met
	KnownFail      Outcome = "known-fail"      // permitted by the profile's known deviations
	UnexpectedPass Outcome = "unexpected-pass" // the user's expectation predicted a failure
	Unsupported    Outcome = "unsupported"     // declared by the peer, never inferred from failing
	Skipped        Outcome = "skipped"         // not asked for, with the reason
	Error          Outcome = "error"           // the kit's own trouble
	NotRun         Outcome = "not-run"         // the positive control failed
)

// Outcomes returns all outcomes in the order in which summaries list them.
func Outcomes() []Outcome {
	return []Outcome{Pass, Fail, Warn, KnownFail, UnexpectedPass, Unsupported, Skipped, Error, NotRun}
}
