package selftest_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
	"ockamtest/vectors"
)

// What the vectors of the codec say of the reference beyond bytes: where it finds a message wrong.

// codecs calls do with each vector of one operation, and how to do it.
func codecs(t *testing.T, op string, do func(v *vectors.Codec, d wire.Dialect)) {
	t.Helper()
	n := 0
	for _, f := range embedded(t) {
		for _, each := range f.All() {
			v, ok := each.(*vectors.Codec)
			if !ok || v.Op != op {
				continue
			}
			p, ok := profile.Lookup(v.Profile)
			if !ok {
				t.Fatalf("%d: no profile %s", v.TcID, v.Profile)
			}
			do(v, wire.Dialect(p.HandshakeEnvelope()))
			n++
		}
	}
	if n < 100 {
		t.Errorf("%d vectors, want 100 at least", n)
	}
}

// place is an error's place, and whether the bytes ended there.
type place struct {
	part, field   string
	index, offset int
}

func placeOf(t *testing.T, err error) (place, error) {
	t.Helper()
	var e *wire.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v has no place", err)
	}
	text := "wire: "
	if e.Part != "" {
		text += e.Part + ", "
	}
	if e.Index != -1 {
		text += fmt.Sprintf("address %d, ", e.Index)
	}
	if text += fmt.Sprintf("%s at byte %d: %v", e.Field, e.Offset, e.Err); e.Requirement != "" {
		text += " (" + e.Requirement + ")"
	}
	if e.Error() != text {
		t.Errorf("got %q, want %q", e.Error(), text)
	}
	return place{e.Part, e.Field, e.Index, e.Offset}, e.Err
}

func parse(d wire.Dialect, element string, b []byte) (err error) {
	switch element {
	case "u2le":
		_, _, err = wire.ParseU2LE(b)
	case "address":
		_, _, err = wire.ParseAddress(d, b)
	case "route":
		_, _, err = wire.ParseRoute(d, nil, b)
	default:
		_, err = wire.Parse(d, b)
	}
	return err
}

// An error names the field at fault: what stands before it is well formed and ends there too early, and what stands behind it does not matter.
func TestReferenceOfPlaces(t *testing.T) {
	refused := 0
	codecs(t, "decode", func(v *vectors.Codec, d wire.Dialect) {
		err := parse(d, v.Element, v.Bytes)
		if err == nil {
			return
		}
		refused++
		at, what := placeOf(t, err)
		if at.index != addressesBefore(d, v, at) {
			t.Errorf("%d: %v: there are %d addresses before", v.TcID, err, addressesBefore(d, v, at))
		}
		before := parse(d, v.Element, v.Bytes[:at.offset])
		if at.field == "body" || d.Untagged && at.field == "type" { // which may be empty
			if before != nil {
				t.Errorf("%d: %v, and before that: %v", v.TcID, err, before)
			}
		} else if cut, ended := placeOf(t, before); cut != at || !errors.Is(ended, wire.ErrTruncated) {
			t.Errorf("%d: %v, and cut there: %v", v.TcID, err, before)
		}
		whole := at.offset + 1
		if at.field == "number" || at.field == "version" {
			whole++ // two bytes, which are one place
		}
		for n := whole; n < len(v.Bytes) && at.field != "body"; n++ {
			if less := parse(d, v.Element, v.Bytes[:n]); less == nil && !d.Untagged {
				t.Errorf("%d: %v, and of %d bytes nothing", v.TcID, err, n)
			} else if p, _ := placeOf(t, less); p != at {
				t.Errorf("%d: %v, and of %d bytes: %v", v.TcID, err, n, less)
			}
		}
		if !errors.Is(err, what) || err.Error() == "" {
			t.Errorf("%d: %v says nothing", v.TcID, err)
		}
	})
	if refused < 100 {
		t.Errorf("%d refused, want 100 at least", refused)
	}
}

// addressesBefore is how many addresses of the route at a place stand before it; -1 if it is in no address of a route.
func addressesBefore(d wire.Dialect, v *vectors.Codec, at place) int {
	outside := slices.Contains([]string{"number", "version", "count", "type", "body"}, at.field)
	if outside || v.Element == "address" {
		return -1
	}
	from := 1 // behind the count
	if v.Element == "message" {
		from++ // and the version
	}
	if at.part == "return route" {
		_, n, err := wire.ParseRoute(d, nil, v.Bytes[1:])
		if err != nil {
			return -2
		}
		from += n
	}
	n := 0
	for ; from < at.offset; n++ {
		_, size, err := wire.ParseAddress(d, v.Bytes[from:])
		if err != nil || from+size > at.offset {
			break
		}
		from += size
	}
	return n
}

// Who refuses to encode names the address that is at fault, and where it would have stood, whatever stands before it already.
func TestReferenceOfPlacesEncoded(t *testing.T) {
	refused := 0
	codecs(t, "encode", func(v *vectors.Codec, d wire.Dialect) {
		b, err := appended(nil, d, v.Value)
		behind, same := appended([]byte("before"), d, v.Value)
		if string(behind) != "before"+string(b) {
			t.Errorf("%d: %x, and behind other bytes %x", v.TcID, b, behind)
		}
		if err == nil {
			return
		}
		refused++
		at, what := placeOf(t, err)
		if p, _ := placeOf(t, same); p != at || b != nil || !errors.Is(err, what) {
			t.Errorf("%d: %v, and behind other bytes %v", v.TcID, err, same)
		}
		if index, offset := firstRefused(d, v.Value, at); index != at.index || offset != at.offset {
			t.Errorf("%d: %v, want address %d at %d", v.TcID, err, index, offset)
		}
	})
	if refused < 40 {
		t.Errorf("%d refused, want 40 at least", refused)
	}
}

func appended(dst []byte, d wire.Dialect, v *vectors.Value) ([]byte, error) {
	switch {
	case v.Number != nil:
		return wire.AppendU2LE(dst, uint16(min(*v.Number, 1<<16-1)))
	case v.Address != nil:
		return wire.AppendAddress(dst, d, addressOf(*v.Address))
	case v.Route != nil:
		return wire.AppendRoute(dst, d, routeOf(*v.Route))
	}
	m := messageOf(v.Message)
	return wire.AppendMessage(dst, d, &m)
}

// firstRefused is where an encoder comes to what it refuses.
func firstRefused(d wire.Dialect, v *vectors.Value, at place) (index, offset int) {
	switch {
	case v.Route != nil:
		return refusedIn(d, routeOf(*v.Route), 0, at)
	case v.Message == nil:
		return -1, 0
	}
	m := messageOf(v.Message)
	if at.part == "onward route" {
		return refusedIn(d, m.Onward, 1, at)
	}
	onward, err := wire.AppendRoute(nil, d, m.Onward)
	if at.part == "return route" && err == nil {
		return refusedIn(d, m.Return, 1+len(onward), at)
	}
	back, err := wire.AppendRoute(nil, d, m.Return)
	if err != nil {
		return -2, 0
	}
	return -1, 1 + len(onward) + len(back)
}

func refusedIn(d wire.Dialect, r wire.Route, start int, at place) (index, offset int) {
	if at.field == "count" {
		return -1, start
	}
	start++
	for i, a := range r {
		b, err := wire.AppendAddress(nil, d, a)
		if err != nil {
			return i, start
		}
		start += len(b)
	}
	return -1, start
}
