package conformance

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Parameters are ways in which the kit does what a case says, each as right as the others: what a peer has to do does not depend on them. An
// empty value is one that the case does not admit, or that is not varied; to it applies what does to the first of ParameterValues.
type Parameters struct {
	// Route is how many hops the return routes of the kit's messages name behind the kit: it plays the last hop before the peer (ROUT-008).
	Route string `json:"route,omitempty"`
	// Size is the length of a payload that a case chooses for no reason of its own (CHAN-005).
	Size string `json:"size,omitempty"`
	// Fragmentation is how the first frames on each stream are written (TRAN-002, TRAN-003).
	Fragmentation string `json:"fragmentation,omitempty"`
}

// The parameters' names.
const (
	RouteParameter         = "route"
	SizeParameter          = "size"
	FragmentationParameter = "fragmentation"
)

// The parameters' values; of each the first is what the kit does if nobody says otherwise.
const (
	Direct  = "direct"
	OneHop  = "one-hop"
	TwoHops = "two-hops"

	TypicalSize = "typical"
	EmptySize   = "empty"
	OneByte     = "one-byte"
	LargestSize = "largest"

	Whole       = "whole"
	LengthBytes = "length-bytes" // the two bytes of the length each in a write of its own
	InHeader    = "in-header"    // cut in the header of the message
	Coalesced   = "coalesced"    // in one write with the next frame, if one follows before anything is received
)

// ParameterNames returns the names of all parameters.
func ParameterNames() []string {
	return []string{RouteParameter, SizeParameter, FragmentationParameter}
}

// ParameterValues returns the values of a parameter, nil if there is none of that name.
func ParameterValues(name string) []string {
	switch name {
	case RouteParameter:
		return []string{Direct, OneHop, TwoHops}
	case SizeParameter:
		return []string{TypicalSize, EmptySize, OneByte, LargestSize}
	case FragmentationParameter:
		return []string{Whole, LengthBytes, InHeader, Coalesced}
	}
	return nil
}

// ParameterRequirement is the requirement by which a peer does with a value of a parameter what it does with others.
func ParameterRequirement(name, value string) string {
	switch name {
	case RouteParameter:
		return "ROUT-008"
	case SizeParameter:
		return "CHAN-005"
	}
	if value == Coalesced {
		return "TRAN-003"
	}
	return "TRAN-002"
}

func (p *Parameters) field(name string) *string {
	switch name {
	case RouteParameter:
		return &p.Route
	case SizeParameter:
		return &p.Size
	default:
		return &p.Fragmentation
	}
}

// Value returns the value of a parameter, "" if it is not varied.
func (p Parameters) Value(name string) string { return *p.field(name) }

// With returns p with another value of a parameter.
func (p Parameters) With(name, value string) Parameters {
	*p.field(name) = value
	return p
}

// Varied returns the names of the parameters that have another than their first value.
func (p Parameters) Varied() (names []string) {
	for _, name := range ParameterNames() {
		if slices.Index(ParameterValues(name), p.Value(name)) > 0 {
			names = append(names, name)
		}
	}
	return names
}

// Only returns p with the first value of every parameter that is varied, except for those named.
func (p Parameters) Only(names ...string) Parameters {
	for _, name := range p.Varied() {
		if !slices.Contains(names, name) {
			p = p.With(name, ParameterValues(name)[0])
		}
	}
	return p
}

// Number tells parameters from each other; it is 0 for those of which none is varied.
func (p Parameters) Number() (n uint64) {
	for _, name := range ParameterNames() {
		values := ParameterValues(name)
		n = n*uint64(len(values)) + uint64(max(0, slices.Index(values, p.Value(name))))
	}
	return n
}

// Hops is the number of hops that Route stands for.
func (p Parameters) Hops() int { return max(0, slices.Index(ParameterValues(RouteParameter), p.Route)) }

// String lists the parameters that have a value, as ParseParameters reads them.
func (p Parameters) String() string {
	var words []string
	for _, name := range ParameterNames() {
		if value := p.Value(name); value != "" {
			words = append(words, name+"="+value)
		}
	}
	return strings.Join(words, ",")
}

// errParameters says that a text is no list of parameters.
var errParameters = errors.New("conformance: parameters")

// ParseParameters reads NAME=VALUE,… in any order, each at most once.
func ParseParameters(text string) (p Parameters, err error) {
	for word := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(word, "=")
		values := ParameterValues(name)
		switch {
		case values == nil:
			return p, fmt.Errorf("%w: there is none named %q; there are %s", errParameters, name, strings.Join(ParameterNames(), ", "))
		case !slices.Contains(values, value):
			return p, fmt.Errorf("%w: %s is one of %s, not %q", errParameters, name, strings.Join(values, ", "), value)
		case p.Value(name) != "":
			return p, fmt.Errorf("%w: %s is given twice", errParameters, name)
		}
		p = p.With(name, value)
	}
	return p, nil
}

// A ParameterEnv is an Env with parameters of its own. Fragmentation is the runner's affair; the others are the case's.
type ParameterEnv interface {
	Env
	Parameters() Parameters
}

// ParametersOf returns those of an Env, the zero Parameters if it has none.
func ParametersOf(env Env) Parameters {
	if p, ok := env.(ParameterEnv); ok {
		return p.Parameters()
	}
	return Parameters{}
}
