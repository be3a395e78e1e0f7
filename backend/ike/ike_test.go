package ike

import (
	"testing"
	"time"
)

func TestFirstPair(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	w.initiate(1, 0)
	w.run(time.Second)
	w.wantPairs("nine messages later", 0, spoke)
	w.wantPairs("nine messages later", 1, hub)
	w.wantMirrored("the ends agree", w.nodes[0].pairs[0], w.nodes[1].pairs[0])
	if w.sent != 9 {
		t.Errorf("sent %d datagrams, want 6 of main mode and 3 of Quick Mode", w.sent)
	}
}
