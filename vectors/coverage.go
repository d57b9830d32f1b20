package vectors

import "slices"

// A Coverage is how many vectors are about a requirement: Positive ones have to be accepted, Negative ones are refused, or may be.
type Coverage struct {
	Requirement        string
	Positive, Negative int
}

// CoverageOf counts the vectors of files about each of these requirements, in their order.
func CoverageOf(files []*File, requirements []string) []Coverage {
	list := make([]Coverage, len(requirements))
	for i, id := range requirements {
		list[i].Requirement = id
		for _, f := range files {
			for _, v := range f.All() {
				switch m := v.Common(); {
				case !slices.Contains(m.Requirements, id):
				case m.Result == Valid:
					list[i].Positive++
				default:
					list[i].Negative++
				}
			}
		}
	}
	return list
}

// A Gap is why a requirement that shows on the wire has no vector: Positive or Negative is the reason, empty where there are some.
type Gap struct{ Requirement, Positive, Negative string }

// Gaps returns the gaps of the embedded files in the areas WIRE, NOISE, and REC.
func Gaps() []Gap {
	const time = "needs a clock, which vectors do not have: cases"
	return []Gap{
		{"WIRE-007", "", "bytes in another order are a lawful address, another one: nothing is to be refused"},
		{"WIRE-010", "", "a pong is never answered, which is a step without a message, not a refusal"},
		{"WIRE-011", "", "what is not canonical is refused by WIRE-003, WIRE-004, WIRE-009, and WIRE-013"},
		{"NOISE-002", "", "another layout is another length (NOISE-006), or fails a tag (NOISE-005)"},
		{"NOISE-008", "needs several handshakes with keys of the implementation's own: cases", "as the positive"},
		{"NOISE-013", time, time},
		{"NOISE-014", "", "two sides with another h fail a tag (NOISE-005, REC-001)"},
		{"NOISE-017", "", "a rejected message changes nothing: transcripts with the genuine one behind it, which is accepted"},
		{"NOISE-019", time, time},
		{"REC-008", "", "what is outside the window is dropped, and the width of the window is the implementation's choice: cases"},
		{"REC-012", "bounds the work, not the outcome: cases", "as the positive"},
	}
}
