package conformance

// A Class is how a peer failed.
type Class string

// The classes of failures.
const (
	Wrong Class = "wrong" // it did something else than it has to, or nothing
	Died  Class = "died"  // its process ended, or a sanitizer reported
	Gone  Class = "gone"  // it no longer answered after the case
)

// Classes returns all classes.
func Classes() []Class { return []Class{Wrong, Died, Gone} }

// Expectations tell what became of the user's.
type Expectations struct {
	File    string             `json:"file"`
	Entries int                `json:"entries"`
	Stale   []StaleExpectation `json:"stale,omitempty"`
}

// A StaleExpectation is one that the run did not bear out, and why.
type StaleExpectation struct {
	Line   int    `json:"line"`
	Entry  string `json:"entry"`
	Reason string `json:"reason"`
}
