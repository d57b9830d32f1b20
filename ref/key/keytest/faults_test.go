package keytest_test

import (
	"errors"
	"slices"

	"ockamtest/ref/key"
	"ockamtest/ref/vault"
)

// A fault is an agreement that breaks one rule. It is caught by the check breaks and by no others than those in entails.
type fault struct {
	name    string
	breaks  string
	entails []string
	wrap    func(a key.Agreement) *hooked
}

// A hooked is an agreement with some of its methods replaced.
type hooked struct {
	key.Agreement
	initiate    func(dst []byte) ([]byte, error)
	handle      func(dst, msg []byte) ([]byte, error)
	established func() bool
	peer        func() []byte
	binding     func() []byte
	sizes       func() []int
	encrypt     func(dst, plaintext []byte) ([]byte, error)
	decrypt     func(dst, ciphertext []byte) ([]byte, error)
	decryptAt   func(dst []byte, n uint64, ciphertext []byte) ([]byte, error)
	locate      func(from, to uint64, ciphertext []byte) (uint64, error)
	close       func() error
}

func (h *hooked) Initiate(dst []byte) ([]byte, error)            { return h.initiate(dst) }
func (h *hooked) Handle(dst, msg []byte) ([]byte, error)         { return h.handle(dst, msg) }
func (h *hooked) Established() bool                              { return h.established() }
func (h *hooked) PeerStatic() []byte                             { return h.peer() }
func (h *hooked) ChannelBinding() []byte                         { return h.binding() }
func (h *hooked) MessageSizes() []int                            { return h.sizes() }
func (h *hooked) Encrypt(dst, plaintext []byte) ([]byte, error)  { return h.encrypt(dst, plaintext) }
func (h *hooked) Decrypt(dst, ciphertext []byte) ([]byte, error) { return h.decrypt(dst, ciphertext) }
func (h *hooked) Close() error                                   { return h.close() }
func (h *hooked) DecryptAt(dst []byte, n uint64, ciphertext []byte) ([]byte, error) {
	return h.decryptAt(dst, n, ciphertext)
}
func (h *hooked) Locate(from, to uint64, ciphertext []byte) (uint64, error) {
	return h.locate(from, to, ciphertext)
}

// faulty makes a fault: change replaces methods of a.
func faulty(name, breaks string, change func(a key.Agreement, h *hooked), entails ...string) fault {
	return fault{name, breaks, entails, func(a key.Agreement) *hooked {
		h := &hooked{
			a, a.Initiate, a.Handle, a.Established, a.PeerStatic, a.ChannelBinding, a.MessageSizes,
			a.Encrypt, a.Decrypt, a.DecryptAt, a.Locate, a.Close,
		}
		change(a, h)
		return h
	}}
}

func faults() []fault { return slices.Concat(handshakeFaults(), recordFaults(), closeFaults()) }

func handshakeFaults() []fault {
	return []fault{
		faulty("open as soon as it is started", "handshake/completes", openEarly,
			"handshake/binding", "handshake/peer", "handshake/order", "handshake/rejected-message", "handshake/refused-peer",
			"record/before-completion", "close/every-call"),
		faulty("tells other sizes", "handshake/sizes", func(a key.Agreement, h *hooked) {
			h.sizes = func() []int { return []int{32, 96, 80} }
		}, "handshake/short-buffer", "handshake/append"),
		faulty("lends its sizes", "handshake/sizes", func(a key.Agreement, h *hooked) {
			sizes := a.MessageSizes()
			h.sizes = func() []int { return sizes }
		}),
		faulty("lends its binding", "handshake/binding", func(a key.Agreement, h *hooked) { h.binding = lend(a.ChannelBinding) }),
		faulty("lends its peer's key", "handshake/peer", func(a key.Agreement, h *hooked) { h.peer = lend(a.PeerStatic) }),
		faulty("tells its own binding", "handshake/binding", func(a key.Agreement, h *hooked) {
			h.binding = func() []byte {
				b := a.ChannelBinding()
				if b != nil {
					copy(b, a.PeerStatic())
				}
				return b
			}
		}, "handshake/order", "handshake/rejected-message", "handshake/wrong-length", "handshake/short-buffer"),
		faulty("has the binding of before", "handshake/fresh", func(a key.Agreement, h *hooked) {
			h.binding = func() []byte {
				if !a.Established() {
					return nil
				}
				return make([]byte, 32)
			}
		}),
		faulty("takes messages before it is started", "handshake/order", func(a key.Agreement, h *hooked) {
			h.handle = func(dst, msg []byte) ([]byte, error) {
				out, err := a.Handle(dst, msg)
				if errors.Is(err, key.ErrOutOfOrder) {
					return dst, nil
				}
				return out, err
			}
		}),
		faulty("goes on from what it rejected", "handshake/rejected-message", failForGood(vault.ErrAuthentication)),
		faulty("fails for good on another length", "handshake/wrong-length", failForGood(key.ErrPayloadRefused)),
		faulty("cuts messages to their size", "handshake/wrong-length", cutMessages),
		faulty("names no requirement", "handshake/rejected-message", func(a key.Agreement, h *hooked) {
			h.handle = func(dst, msg []byte) ([]byte, error) {
				out, err := a.Handle(dst, msg)
				var e *key.Error
				if errors.As(err, &e) && !errors.Is(err, key.ErrPayloadRefused) && errors.Is(err, vault.ErrAuthentication) {
					e.Requirement = ""
				}
				return out, err
			}
		}),
		faulty("does not say that the peer was refused", "handshake/refused-peer", func(a key.Agreement, h *hooked) {
			h.handle = func(dst, msg []byte) ([]byte, error) {
				out, err := a.Handle(dst, msg)
				if errors.Is(err, key.ErrPeerRefused) {
					return dst, nil
				}
				return out, err
			}
		}),
		faulty("grows its output", "handshake/short-buffer", func(a key.Agreement, h *hooked) {
			h.handle = func(dst, msg []byte) ([]byte, error) { return a.Handle(slices.Grow(dst, 1024), msg) }
		}),
		faulty("writes from the start of the buffer", "handshake/append", func(a key.Agreement, h *hooked) {
			h.handle = func(dst, msg []byte) ([]byte, error) {
				out, err := a.Handle(dst, msg)
				if err != nil || len(out) == len(dst) {
					return out, err
				}
				return out[:copy(out, out[len(dst):])], nil
			}
		}),
		faulty("cuts its message short", "handshake/append", func(a key.Agreement, h *hooked) {
			h.initiate = func(dst []byte) ([]byte, error) {
				out, err := a.Initiate(dst)
				if err == nil && len(dst) > 0 {
					out = append(out[:len(dst)], out[len(dst):len(out)-1]...)
				}
				return out, err
			}
		}),
	}
}

func recordFaults() []fault {
	return []fault{
		faulty("sends in clear before completion", "record/before-completion", func(a key.Agreement, h *hooked) {
			h.encrypt = func(dst, plaintext []byte) ([]byte, error) {
				out, err := a.Encrypt(dst, plaintext)
				if errors.Is(err, key.ErrNotEstablished) {
					return append(dst, plaintext...), nil
				}
				return out, err
			}
		}),
		faulty("loses the empty message", "record/lengths", func(a key.Agreement, h *hooked) {
			h.decrypt = func(dst, ciphertext []byte) ([]byte, error) {
				if len(ciphertext) == vault.TagSize {
					return nil, vault.ErrShortCiphertext
				}
				return a.Decrypt(dst, ciphertext)
			}
		}, "record/too-short", "record/any-counter"),
		faulty("does not work in place", "record/in-place", func(a key.Agreement, h *hooked) {
			h.encrypt = func(dst, plaintext []byte) ([]byte, error) {
				if cap(dst) > 0 && len(plaintext) > 0 && &dst[:1][0] == &plaintext[0] {
					clear(plaintext)
				}
				return a.Encrypt(dst, plaintext)
			}
		}),
		faulty("uses a counter for a refusal", "record/short-buffer", func(a key.Agreement, h *hooked) {
			h.encrypt = func(dst, plaintext []byte) ([]byte, error) {
				out, err := a.Encrypt(dst, plaintext)
				if errors.Is(err, key.ErrShortBuffer) {
					_, _ = a.Encrypt(make([]byte, 0, 1024), plaintext)
				}
				return out, err
			}
		}),
		faulty("overwrites what is before the record", "record/append", func(a key.Agreement, h *hooked) {
			h.encrypt = func(dst, plaintext []byte) ([]byte, error) {
				out, err := a.Encrypt(dst, plaintext)
				if err == nil {
					clear(dst)
				}
				return out, err
			}
		}),
		faulty("counts forged records", "record/forged", countForged, "record/replay"),
		faulty("ignores the last byte of a tag", "record/forged", func(a key.Agreement, h *hooked) {
			h.decrypt = func(dst, ciphertext []byte) ([]byte, error) {
				out, err := a.Decrypt(dst, ciphertext)
				if !errors.Is(err, vault.ErrAuthentication) {
					return out, err
				}
				for n := range 256 {
					if len(ciphertext) == 56 {
						ciphertext[55] = byte(n)
						if out, err = a.Decrypt(dst, ciphertext); err == nil {
							return out, nil
						}
					}
				}
				return nil, vault.ErrAuthentication
			}
		}),
		faulty("takes a short record for an empty one", "record/too-short", func(a key.Agreement, h *hooked) {
			h.decrypt = func(dst, ciphertext []byte) ([]byte, error) {
				out, err := a.Decrypt(dst, ciphertext)
				if errors.Is(err, vault.ErrShortCiphertext) {
					return dst, nil
				}
				return out, err
			}
		}),
		faulty("accepts a replay", "record/replay", acceptReplay),
		faulty("moves the counter in DecryptAt", "record/any-counter", func(a key.Agreement, h *hooked) {
			h.decryptAt = func(dst []byte, n uint64, ciphertext []byte) ([]byte, error) {
				out, err := a.DecryptAt(dst, n, ciphertext)
				if err == nil && n == 0 {
					_, err = a.Decrypt(make([]byte, 0, 64), ciphertext)
				}
				return out, err
			}
		}, "record/counters"),
		faulty("locates what it need not look for", "record/locate", func(a key.Agreement, h *hooked) {
			h.locate = func(from, to uint64, ciphertext []byte) (uint64, error) { return a.Locate(0, to, ciphertext) }
		}),
		faulty("finds no record in the last counter of the range", "record/locate", func(a key.Agreement, h *hooked) {
			h.locate = func(from, to uint64, ciphertext []byte) (uint64, error) {
				if from < to {
					to--
				}
				return a.Locate(from, to, ciphertext)
			}
		}),
		faulty("locates in place and leaves it so", "record/locate", func(a key.Agreement, h *hooked) {
			h.locate = func(from, to uint64, ciphertext []byte) (uint64, error) {
				n, err := a.Locate(from, to, ciphertext)
				if err == nil {
					_, err = a.DecryptAt(ciphertext[:0], n, ciphertext)
				}
				return n, err
			}
		}),
		faulty("locates higher counters", "record/locate", func(a key.Agreement, h *hooked) {
			h.locate = func(from, to uint64, ciphertext []byte) (uint64, error) {
				return a.Locate(from&key.MaxCounter, max(from, to)&key.MaxCounter, ciphertext)
			}
		}),
		faulty("moves the counter in Locate", "record/locate", func(a key.Agreement, h *hooked) {
			h.locate = func(from, to uint64, ciphertext []byte) (uint64, error) {
				n, err := a.Locate(from, to, ciphertext)
				if err == nil {
					_, _ = a.Decrypt(make([]byte, 0, len(ciphertext)), ciphertext)
				}
				return n, err
			}
		}),
		faulty("ends one counter early", "record/counters", func(a key.Agreement, h *hooked) {
			spent := 0
			h.encrypt = func(dst, plaintext []byte) ([]byte, error) {
				if spent++; spent > key.MaxCounter {
					return nil, key.ErrCounterExhausted
				}
				return a.Encrypt(dst, plaintext)
			}
		}),
		faulty("tries higher counters", "record/counters", func(a key.Agreement, h *hooked) {
			h.decryptAt = func(dst []byte, n uint64, ciphertext []byte) ([]byte, error) {
				return a.DecryptAt(dst, n&key.MaxCounter, ciphertext)
			}
		}),
	}
}

func closeFaults() []fault {
	return []fault{
		faulty("does not close", "close/every-call", func(_ key.Agreement, h *hooked) {
			h.close = func() error { return nil }
		}, "close/secrets"),
		faulty("keeps its keys", "close/secrets", func(a key.Agreement, h *hooked) {
			closed := false
			h.close = func() error { closed = true; return nil }
			h.initiate = func(dst []byte) ([]byte, error) {
				return unless(closed, func() ([]byte, error) { return a.Initiate(dst) })
			}
		}, "close/every-call"),
	}
}

func unless(closed bool, call func() ([]byte, error)) ([]byte, error) {
	if closed {
		return nil, key.ErrClosed
	}
	return call()
}

func openEarly(a key.Agreement, h *hooked) {
	started := false
	h.initiate = func(dst []byte) ([]byte, error) {
		started = true
		return a.Initiate(dst)
	}
	h.established = func() bool { return started || a.Established() }
}

// lend returns always the same slice, once there is one.
func lend(get func() []byte) func() []byte {
	var lent []byte
	return func() []byte {
		if lent == nil {
			lent = get()
		}
		return lent
	}
}

// failForGood makes an agreement fail for ever after it has failed with err.
func failForGood(err error) func(a key.Agreement, h *hooked) {
	return func(a key.Agreement, h *hooked) {
		var failed error
		h.handle = func(dst, msg []byte) ([]byte, error) {
			if failed != nil {
				return nil, failed
			}
			out, e := a.Handle(dst, msg)
			if errors.Is(e, err) {
				failed = e
			}
			return out, e
		}
	}
}

// cutMessages ignores what is too much of a handshake message.
func cutMessages(a key.Agreement, h *hooked) {
	n := 0
	h.initiate = func(dst []byte) ([]byte, error) { n = 1; return a.Initiate(dst) }
	h.handle = func(dst, msg []byte) ([]byte, error) {
		if size := a.MessageSizes()[n]; len(msg) > size {
			msg = msg[:size]
		}
		out, err := a.Handle(dst, msg)
		if err == nil {
			n = min(n+2, 2)
		}
		return out, err
	}
}

// countForged advances the receive counter whatever it receives.
func countForged(a key.Agreement, h *hooked) {
	n := uint64(0)
	h.decrypt = func(dst, ciphertext []byte) ([]byte, error) {
		out, err := a.DecryptAt(dst, n, ciphertext)
		if err == nil || errors.Is(err, vault.ErrAuthentication) {
			n++
		}
		return out, err
	}
}

// acceptReplay accepts the record before once more.
func acceptReplay(a key.Agreement, h *hooked) {
	n := uint64(0)
	h.decrypt = func(dst, ciphertext []byte) ([]byte, error) {
		out, err := a.Decrypt(dst, ciphertext)
		if err == nil {
			n++
		} else if errors.Is(err, vault.ErrAuthentication) && n > 0 {
			return a.DecryptAt(dst, n-1, ciphertext)
		}
		return out, err
	}
}
