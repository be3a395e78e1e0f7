package ike

import (
	"fmt"
	"testing"
	"time"

	"gresh/backend/sadb"
)

// BenchmarkExchange is a complete main mode and Quick Mode, both ends of it on
// one core.
func BenchmarkExchange(b *testing.B) {
	for _, g := range []sadb.Group{2, 14, 19} {
		b.Run(fmt.Sprintf("group%d", g), func(b *testing.B) {
			w := newWorld(b, 1, hub, spoke)
			for i := range w.nodes {
				w.configure(i, func(c *Config) { c.Policies[0].Group = g })
			}
			for b.Loop() {
				w.initiate(1, 0)
				w.run(time.Second)
				w.wantPairs("each time", 0, spoke)
				for _, n := range w.nodes {
					w.discard(n, n.pairs[0])
					w.carry(n, n.Clear(w.now, Selector{}))
				}
				w.run(2 * time.Minute)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "exchanges/s")
		})
	}
}

// BenchmarkFirstMessages is what a flood of first messages costs, each of which
// makes a half-open SA that pushes out another.
func BenchmarkFirstMessages(b *testing.B) {
	w := newWorld(b, 1, hub)
	packets := make([][]byte, 256)
	for i := range packets {
		packets[i] = firstMessage(byte(i))
	}
	for i := 0; b.Loop(); i++ {
		w.nodes[0].Receive(w.now, from(spoke, packets[i%len(packets)]))
	}
}
