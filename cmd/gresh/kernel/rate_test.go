//go:build linux

package kernel

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"gresh/backend/ike"
	"gresh/backend/linux/uml"
	"gresh/backend/sadb"
)

const (
	rateClients = 300 // that come in one round
	rateRounds  = 3

	charonNBMA, loadNBMA = "172.17.0.2", "172.17.0.3"
)

// A contender is one that answers.
type contender struct {
	name    string
	addr    netip.Addr
	process *uml.Proc
	rate    float64 // exchanges per second by the clock
	cpu     float64 // and per second of its own processor time
}

// BenchmarkSettingUp has the same clients, over the same wire and on the same
// kernel, ask gresh and charon for a main mode and a Quick Mode each. By the
// clock the clients' own computing is in the rate, and the less the better the
// one who answers: what compares the two is the processor time that they use.
func BenchmarkSettingUp(b *testing.B) {
	for _, c := range []struct {
		group  sadb.Group
		charon string // its name
	}{{2, "modp1024"}, {14, "modp2048"}, {19, "ecp256"}} {
		b.Run(fmt.Sprint("group", c.group), func(b *testing.B) {
			s := suite{fmt.Sprint("encr aes, hash sha, group ", c.group), "esp-aes esp-sha-hmac", "",
				"aes128-sha1-" + c.charon, "aes128-sha1"}
			w := uml.NewNet(b)
			clients := w.Node("load", loadNBMA+"/24")
			gresh, charon := contendGresh(b, w, s), contendCharon(w, s)
			l := newLoad(b, clients, clientOf(c.group))
			for range rateRounds {
				gresh.round(l)
				charon.round(l)
			}
			for _, c := range []*contender{gresh, charon} {
				b.ReportMetric(c.rate, c.name+"/s")
				b.ReportMetric(c.cpu, c.name+"/cpu-s")
			}
			b.ReportMetric(gresh.rate/charon.rate, "ratio")
			b.ReportMetric(gresh.cpu/charon.cpu, "cpu-ratio")
		})
	}
}

// round measures once; the best of all rounds counts.
func (c *contender) round(l *load) {
	l.run(c.addr, clientsOnce) // whatever is done once is done now
	began, used := time.Now(), c.process.CPU()
	l.run(c.addr, rateClients)
	c.rate = max(c.rate, rateClients/time.Since(began).Seconds())
	c.cpu = max(c.cpu, rateClients/(c.process.CPU()-used).Seconds())
}

func contendGresh(t testing.TB, w *uml.Net, s suite) *contender {
	r := run(t, w.Node("gresh", ""), s.startup()+"ip route 10.9.0.0 255.255.0.0 "+loadNBMA+"\n")
	return &contender{name: "gresh", addr: netip.MustParseAddr(ourNBMA), process: r.Proc}
}

func contendCharon(w *uml.Net, s suite) *contender {
	n := w.Node("charon", charonNBMA+"/24")
	n.IP("route add " + clientsNet + " via " + loadNBMA)
	c := n.Charon(uml.Connection{Local: charonNBMA, Remote: "%any", IKE: s.ike, ESP: s.esp, Key: "cisco47", Quiet: true})
	return &contender{name: "charon", addr: netip.MustParseAddr(charonNBMA), process: c.Proc}
}

// clientOf is what every client is configured with, but for its address.
func clientOf(group sadb.Group) ike.Config {
	return ike.Config{
		Policies: []ike.Policy{{Priority: 1, Encryption: ike.AES128, Hash: ike.SHA1, Group: group, Lifetime: time.Hour}},
		Keys:     []ike.Key{{Prefix: netip.MustParsePrefix("0.0.0.0/0"), Secret: "cisco47"}},
		SADBs: sadb.Policies{{SADB: "load", Shared: true, Lifetime: sadb.Lifetime{Seconds: 3600},
			Sets: []sadb.TransformSet{{Name: "ts", Cipher: sadb.AES, KeyBits: 128, Auth: sadb.SHA1,
				Mode: sadb.TransportMode}}}},
	}
}
