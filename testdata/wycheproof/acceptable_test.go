package wycheproof

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"ockamtest/ref/vault"
	"ockamtest/vectors"
)

// The files.
const (
	x25519File = "x25519_test.json"
	p256File   = "ecdh_secp256r1_ecpoint_test.json"
	gcmFile    = "aes_gcm_test.json"
	hkdfFile   = "hkdf_sha256_test.json"
)

// A class is vectors that Wycheproof leaves to the implementer, and what ours does with them: nil is to agree, on the value of the vector.
type class struct {
	file string
	does error
	why  string
	// has tells which of the file's acceptable vectors the class is, beside tcIDs: by what they are, not by where they stand.
	has   func(ecdhTest) bool
	count int
	tcIDs string // numbers and ranges
}

// acceptable has every vector of that result in the files that run: a class for each reason.
func acceptable() []class {
	return []class{
		{
			x25519File, vault.ErrWeakPublicKey,
			"NOISE-009: a public key of low order, on the curve or its twist, reduced or not: the result is all zero",
			func(v ecdhTest) bool { return !slices.ContainsFunc(v.Shared, func(b byte) bool { return b != 0 }) }, 31,
			"32-33 63-86 117-118 154 165-166",
		},
		{
			x25519File, nil,
			"NOISE-018: the top bit is ignored, values of p and above are accepted: they stand for what RFC 7748, section 5, makes of them",
			func(v ecdhTest) bool { return flagged(v, "NonCanonicalPublic") && !flagged(v, "ZeroSharedSecret") }, 13,
			"87-99",
		},
		{
			x25519File, nil,
			"NOISE-018: X25519 is RFC 7748, which is defined for points on the twist; no requirement lets a vault refuse them",
			func(v ecdhTest) bool {
				return flagged(v, "Twist") && !flagged(v, "NonCanonicalPublic") && !flagged(v, "ZeroSharedSecret")
			}, 210,
			`2-31 101 103 106 108 111-112 114-116 119 121 124 126-127 129-130 133 136 139-140 147-148 155 159-160 162 167 169 176
			181-183 186 192-193 196-201 205-207 210-211 215-217 221-222 226 229 231-234 237 239-240 242-243 247 251 253 256-257 259-263
			265-266 271-272 274 276 279 281 283-284 286-288 290-291 293 296 298 300 302 306-307 313-315 318 320 323 326-329 333 335 338
			344 346 350 356-357 362 364-366 370 373 375 380-382 387-388 390 392 394-396 401 405-406 412 415-416 418-421 425 427 430-432
			435 438 443 445-448 450-452 457-458 461-464 466 469 472-473 477-478 481-482 484-485 488-489 492 494 498 501 503 505-506 512`,
		},
		{
			p256File, vault.ErrInvalidPublicKey,
			"VAULT-002: public keys are 65 bytes, 04 x y; a compressed point is another length",
			func(v ecdhTest) bool { return flagged(v, "CompressedPublic") }, 1,
			"2",
		},
	}
}

func flagged(v ecdhTest, flag string) bool { return slices.Contains(v.Flags, flag) }

// ids are the numbers of a class.
func (c class) ids(t *testing.T) []int {
	t.Helper()
	var list []int
	for word := range strings.FieldsSeq(c.tcIDs) {
		var from, to int
		if n, err := fmt.Sscanf(word, "%d-%d", &from, &to); n == 1 {
			to = from
		} else if err != nil {
			t.Fatalf("%s: %q: %v", c.file, word, err)
		}
		for id := from; id <= to; id++ {
			list = append(list, id)
		}
	}
	if len(list) != c.count {
		t.Fatalf("%s: %d vectors, want %d: %s", c.file, len(list), c.count, c.why)
	}
	return list
}

// pinned returns what our vault does with the acceptable vectors of a file, by tcId.
func pinned(t *testing.T, file string) map[int]error {
	t.Helper()
	does := map[int]error{}
	for _, c := range acceptable() {
		if c.file != file {
			continue
		}
		for _, id := range c.ids(t) {
			if _, twice := does[id]; twice {
				t.Fatalf("%s: tcId %d is in two classes", file, id)
			}
			does[id] = c.does
		}
	}
	return does
}

// The table has all acceptable vectors, no others, and each in the class that it belongs to. What becomes of them is in the tests of
// the files.
func TestAcceptable(t *testing.T) {
	for file, want := range map[string]int{x25519File: 254, p256File: 1, gcmFile: 0, hkdfFile: 0} {
		t.Run(file, func(t *testing.T) {
			var left []int
			switch file {
			case gcmFile:
				left = leftToUs(load[gcmTest](t, file))
			case hkdfFile:
				left = leftToUs(load[hkdfTest](t, file))
			default:
				left = leftToUs(load[ecdhTest](t, file))
				classesFit(t, file)
			}
			table := slices.Sorted(maps.Keys(pinned(t, file)))
			if !slices.Equal(left, table) || len(table) != want {
				t.Errorf("the table has %d vectors, and the file %d, want the same %d", len(table), len(left), want)
			}
		})
	}
}

// leftToUs returns the numbers of the acceptable vectors.
func leftToUs[T test](all []T) []int {
	var ids []int
	for _, v := range all {
		if v.common().Result == vectors.Acceptable {
			ids = append(ids, v.common().TcID)
		}
	}
	slices.Sort(ids)
	return ids
}

func classesFit(t *testing.T, file string) {
	t.Helper()
	all := load[ecdhTest](t, file)
	for _, c := range acceptable() {
		if c.file != file {
			continue
		}
		var belong []int
		for _, v := range all {
			if v.Result == vectors.Acceptable && c.has(v) {
				belong = append(belong, v.TcID)
			}
		}
		if ids := c.ids(t); !slices.Equal(ids, belong) {
			t.Errorf("%s\nhas %v, and %v belong to it", c.why, ids, belong)
		}
	}
}

// notReduced tells that u, without its top bit, is p or above.
func notReduced(u *[32]byte) bool {
	return u[0] >= 0xed && !slices.ContainsFunc(u[1:31], func(b byte) bool { return b != 0xff }) && u[31]&0x7f == 0x7f
}

// The class of keys that are not canonical does not rest on Wycheproof's flag alone.
func TestNonCanonicalPublic(t *testing.T) {
	n := 0
	for _, v := range load[ecdhTest](t, x25519File) {
		if !flagged(v, "NonCanonicalPublic") {
			continue
		}
		n++
		if v.Public[31]&0x80 == 0 && !notReduced((*[32]byte)(v.Public)) {
			t.Errorf("tcId %d is canonical", v.TcID)
		}
	}
	if n != 19 {
		t.Errorf("%d keys are flagged, want 19", n)
	}
}
