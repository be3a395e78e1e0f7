package main

import (
	"testing"
	"time"

	"gresh/backend"
)

// A router that takes its leave leaves nothing behind with the others: no SA,
// and no ISAKMP SA.
func TestFarewell(t *testing.T) {
	b := sharedBench(t)
	if in, _ := b.spis("Hub1", spoke1Addr); len(in) != 1 {
		t.Fatalf("the hub has %d SAs with the spoke before", len(in))
	}
	b.router("Spoke1", func(r *backend.Router) { r.Farewell(b.Now()) })
	b.Run(time.Second)
	if in, out := b.spis("Hub1", spoke1Addr); len(in)+len(out) != 0 {
		t.Errorf("the hub still has the SAs %x %x", in, out)
	}
	b.router("Hub1", func(r *backend.Router) {
		for _, s := range r.IKE().SAs {
			if s.Remote.Addr() == spoke1Addr && !s.Deleted {
				t.Errorf("the hub still has an ISAKMP SA with the spoke: %+v", s)
			}
		}
	})
}
