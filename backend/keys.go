package backend

import (
	"errors"
	"io"
	"time"

	"gresh/backend/event"
	"gresh/backend/keypair"
)

// pairsName is where the key pairs are kept, which no command shows.
const pairsName = "keys"

// seedLength is more random octets than any key of a curve takes.
const seedLength = 256

// Pairs are the router's key pairs; they must not be changed.
func (r *Router) Pairs() []keypair.Pair { return r.pairs }

// SetPairs replaces the key pairs, here and where they are kept. With the first
// of them SSH is there, with the last it goes.
func (r *Router) SetPairs(now time.Time, pairs []keypair.Pair) error {
	data, err := keypair.Marshal(pairs)
	if err == nil {
		err = r.options.Store.SetPrivate(pairsName, data)
	}
	if err != nil {
		return err
	}
	r.adoptPairs(now, pairs)
	return nil
}

func (r *Router) adoptPairs(now time.Time, pairs []keypair.Pair) {
	was := len(r.pairs) > 0
	r.pairs = pairs
	if is := len(pairs) > 0; is != was {
		r.note(now, event.SSHSwitched{On: is, Version: r.running.SSH.Protocol()})
	}
}

// loadPairs takes the key pairs from where they are kept.
func (r *Router) loadPairs(now time.Time) {
	data, err := r.options.Store.Private(pairsName)
	var pairs []keypair.Pair
	if err == nil {
		pairs, err = keypair.Unmarshal(data)
	}
	if err != nil {
		r.note(now, event.KeysUnreadable{Reason: err.Error()})
		return
	}
	r.adoptPairs(now, pairs)
}

// Seed is random octets for one key pair: making it takes longer than the
// router may be held up.
func (r *Router) Seed() ([]byte, error) {
	if r.options.Rand == nil {
		return nil, errors.New("there are no random numbers")
	}
	seed := make([]byte, seedLength)
	_, err := io.ReadFull(r.options.Rand, seed)
	return seed, err
}
