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

// BenchmarkResponder is what a complete main mode and Quick Mode costs the one
// who answers, on one core: what it computes is counted, what its peer does is
// not.
func BenchmarkResponder(b *testing.B) {
	for _, g := range []sadb.Group{2, 14, 19} {
		b.Run(fmt.Sprintf("group%d", g), func(b *testing.B) {
			w := newWorld(b, 1, hub, spoke)
			for i := range w.nodes {
				w.configure(i, func(c *Config) { c.Policies[0].Group = g })
			}
			us, peer := w.nodes[0], w.nodes[1]
			var spent time.Duration
			for b.Loop() {
				toUs := peer.Initiate(w.now, Request{SADB: "vpnprof-head-1", Local: spoke, Peer: hub}).Send
				for len(toUs) > 0 {
					began := time.Now()
					answers := complete(us, w.now, toUs)
					spent += time.Since(began)
					toUs = complete(peer, w.now, answers)
				}
				if len(us.pairs) != 1 {
					b.Fatalf("no pair: %s", us.story())
				}
				w.now = w.now.Add(2 * deletedShown)
				for _, n := range w.nodes {
					n.Clear(w.now, Selector{})
					n.Delete(w.now, n.pairs[0])
					n.pairs = nil
					n.Advance(w.now)
				}
			}
			b.ReportMetric(float64(b.N)/spent.Seconds(), "exchanges/s")
			b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N), "ns/exchange")
		})
	}
}

// complete has a node receive datagrams and compute what they ask for, and
// returns what its peer is to receive.
func complete(n *node, now time.Time, sent []Datagram) (answers []Datagram) {
	var outs []Output
	for _, d := range sent {
		outs = append(outs, n.Receive(now, Datagram{Local: d.Remote, Remote: d.Local, Payload: d.Payload}))
	}
	for ; len(outs) > 0; outs = outs[1:] {
		n.pairs = append(n.pairs, outs[0].Install...)
		n.log = append(n.log, outs[0].Log...)
		answers = append(answers, outs[0].Send...)
		for _, j := range outs[0].Compute {
			outs = append(outs, n.Computed(now, j.ID, j.Run()))
		}
	}
	return answers
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
