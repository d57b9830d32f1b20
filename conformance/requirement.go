package conformance

// A Requirement is one numbered rule of the specification.
type Requirement struct {
	ID       string // AREA-NNN, never reused
	Area     string
	Section  string // number of the section it stands in, such as "3.1"
	Heading  string // that section's heading
	Level    Level
	OnWire   bool   // [w]: observable on the wire; else [a]: needs the implementation's API or an adapter
	Text     string // the specification's words, in one paragraph
	SpecLine int    // line in conformance/spec/ockam-v1.md
}
