package dhcp

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

var (
	boot    = time.Date(2002, 3, 1, 0, 0, 0, 0, time.UTC)
	mac     = [6]byte{0xaa, 0xbb, 0xcc, 0, 1, 0}
	network = netip.MustParsePrefix("172.17.0.9/29")
)

// A link joins a client and a server, without any loss of its own.
type link struct {
	*testing.T
	client *Client
	server *Server
	now    time.Time
	deaf   bool // the server hears nothing
	leased []Lease
	lost   int
	logged []Event // by the server, of what was said to it
}

func newLink(t *testing.T, pools ...Pool) *link {
	l := &link{T: t, client: NewClient(), server: NewServer(), now: boot}
	l.server.Configure(boot, ServerConfig{Pools: pools})
	l.take(l.client.Configure(boot, ClientConfig{Rand: rand.NewChaCha8([32]byte{1}), Dev: "Ethernet0", MAC: mac, Hostname: "Spoke1"}))
	return l
}

// take passes on what the client says, and the answers to it.
func (l *link) take(out Output) {
	if out.Lost {
		l.lost++
	}
	if out.Lease != nil {
		l.leased = append(l.leased, *out.Lease)
	}
	for _, s := range out.Send {
		if l.deaf {
			continue
		}
		for _, answer := range l.server.Receive(l.now, "Ethernet2", network, s.Payload).Send {
			l.take(l.client.Receive(l.now, answer.Payload))
		}
	}
}

// until lets time pass, deadline by deadline.
func (l *link) until(d time.Duration) {
	end := boot.Add(d)
	for next := l.client.Next(); !next.IsZero() && !next.After(end); next = l.client.Next() {
		l.now = next
		l.take(l.client.Advance(next))
	}
	l.now = end
}

func (l *link) wantNext(d time.Duration) {
	l.Helper()
	if got := l.client.Next().Sub(boot); got != d {
		l.Errorf("the client wants to run at %v, want %v", got, d)
	}
}

var hostPool = Pool{Name: "SPOKE1", Host: netip.MustParsePrefix("172.17.0.11/29"),
	ClientID: dotted(append([]byte{0}, "cisco-aabb.cc00.0100-Et0"...)),
	Routers:  []netip.Addr{netip.MustParseAddr("172.17.0.9")}, Lease: time.Hour}

func TestClientLeasesItsOwnAddress(t *testing.T) {
	l := newLink(t, hostPool)
	l.until(0)
	if len(l.leased) != 1 {
		t.Fatalf("%d leases, want one", len(l.leased))
	}
	got := l.leased[0]
	if got.Address != hostPool.Host || len(got.Routers) != 1 || got.Server != network.Addr() {
		t.Errorf("leased %+v", got)
	}
	l.wantNext(30 * time.Minute)
	l.until(40 * time.Minute)
	if len(l.leased) != 1 || l.lost != 0 {
		t.Errorf("a renewal of the same told %d leases and %d losses", len(l.leased), l.lost)
	}
	l.wantNext(60 * time.Minute) // half an hour after the renewal
}

func TestClientBacksOffAndLosesItsLease(t *testing.T) {
	l := newLink(t, hostPool)
	l.deaf = true
	l.take(l.client.Advance(boot))
	for _, at := range []time.Duration{4, 12, 28, 60, 124, 188} {
		l.wantNext(at * time.Second)
		l.until(at * time.Second)
	}
	l.deaf = false
	l.until(252 * time.Second)
	l.deaf = true
	l.until(252*time.Second + time.Hour - time.Second)
	if l.lost != 0 || !l.client.Snapshot().Lease.Address.IsValid() {
		t.Fatal("the lease is lost before its time")
	}
	if s := l.client.Snapshot().State; s != Rebinding {
		t.Errorf("state %v at the end of the lease", s)
	}
	l.until(252*time.Second + time.Hour)
	if l.lost != 1 || l.client.Snapshot().Lease.Address.IsValid() {
		t.Error("the lease outlives its time")
	}
}

func TestClientBeginsAnewWhenItsRequestsAreNotAnswered(t *testing.T) {
	l := newLink(t, hostPool)
	discover := l.client.Advance(boot).Send[0]
	offer := l.server.Receive(boot, "Ethernet2", network, discover.Payload).Send[0]
	l.client.Receive(boot, offer.Payload)
	var kinds []string
	for range requestMax {
		m, err := parse(l.client.Advance(l.client.Next()).Send[0].Payload)
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, m.MessageType().String())
	}
	if got := fmt.Sprint(kinds); got != "[REQUEST REQUEST REQUEST DISCOVER]" {
		t.Errorf("after an offer and a request it says %s", got)
	}
}

func TestServerGivesTheLowestFreeAddress(t *testing.T) {
	pool := Pool{Name: "LAN", Network: netip.MustParsePrefix("172.17.0.8/29"), Lease: time.Hour}
	l := newLink(t, pool)
	l.server.Configure(boot, ServerConfig{Pools: []Pool{pool, hostPool},
		Excluded: []Range{{netip.MustParseAddr("172.17.0.10"), netip.MustParseAddr("172.17.0.10")}}})
	// .9 is the server, .10 is excluded, .11 is a host's.
	other := NewClient()
	l.client = other
	l.take(other.Configure(boot, ClientConfig{Rand: rand.NewChaCha8([32]byte{2}), Dev: "Ethernet0", MAC: [6]byte{2}}))
	l.until(0)
	if len(l.leased) != 1 || l.leased[0].Address.Addr() != netip.MustParseAddr("172.17.0.12") {
		t.Fatalf("leased %+v, want 172.17.0.12", l.leased)
	}
	if s := l.server.Snapshot(); len(s.Bindings) != 1 || s.Bindings[0].Manual {
		t.Errorf("bindings %+v", s.Bindings)
	}
}

func TestServerRefusesAnAddressThatIsNotTheClients(t *testing.T) {
	l := newLink(t, hostPool)
	l.until(0)
	moved := hostPool
	moved.Host = netip.MustParsePrefix("172.17.0.13/29")
	l.server.Configure(l.now, ServerConfig{Pools: []Pool{moved}})
	l.until(30 * time.Minute)
	if l.lost != 1 {
		t.Fatalf("%d losses after a refusal, want one", l.lost)
	}
	l.until(31 * time.Minute)
	if got := l.client.Snapshot().Lease.Address; got != moved.Host {
		t.Errorf("leased %v, want %v", got, moved.Host)
	}
}

func TestClientIgnoresWhatIsNotForIt(t *testing.T) {
	l := newLink(t, hostPool)
	l.deaf = true
	sent := l.client.Advance(boot).Send[0]
	offer := l.server.Receive(boot, "Ethernet2", network, sent.Payload).Send[0].Payload
	for at, what := range map[int]string{0: "a request", 5: "another transaction", 28: "another client"} {
		wrong := bytes.Clone(offer)
		wrong[at] ^= 3
		if out := l.client.Receive(boot, wrong); len(out.Send) > 0 || out.Lease != nil {
			t.Errorf("%s is taken for an offer", what)
		}
	}
	if out := l.client.Receive(boot, offer); len(out.Send) != 1 {
		t.Error("and the offer is not taken for one")
	}
}

// TestOptions holds the options that are read to what was written, and every
// message that is cut short to a refusal, or to less.
func TestOptions(t *testing.T) {
	l := newLink(t, hostPool)
	sent := l.client.Advance(boot).Send[0]
	offer := l.server.Receive(boot, "Ethernet2", network, sent.Payload).Send[0].Payload
	m, err := parse(offer)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(m.ToBytes(), offer) {
		t.Error("an offer that is read and written is another one")
	}
	if got := addrsOf(m, dhcpv4.OptionRouter); len(got) != 1 || got[0] != hostPool.Routers[0] {
		t.Errorf("routers %v", got)
	}
	if maskBits(m) != 29 {
		t.Errorf("mask of %d bits", maskBits(m))
	}
	for n := range 240 {
		if _, err := parse(offer[:n]); err == nil {
			t.Errorf("%d octets are taken for a message", n)
		}
	}
}

func TestDotted(t *testing.T) {
	for _, s := range []string{"00", "0063", "0063.69", "0063.6973.636f"} {
		if got := dotted(undotted(s)); got != s {
			t.Errorf("%s becomes %s", s, got)
		}
	}
	if undotted("xyz") != nil {
		t.Error("xyz is hexadecimal")
	}
}

func FuzzReceive(f *testing.F) {
	l := newLink(&testing.T{}, hostPool)
	sent := l.client.Advance(boot).Send[0]
	f.Add(sent.Payload)
	f.Add(l.server.Receive(boot, "Ethernet2", network, sent.Payload).Send[0].Payload)
	f.Fuzz(func(t *testing.T, b []byte) {
		c, s := NewClient(), NewServer()
		s.Configure(boot, ServerConfig{Pools: []Pool{hostPool, {Network: network.Masked()}}})
		c.Configure(boot, ClientConfig{Rand: rand.NewChaCha8([32]byte{1}), MAC: mac})
		c.Advance(boot)
		// The dice are known, so that the fuzzer may find the transaction.
		c.Receive(boot, b)
		for _, answer := range s.Receive(boot, "Ethernet2", network, b).Send {
			if _, err := parse(answer.Payload); err != nil {
				t.Error(fmt.Errorf("the server answers with what can't be read: %w", err))
			}
		}
	})
}
