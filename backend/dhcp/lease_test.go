package dhcp

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

var lanPool = Pool{Name: "LAN", Network: netip.MustParsePrefix("172.17.0.8/29"), Lease: time.Hour}

// say has the client's own words heard by the server, but for what change
// makes of them, and returns the kinds of the answers. What is logged is kept.
func (l *link) say(kind dhcpv4.MessageType, change func(*dhcpv4.DHCPv4)) (answers []dhcpv4.MessageType) {
	l.Helper()
	m := l.client.prepare()
	m.UpdateOption(dhcpv4.OptMessageType(kind))
	change(m)
	out := l.server.Receive(l.now, "Ethernet2", network, m.ToBytes())
	l.logged = append(l.logged, out.Log...)
	for _, s := range out.Send {
		answer, err := parse(s.Payload)
		if err != nil {
			l.Fatal(err)
		}
		answers = append(answers, answer.MessageType())
	}
	return answers
}

func asking(a string) func(*dhcpv4.DHCPv4) {
	return func(m *dhcpv4.DHCPv4) {
		option(m, dhcpv4.OptionRequestedIPAddress, netip.MustParseAddr(a).AsSlice())
	}
}

func having(a string) func(*dhcpv4.DHCPv4) {
	return func(m *dhcpv4.DHCPv4) { m.ClientIPAddr = netip.MustParseAddr(a).AsSlice() }
}

// bound are the addresses in the snapshot.
func (l *link) bound() (all []string) {
	for _, b := range l.server.Snapshot().Bindings {
		all = append(all, b.Address.String())
	}
	return all
}

func (l *link) wantBound(when string, want ...string) {
	l.Helper()
	if got := l.bound(); !slices.Equal(got, want) {
		l.Errorf("%s: bound %v, want %v", when, got, want)
	}
}

func TestLeaseWithoutEnd(t *testing.T) {
	pool := hostPool
	pool.Lease = Infinite
	l := newLink(t, pool)
	l.until(0)
	if next := l.client.Next(); len(l.leased) != 1 || !next.IsZero() {
		t.Fatalf("%d leases, and the client wants to run at %v", len(l.leased), next)
	}
	l.take(l.client.Configure(boot, l.client.cfg))
	if l.lost != 0 || l.client.Snapshot().State != Bound {
		t.Error("it is lost to a configuration that changes nothing")
	}
	if next := l.server.Next(); next.Sub(boot) != offerLife {
		t.Errorf("the server wants to run at %v, want when the offer would end", next)
	}
	l.server.Advance(boot.Add(offerLife))
	l.wantBound("when the offer would have ended", "172.17.0.11")
	if next := l.server.Next(); !next.IsZero() {
		t.Errorf("then the server wants to run at %v", next)
	}
}

// TestClientIsKnownByAnAddress leases what is kept for one, as "client-id" asks.
func TestClientIsKnownByAnAddress(t *testing.T) {
	pool := hostPool
	pool.ClientID = "01aa.bbcc.0099.01"
	l := newLink(t, pool)
	cfg := l.client.cfg
	cfg.IDMAC = [6]byte{0xaa, 0xbb, 0xcc, 0, 0x99, 1}
	l.take(l.client.Configure(boot, cfg))
	l.until(0)
	if got := l.client.Snapshot().Lease.Address; got != pool.Host {
		t.Errorf("leased %v, want %v", got, pool.Host)
	}
}

func TestClientReleases(t *testing.T) {
	l := newLink(t, hostPool)
	l.until(0)
	out := l.client.Release(boot)
	if !out.Lost || len(out.Send) != 1 || out.Send[0].Remote.Addr() != network.Addr() || out.Send[0].Dev != "Ethernet0" {
		t.Fatalf("release says %+v", out)
	}
	m, err := parse(out.Send[0].Payload)
	if err != nil || m.MessageType() != dhcpv4.MessageTypeRelease || addr(m.ClientIPAddr.To4()) != hostPool.Host.Addr() {
		t.Errorf("sent %v, %v", m, err)
	}
	l.take(out)
	l.wantBound("after the release")
	if again := l.client.Release(boot); again.Lost || len(again.Send) > 0 || !l.client.Next().IsZero() {
		t.Errorf("a second release says %+v", again)
	}
}

// A T1 of nothing would have the client ask again at once, for ever.
func TestClientMistrustsItsTimes(t *testing.T) {
	for _, times := range [][2]time.Duration{{0, 10 * time.Minute}, {10 * time.Minute, 5 * time.Minute}, {time.Minute, time.Hour}} {
		l := newLink(t, hostPool)
		l.deaf = true
		sent := l.client.Advance(boot).Send[0]
		offer, _ := parse(l.server.Receive(boot, "Ethernet2", network, sent.Payload).Send[0].Payload)
		ask := l.client.Receive(boot, offer.ToBytes()).Send[0]
		ack, _ := parse(l.server.Receive(boot, "Ethernet2", network, ask.Payload).Send[0].Payload)
		secondsOption(ack, dhcpv4.OptionRenewTimeValue, times[0])
		secondsOption(ack, dhcpv4.OptionRebindingTimeValue, times[1])
		l.client.Receive(boot, ack.ToBytes())
		l.wantNext(30 * time.Minute)
	}
}

func TestServerExpiresBindings(t *testing.T) {
	l := newLink(t, lanPool)
	l.until(0)
	l.wantBound("leased", "172.17.0.10")
	l.server.Advance(boot.Add(time.Hour - 1))
	l.wantBound("a moment before the end", "172.17.0.10")
	l.server.Advance(boot.Add(time.Hour))
	l.wantBound("at the end")
	if next := l.server.Next(); !next.IsZero() {
		t.Errorf("an empty server wants to run at %v", next)
	}
}

func (l *link) wantServerNext(when string, want time.Duration) {
	l.Helper()
	if got := l.server.Next().Sub(boot); got != want {
		l.Errorf("%s the server wants to run at %v, want %v", when, got, want)
	}
}

func TestServerRunsAtTheEarliestEnd(t *testing.T) {
	l := newLink(t, lanPool)
	l.say(dhcpv4.MessageTypeRequest, asking("172.17.0.12"))
	l.wantServerNext("with a lease", time.Hour)
	l.client.cfg.MAC[5]++
	l.say(dhcpv4.MessageTypeDiscover, asking("172.17.0.13"))
	l.wantServerNext("with an offer beside it", offerLife)
	l.now = boot.Add(offerLife / 2)
	l.say(dhcpv4.MessageTypeDiscover, asking("172.17.0.13"))
	l.server.Advance(boot.Add(offerLife))
	l.wantServerNext("with an offer that was repeated", offerLife/2+offerLife)
	l.server.Advance(boot.Add(2 * offerLife))
	l.wantServerNext("without it", time.Hour)
}

func TestServerKeepsWhatIsOffered(t *testing.T) {
	l := newLink(t, lanPool)
	l.say(dhcpv4.MessageTypeDiscover, asking("172.17.0.12"))
	l.wantBound("an offer is no lease")
	l.client.cfg.MAC[5]++ // somebody else
	l.say(dhcpv4.MessageTypeDiscover, asking("172.17.0.12"))
	if got := l.say(dhcpv4.MessageTypeRequest, asking("172.17.0.12")); !slices.Equal(got, []dhcpv4.MessageType{dhcpv4.MessageTypeNak}) {
		t.Errorf("what is offered to one is given to another: %v", got)
	}
	l.now = boot.Add(offerLife) // and Advance has yet to be called
	if got := l.say(dhcpv4.MessageTypeRequest, asking("172.17.0.12")); !slices.Equal(got, []dhcpv4.MessageType{dhcpv4.MessageTypeAck}) {
		t.Errorf("after the offer has ended: %v", got)
	}
}

// Anybody can say DISCOVER in another's name: it must not cost him his lease.
func TestDiscoverShortensNoLease(t *testing.T) {
	l := newLink(t, lanPool)
	l.until(0)
	l.say(dhcpv4.MessageTypeDiscover, func(*dhcpv4.DHCPv4) {})
	l.server.Advance(boot.Add(offerLife))
	l.wantBound("after an offer has ended", "172.17.0.10")
}

func TestServerTakesDeclines(t *testing.T) {
	l := newLink(t, lanPool)
	l.until(0)
	identity := l.client.cfg.MAC
	l.client.cfg.MAC[5]++
	l.say(dhcpv4.MessageTypeDecline, asking("172.17.0.10"))
	l.wantBound("declined by another", "172.17.0.10")
	if len(l.logged) > 0 {
		t.Errorf("declined by another: %v is logged", l.logged)
	}
	l.client.cfg.MAC = identity
	l.say(dhcpv4.MessageTypeDecline, asking("172.17.0.10"))
	l.wantBound("declined")
	want := Declined{dotted(l.client.clientID()), netip.MustParseAddr("172.17.0.10")}
	if !slices.Equal(l.logged, []Event{want}) {
		t.Errorf("logged %v, want %v", l.logged, want)
	}
	for _, when := range []struct {
		at   time.Duration
		want string
	}{{0, "172.17.0.11"}, {declineLife, "172.17.0.10"}} {
		l.now = boot.Add(when.at)
		l.server.Advance(l.now)
		l.client = NewClient()
		l.take(l.client.Configure(l.now, ClientConfig{Rand: rand.NewChaCha8([32]byte{2}), Dev: "Ethernet0", MAC: identity}))
		l.take(l.client.Advance(l.now))
		if got := l.client.Snapshot().Lease.Address.Addr().String(); got != when.want {
			t.Errorf("%v after the decline the client has %v, want %v", when.at, got, when.want)
		}
		l.take(l.client.Release(l.now))
	}
}

func TestServerOffersNoBroadcastAddress(t *testing.T) {
	for _, a := range []string{"172.17.0.8", "172.17.0.9", "172.17.0.15", "172.17.0.16"} {
		l := newLink(t, lanPool)
		if got := l.say(dhcpv4.MessageTypeRequest, asking(a)); !slices.Equal(got, []dhcpv4.MessageType{dhcpv4.MessageTypeNak}) {
			t.Errorf("%s: %v", a, got)
		}
	}
}

func TestServerIsSilentWhereItHasNoPool(t *testing.T) {
	l := newLink(t)
	for _, kind := range []dhcpv4.MessageType{dhcpv4.MessageTypeDiscover, dhcpv4.MessageTypeRequest} {
		if got := l.say(kind, having("172.17.0.11")); len(got) > 0 {
			t.Errorf("%v is answered by %v", kind, got)
		}
	}
}

// A server that has been reloaded knows no bindings: a renewal makes one anew.
func TestServerRenewsWhatItForgot(t *testing.T) {
	l := newLink(t, lanPool)
	if got := l.say(dhcpv4.MessageTypeRequest, having("172.17.0.13")); !slices.Equal(got, []dhcpv4.MessageType{dhcpv4.MessageTypeAck}) {
		t.Errorf("the renewal of a free address is answered by %v", got)
	}
	l.wantBound("after it", "172.17.0.13")
}

// A client that had an address of its own pool, and one of the network's
// before, has two when its own pool goes. It gets the same one every time.
func TestServerChoosesAlikeAmongTwo(t *testing.T) {
	for range 20 {
		l := newLink(t, lanPool)
		l.say(dhcpv4.MessageTypeRequest, asking("172.17.0.14"))
		l.server.Configure(boot, ServerConfig{Pools: []Pool{hostPool, lanPool}})
		l.say(dhcpv4.MessageTypeRequest, asking("172.17.0.11"))
		l.wantBound("both", "172.17.0.11", "172.17.0.14")
		l.server.Configure(boot, ServerConfig{Pools: []Pool{lanPool}})
		if got := l.say(dhcpv4.MessageTypeRequest, asking("172.17.0.11")); !slices.Equal(got, []dhcpv4.MessageType{dhcpv4.MessageTypeAck}) {
			t.Fatalf("the lower one is answered by %v", got)
		}
	}
}
