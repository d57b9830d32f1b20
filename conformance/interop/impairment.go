package interop

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// An Impairment is what the relay does to datagrams. The zero Impairment is none.
type Impairment struct {
	Loss      float64       // probability that a datagram is lost
	Duplicate float64       // that one comes twice
	Reorder   float64       // that one is held back, so that later ones overtake it
	Delay     time.Duration // of every datagram
}

// holdBack is for how long a datagram is held back that is to be overtaken.
const holdBack = 20 * time.Millisecond

// maxDelay keeps a round trip far below the time after which a handshake message is repeated (TRAN-014).
const maxDelay = 200 * time.Millisecond

func (i Impairment) any() bool { return i != Impairment{} }

func (i Impairment) check() error {
	for _, p := range []float64{i.Loss, i.Duplicate, i.Reorder} {
		if !(p >= 0 && p < 1) {
			return fmt.Errorf("%w: probabilities are from 0 to below 1", ErrConfig)
		}
	}
	if i.Delay < 0 || i.Delay > maxDelay {
		return fmt.Errorf("%w: the delay is at most %s", ErrConfig, maxDelay)
	}
	return nil
}

// draw decides how often a datagram is delivered, and after which times; no time is lost. It draws the same number of times in any case, so
// that one decision does not change the others. A datagram that must not come twice does not.
func (i Impairment) draw(r *rand.Rand, once bool) []time.Duration {
	lost, twice, held := r.Float64() < i.Loss, r.Float64() < i.Duplicate, r.Float64() < i.Reorder
	after := i.Delay
	if held {
		after += holdBack
	}
	switch {
	case lost:
		return nil
	case twice && !once:
		return []time.Duration{after, after}
	}
	return []time.Duration{after}
}
