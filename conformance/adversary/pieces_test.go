package adversary

import "testing"

func TestInPieces(t *testing.T) {
	whole := Frame([]byte("message"))
	tests := []struct {
		name string
		in   []byte
		want bool
	}{
		{"nothing", nil, false},
		{"half a length", whole[:1], true},
		{"a length", whole[:2], true},
		{"half a message", whole[:5], true},
		{"a frame", whole, false},
		{"a frame and a half", append(append([]byte{}, whole...), whole[:3]...), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := Stream{in: test.in}
			if got := s.InPieces(); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
