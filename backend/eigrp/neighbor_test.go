package eigrp

import (
	"testing"
	"time"
)

func ethernet(name, addr string) Interface {
	return Interface{Name: name, Addr: prefix(addr), Bandwidth: 10000, Delay: 100}
}

// pair is two routers on an Ethernet, each with a LAN behind it.
func pair(t testing.TB) (w *network, a, b *node, wire *segment) {
	w = newNetwork(t, 1)
	a, b, wire = w.router("A"), w.router("B"), &segment{}
	w.attach(a, wire, ethernet("Ethernet0", "10.0.0.1/24"))
	w.attach(b, wire, ethernet("Ethernet0", "10.0.0.2/24"))
	w.attach(a, nil, ethernet("Ethernet1", "192.168.1.1/24"))
	w.attach(b, nil, ethernet("Ethernet1", "192.168.2.1/24"))
	w.boot()
	return w, a, b, wire
}

// metPair is one that has come up.
func metPair(t testing.TB) (w *network, a, b *node, wire *segment) {
	w, a, b, wire = pair(t)
	w.run(2 * time.Second)
	w.said()
	return w, a, b, wire
}

func TestAdjacency(t *testing.T) {
	w, a, b, _ := pair(t)
	w.run(2 * time.Second)
	w.want("log", w.said(), `
10ms B: 10.0.0.1 (Ethernet0) up
10ms A: 10.0.0.2 (Ethernet0) up`)
	w.want("A", a.forwarding(), "D 192.168.2.0/24 [90/307200] via 10.0.0.2, Ethernet0")
	w.want("B", b.forwarding(), "D 192.168.1.0/24 [90/307200] via 10.0.0.1, Ethernet0")
}
