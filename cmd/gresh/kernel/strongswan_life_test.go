//go:build linux

package kernel

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"gresh/backend/linux/uml"
)

// negotiated is a pair that carries traffic.
func negotiated(t *testing.T, change func(*uml.Connection)) *pair {
	t.Helper()
	p := newPair(t, suites["aes"], change)
	if err := p.charon.Initiate(); err != nil {
		t.Fatal(err)
	}
	p.ours.configure(toPeer...)
	p.agreed(t)
	p.carries(t)
	return p
}

// pings sends pings through the tunnel from both ends while it is called, and
// checks that every one was answered.
func (p *pair) pings(t *testing.T, meanwhile func()) {
	t.Helper()
	from := []*uml.Proc{
		p.theirs.Start("ping", "-n", "-i", "0.05", ourIP),
		p.ours.Node.Start("ping", "-n", "-i", "0.05", theirIP),
	}
	meanwhile()
	for _, ping := range from {
		ping.Interrupt()
		uml.Wait(t, "ping to end", 5*time.Second, ping.Exited)
		if lost := unanswered(ping.Log()); len(lost) > 0 {
			t.Errorf("pings were lost: numbers %v of %s", lost, ping.Log()[strings.LastIndex(ping.Log(), "---\n")+4:])
		}
	}
	if n := p.wire.Count(uml.Packet.GRE); n > 0 {
		t.Errorf("%d packets were sent in clear", n)
	}
}

// unanswered are the numbers of the pings without an answer before the last that
// has one: the very last may have been on its way when ping was told to end.
func unanswered(said string) (lost []int) {
	next := 1
	for _, m := range sequence.FindAllStringSubmatch(said, -1) {
		n, _ := strconv.Atoi(m[1])
		for ; next < n; next++ {
			lost = append(lost, next)
		}
		next = n + 1
	}
	if next == 1 {
		return []int{1}
	}
	return lost
}

var sequence = regexp.MustCompile(`icmp_seq=(\d+) ttl`)

// replaced waits until charon uses another pair than the one before.
func (p *pair) replaced(t *testing.T, before uml.Child, within time.Duration) {
	t.Helper()
	uml.Wait(t, "another pair of SAs", within, func() bool {
		all := p.charon.Installed()
		return len(all) > 0 && all[len(all)-1].SPIIn != before.SPIIn
	})
}

// alone waits until the pairs that were replaced are gone, and both are left
// with the same.
func (p *pair) alone(t *testing.T) {
	t.Helper()
	uml.Wait(t, "the old pairs to go", lingers, func() bool {
		return strings.Count(p.ours.IP("xfrm state"), "proto esp spi") == 2 && len(p.charon.Installed()) == 1
	})
	p.agreed(t)
}

// TestStrongSwanRekey replaces SAs under traffic, of which nothing is lost.
func TestStrongSwanRekey(t *testing.T) {
	t.Run("by charon", func(t *testing.T) {
		p := negotiated(t, nil)
		p.pings(t, func() {
			before := p.agreed(t)
			must(t, p.charon.Rekey())
			p.replaced(t, before, negotiating)
			p.alone(t)
		})
	})
	t.Run("by us, in time", func(t *testing.T) {
		const life = 20 * time.Second // we take the shorter: nobody may ask us for less than two minutes
		p := negotiated(t, func(c *uml.Connection) { c.Life = life })
		p.pings(t, func() { p.replaced(t, p.agreed(t), 2*life) })
	})
	t.Run("by us, by volume", func(t *testing.T) {
		p := negotiated(t, nil)
		p.ours.configure("crypto ipsec security-association lifetime kilobytes 2560")
		p.ours.say("clear crypto sa")
		before := p.agreed(t)
		p.carries(t)
		p.pings(t, func() {
			p.theirs.Must("ping", "-n", "-q", "-s", "1300", "-c", "1900", "-i", "0.002", ourIP)
			p.replaced(t, before, negotiating)
		})
	})
}

// TestStrongSwanDelete deletes SAs from either side: the other side deletes its
// own, and the next traffic makes new ones.
func TestStrongSwanDelete(t *testing.T) {
	p := negotiated(t, func(c *uml.Connection) { c.Start = "trap" })
	for _, c := range []struct {
		name string
		do   func()
	}{
		{"their child", func() { must(t, p.charon.TerminateChild()) }},
		{"their IKE SA", func() { must(t, p.charon.Terminate()) }},
		{"our child", func() { p.ours.say("clear crypto sa") }},
		{"our IKE SA", func() { p.ours.say("clear crypto isakmp", "clear crypto sa") }},
	} {
		before := p.agreed(t)
		c.do()
		uml.Wait(t, c.name+" to be gone at the other side", negotiating, func() bool {
			for _, child := range p.charon.Installed() {
				if child.SPIIn == before.SPIIn {
					return false
				}
			}
			return !strings.Contains(strings.ToLower(p.ours.say("show crypto ipsec sa")), strings.TrimLeft(before.SPIIn, "0"))
		})
		p.carries(t)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestStrongSwanDPD kills each side: the other one finds out by asking, and the
// one that comes back is talked to again.
func TestStrongSwanDPD(t *testing.T) {
	p := newPair(t, suites["aes"], func(c *uml.Connection) { c.DPD = 2 * time.Second })
	p.ours.configure(append([]string{"crypto isakmp keepalive 10 periodic"}, toPeer...)...)
	p.agreed(t)
	p.Cut(p.theirs, "eth0")
	uml.Wait(t, "charon to give us up", time.Minute, func() bool { return len(p.charon.SAs()) == 0 })
	uml.Wait(t, "us to give charon up", time.Minute, func() bool {
		return !strings.Contains(p.ours.say("show crypto isakmp sa"), "QM_IDLE")
	})
	p.Heal(p.theirs, "eth0")
	uml.Wait(t, "the tunnel to carry again", time.Minute, func() bool { return p.ours.Pings(theirIP) })
	p.carries(t)
}

// TestStrongSwanKey has charon configured with another key: neither side comes
// to an SA, and our log says why it may be.
func TestStrongSwanKey(t *testing.T) {
	refused := "%CRYPTO-4-IKMP_BAD_MESSAGE: IKE message from " + theirNBMA + " failed its sanity check or is malformed"
	p := newPair(t, suites["aes"], func(c *uml.Connection) { c.Key = "other" })
	if err := p.charon.Initiate(); err == nil {
		t.Error("charon came to an SA with another key")
	}
	p.ours.Says(refused, negotiating)
	if said := p.ours.say("show crypto isakmp sa"); strings.Contains(said, "QM_IDLE") {
		t.Errorf("an SA with another key: %s", said)
	}
	p.ours.configure(toPeer...)
	if p.ours.Pings(theirIP) || p.wire.Count(uml.Packet.ESP)+p.wire.Count(uml.Packet.GRE) > 0 {
		t.Error("something passed without a common key")
	}
	p.offer.Key = "cisco47"
	p.charon.Load(p.offer)
	uml.Wait(t, "the right key to open the tunnel", time.Minute, func() bool { return p.ours.Pings(theirIP) })
}
