package cases

import (
	"context"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// REC-004: "A message whose tag does not verify is not delivered, not even in part, and does not advance the receive counter."
// REC-005: "On a stream such a message SHOULD fail the channel, and MAY be dropped".
func recTags() []conformance.Case {
	return []conformance.Case{{
		ID:           "rec/forged-then-genuine",
		Title:        "Forged records are not delivered, and the genuine one behind them is, unless the channel has failed.",
		Requirements: []string{"REC-004"},
		Run:          forgedThenGenuine,
	}, {
		ID:           "rec/tag-each-byte",
		Title:        "Records with a change in any one of the tag's 16 bytes are not delivered.",
		Requirements: []string{"REC-004"},
		Run:          tagEachByte,
	}, {
		ID:           "rec/ciphertext-changed",
		Title:        "Records with a changed bit in the inner header, the payload, or its last byte are not delivered.",
		Requirements: []string{"REC-004"},
		Run:          ciphertextChanged,
	}, {
		ID:           "rec/tag-truncated",
		Title:        "Records whose tag was cut to 15, 12, 8, 4, or 0 bytes are not delivered.",
		Requirements: []string{"REC-004"},
		Run:          tagTruncated,
	}, {
		ID:           "rec/bytes-behind-tag",
		Title:        "Records with bytes behind the tag, or before the ciphertext, are not delivered.",
		Requirements: []string{"REC-004"},
		Run:          bytesBehindTag,
	}, {
		ID:           "rec/tag-of-zeros",
		Title:        "Records whose tag is all zeros or all ones are not delivered.",
		Requirements: []string{"REC-004"},
		Run:          tagOfZeros,
	}, {
		ID:           "rec/plaintext-after-open",
		Title:        "Payloads in the clear on an open channel are not delivered.",
		Requirements: []string{"REC-004"},
		Run:          plaintextAfterOpen,
	}}
}

// altered is a genuine record with its bytes changed.
func altered(words string, alter func(record []byte) []byte) stimulus {
	return record("REC-004", words, func(s *adversary.Session, inner []byte) []byte { return alter(s.Sending.Seal(inner)) })
}

// flip is a genuine record with one bit changed; at counts from the end if it is negative.
func flip(words string, at int) stimulus {
	return altered(words, func(r []byte) []byte {
		i := at
		if i < 0 {
			i += len(r)
		}
		r[i] ^= 1
		return r
	})
}

func forgedThenGenuine(ctx context.Context, env conformance.Env) error {
	forged := flip("a record whose tag was changed", -1)
	random := record("REC-004", "a record of random bytes", func(s *adversary.Session, inner []byte) []byte {
		key := append([]byte(nil), s.Sending.Key...)
		key[0] ^= 1
		return adversary.Seal(key, s.Sending.N, s.Sending.AD, inner)
	})
	if err := refusedWhenOpen(ctx, env, forged, random, forged, forged); err != nil {
		return err
	}
	return counterKept(ctx, env, forged)
}

// counterKept sends a forgery and then a record that is genuine but for its counter, the one after the next: what is right only
// for a peer that counted the forgery. On datagrams it may be right (REC-008).
func counterKept(ctx context.Context, env conformance.Env, forged stimulus) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return served(1, "REC-004", err)
	}
	if !s.OnStream() {
		return s.Close()
	}
	frame, _, err := forged.frame(s)
	if err != nil {
		return err
	}
	if err := s.SendFrame(frame); err != nil {
		return err
	}
	ahead := record("REC-004", "a forged record, and one under the counter after the next",
		func(s *adversary.Session, inner []byte) []byte { return s.Sending.SealAt(s.Sending.N+1, inner) })
	if _, err := ahead.refused(s); err != nil {
		return err
	}
	return s.Close()
}

func tagEachByte(ctx context.Context, env conformance.Env) error {
	var all []stimulus
	for i := range adversary.TagSize {
		all = append(all, flip(fmt.Sprintf("a record with byte %d of its tag changed", i), i-adversary.TagSize))
	}
	return refusedWhenOpen(ctx, env, all...)
}

func ciphertextChanged(ctx context.Context, env conformance.Env) error {
	return refusedWhenOpen(ctx, env,
		flip("a record whose inner version was changed", 0),
		flip("a record whose inner type was changed", 3),
		flip("a record whose payload was changed", 10),
		flip("a record whose last payload byte was changed", -adversary.TagSize-1))
}

func tagTruncated(ctx context.Context, env conformance.Env) error {
	var all []stimulus
	for _, size := range []int{15, 12, 8, 4, 0} {
		all = append(all, altered(fmt.Sprintf("a record with %d bytes of its tag", size), func(r []byte) []byte {
			return r[:len(r)-adversary.TagSize+size]
		}))
	}
	return refusedWhenOpen(ctx, env, all...)
}

func bytesBehindTag(ctx context.Context, env conformance.Env) error {
	return refusedWhenOpen(ctx, env,
		altered("a record with one byte behind its tag", func(r []byte) []byte { return append(r, 0) }),
		altered("a record with 16 bytes behind its tag", func(r []byte) []byte { return append(r, make([]byte, 16)...) }),
		altered("a record with one byte before it", func(r []byte) []byte { return append([]byte{0}, r...) }),
		altered("two records in one", func(r []byte) []byte { return append(r, r...) }))
}

func tagOfZeros(ctx context.Context, env conformance.Env) error {
	tag := func(words string, value byte) stimulus {
		return altered(words, func(r []byte) []byte {
			for i := len(r) - adversary.TagSize; i < len(r); i++ {
				r[i] = value
			}
			return r
		})
	}
	return refusedWhenOpen(ctx, env, tag("a record whose tag is all zeros", 0), tag("a record whose tag is all ones", 0xff))
}

func plaintextAfterOpen(ctx context.Context, env conformance.Env) error {
	return refusedWhenOpen(ctx, env,
		record("REC-004", "an inner message in the clear", func(_ *adversary.Session, inner []byte) []byte { return inner }),
		record("REC-004", "an inner message in the clear with a tag of zeros", func(_ *adversary.Session, inner []byte) []byte {
			return append(inner, make([]byte, adversary.TagSize)...)
		}),
		record("REC-004", "a payload in the clear", func(_ *adversary.Session, inner []byte) []byte { return inner[4:] }))
}
