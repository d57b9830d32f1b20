package harness

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestParseRequestRefuses(t *testing.T) {
	long := strings.Repeat("a", MaxWord+1)
	many := strings.Repeat(" k=1", MaxRequestFields+1)
	for name, line := range map[string]string{
		"empty": "", "no ID": "hello", "no verb": "1", "ID alone": "1 ", "ID 0": "0 hello", "leading zero": "01 hello", "sign": "+1 hello",
		"ID too high": "2147483648 hello", "capital verb": "1 Hello", "long verb": "1 " + long, "two spaces": "1  hello",
		"trailing space": "1 hello ", "carriage return": "1 hello\r", "tab": "1\thello", "no equals sign": "1 hello versions",
		"no key": "1 hello =1", "two equals signs": "1 hello a=b=c", "capital key": "1 hello A=1", "long key": "1 hello " + long + "=1",
		"not ASCII": "1 hello a=é", "control": "1 hello a=\x01", "delete": "1 hello a=\x7f", "key twice": "1 hello a=1 a=2",
		"too many": "1 hello" + many, "leading space": " 1 hello", "space in value": "1 hello a=b c", "nul": "1 hello\x00",
		"too long": "1 hello a=" + strings.Repeat("0", MaxLine-10),
	} {
		t.Run(name, func(t *testing.T) {
			if r, err := ParseRequest(line); !errors.Is(err, ErrSyntax) {
				t.Errorf("ParseRequest = %v, %v; want %v", r, err, ErrSyntax)
			}
		})
	}
}

func TestParseRequest(t *testing.T) {
	many := strings.TrimPrefix(strings.Join(strings.Split("abcdefghijklmnop", ""), "=1 ")+"=1", " ")
	for _, tc := range []struct {
		line string
		want Request
	}{
		{"1 hello versions=1", Request{1, VerbHello, Fields{{"versions", "1"}}}},
		{"2147483647 quit", Request{MaxID, VerbQuit, nil}},
		{"7 a-1 empty=", Request{7, "a-1", Fields{{"empty", ""}}}},
		{"7 v a=!~:,", Request{7, "v", Fields{{"a", "!~:,"}}}},
	} {
		if got, err := ParseRequest(tc.line); err != nil || !reflect.DeepEqual(got, tc.want) {
			t.Errorf("ParseRequest(%q) = %v, %v; want %v", tc.line, got, err, tc.want)
		}
	}
	if got, err := ParseRequest("1 v " + many); err != nil || len(got.Fields) != MaxRequestFields {
		t.Errorf("a request with as many fields as there may be: %v, %v", got, err)
	}
	const head = "1 hello a="
	if _, err := ParseRequest(head + strings.Repeat("0", MaxLine-1-len(head))); err != nil {
		t.Errorf("a line as long as it may be: %v", err)
	}
}

// A line that is not understood is answered if it has an ID.
func TestParseKeepsID(t *testing.T) {
	for line, want := range map[string]uint32{"7 Hello": 7, "7": 7, "x hello": 0, "7 v a": 7} {
		if r, err := ParseRequest(line); err == nil || r.ID != want {
			t.Errorf("ParseRequest(%q) = %v, %v; want ID %d and an error", line, r, err, want)
		}
	}
	if a, err := ParseAnswer("9 okay"); err == nil || a.ID != 9 {
		t.Errorf("ParseAnswer = %v, %v; want ID 9 and an error", a, err)
	}
}

func TestParseAnswer(t *testing.T) {
	for _, tc := range []struct {
		line string
		want Answer
	}{
		{"1 ok", Answer{1, StatusOK, nil}},
		{"0 error class=syntax", Answer{0, StatusError, Fields{{"class", "syntax"}}}},
		{"3 unsupported", Answer{3, StatusUnsupported, nil}},
		{"3 ok out=00 out=00", Answer{3, StatusOK, Fields{{"out", "00"}, {"out", "00"}}}},
	} {
		if got, err := ParseAnswer(tc.line); err != nil || !reflect.DeepEqual(got, tc.want) {
			t.Errorf("ParseAnswer(%q) = %v, %v; want %v", tc.line, got, err, tc.want)
		}
	}
	for _, line := range []string{"", "1", "1 OK", "1 okay", "1 ok ", "1 ok a", "log: 1 ok", "1 ok" + strings.Repeat(" a=", MaxAnswerFields+1)} {
		if got, err := ParseAnswer(line); !errors.Is(err, ErrSyntax) {
			t.Errorf("ParseAnswer(%.20q) = %v, %v; want %v", line, got, err, ErrSyntax)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	for name, r := range map[string]Request{
		"ID 0": {Verb: VerbQuit}, "ID too high": {ID: MaxID + 1, Verb: VerbQuit}, "no verb": {ID: 1},
		"space in value": {1, VerbQuit, Fields{{"a", "b c"}}}, "line feed": {1, VerbQuit, Fields{{"a", "b\n2 quit"}}},
		"key twice": {1, VerbQuit, Fields{{"a", ""}, {"a", ""}}}, "no key": {1, VerbQuit, Fields{{"", "a"}}},
		"too many": {1, VerbQuit, make(Fields, MaxRequestFields+1)}, "too long": {1, VerbQuit, Fields{{"a", strings.Repeat("0", MaxLine)}}},
	} {
		if got, err := r.Append([]byte("x")); !errors.Is(err, ErrSyntax) || string(got) != "x" {
			t.Errorf("%s: Append = %q, %v; want what was there and %v", name, got[:min(len(got), 40)], err, ErrSyntax)
		}
	}
	for name, a := range map[string]Answer{
		"status": {ID: 1, Status: "fine"}, "ID too high": {ID: MaxID + 1, Status: StatusOK},
		"value": {1, StatusOK, Fields{{"a", "="}}}, "too many": {1, StatusOK, make(Fields, MaxAnswerFields+1)},
	} {
		if got, err := a.Append([]byte("x")); !errors.Is(err, ErrSyntax) || string(got) != "x" {
			t.Errorf("%s: Append = %q, %v; want what was there and %v", name, got, err, ErrSyntax)
		}
	}
}

// What is accepted is what is written, byte for byte.
func FuzzParse(f *testing.F) {
	for _, line := range []string{
		"1 hello versions=1", "2 open ch=0 role=initiator", "3 ok out=00 got= then=quiet", "4 error class=syntax detail=x", "0 unsupported",
		"5 feed ch=0 data=", "6 ok opened=aa then=closed class=short",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if r, err := ParseRequest(line); err == nil {
			if out, err := r.Append(nil); err != nil || string(out) != line+"\n" {
				t.Errorf("request %q is written as %q, %v", line, out, err)
			}
		} else if !errors.Is(err, ErrSyntax) {
			t.Errorf("request %q: %v", line, err)
		}
		a, err := ParseAnswer(line)
		if err != nil {
			if !errors.Is(err, ErrSyntax) {
				t.Errorf("answer %q: %v", line, err)
			}
			return
		}
		if out, err := a.Append(nil); err != nil || string(out) != line+"\n" {
			t.Errorf("answer %q is written as %q, %v", line, out, err)
		}
		// No answer makes the readers of answers panic, and what they take they write again.
		d := decoder{fields: a.Fields}
		if s := d.step(); d.wrong == "" {
			if again := s.fields(); !reflect.DeepEqual(again, a.Fields) {
				t.Errorf("step %v is written as %v", a.Fields, again)
			}
		}
		d = decoder{fields: a.Fields}
		d.claims()
		d.capabilities()
		d.hello()
		for _, as := range []Form{AsHandshake, AsRoute, AsAddress, AsU2LE, AsFrames} {
			d.decoded(as)
		}
	})
}
