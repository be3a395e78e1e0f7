//go:build linux

package kernel

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"gresh/backend/linux/uml"
	"gresh/show/showtest"
)

// guideViews are the views of crypto that the documentation of the feature
// prints, with the files that hold what it prints.
var guideViews = map[string]string{
	"show crypto socket":   "guide-show-crypto-socket.txt",
	"show crypto map":      "guide-show-crypto-map.txt",
	"show crypto ipsec sa": "guide-show-crypto-ipsec-sa.txt",
}

// TestGuide runs the network of the guide with its own configurations: Spoke 1
// shows what the guide prints, traffic leaves as ESP, and the counters are the
// kernel's.
func TestGuide(t *testing.T) {
	d := newDualHub(t)
	wire := d.Capture("access")
	d.switchOn(nil)
	d.open("Spoke2", 2)
	d.guideRun()
	d.shown("show ip nhrp", "guide-show-ip-nhrp.txt") // "used" is for a minute
	d.oneSA(t)
	for command, file := range guideViews {
		d.shown(command, file)
	}
	t.Run("counters", func(t *testing.T) { d.counters(t, wire) })
	if n := wire.Count(uml.Packet.GRE); n != 0 {
		t.Errorf("%d packets of GRE in clear", n)
	}
}

// shown compares a view of Spoke 1 with what the guide prints.
func (d *dualHub) shown(command, file string) {
	d.t.Helper()
	printed, err := os.ReadFile(filepath.Join("..", "..", "..", "testdata", "show", file))
	if err != nil {
		d.t.Fatal(err)
	}
	want := showtest.Guide(string(printed))
	if got := showtest.Mask(d.routers["Spoke1"].say(command)); strings.TrimSpace(got) != strings.TrimSpace(want) {
		d.t.Errorf("%s:\ngot:\n%s\nwant:\n%s", command, got, want)
	}
}

// guideRun is how Spoke 1 came to show what the guide prints: both tunnels
// shut, Tunnel1 up, Tunnel0 up, traffic to Spoke 2 by either.
func (d *dualHub) guideRun() {
	d.t.Helper()
	s := d.routers["Spoke1"]
	s.configure("interface Tunnel0", "shutdown", "interface Tunnel1", "shutdown")
	d.open("Spoke1", 0)
	s.configure("interface Tunnel1", "no shutdown")
	d.open("Spoke1", 1)
	s.configure("interface Tunnel0", "no shutdown")
	d.open("Spoke1", 2)
	for _, to := range []string{"10.0.0.12", "10.0.1.12"} {
		uml.Wait(d.t, "an answer of "+to, comesUp, func() bool {
			return strings.Contains(s.say("ping "+to+" repeat 1"), "(1/1)")
		})
	}
	d.open("Spoke1", 3)
}

// lingers is how long both of two pairs may be there, after two routers have
// begun at once.
const lingers = 100 * time.Second

// oneSA checks that the two tunnels have one SA pair with each peer between
// them, in the kernel and not only in a view.
func (d *dualHub) oneSA(t *testing.T) {
	s := d.routers["Spoke1"]
	uml.Wait(t, "one SA pair per peer", lingers, func() bool {
		return strings.Count(s.IP("xfrm state"), "proto esp spi") == 2*3
	})
	if n := strings.Count(s.IP("xfrm policy"), "proto gre"); n != 2 {
		t.Errorf("there are %d policies, want one pair:\n%s", n, s.IP("xfrm policy"))
	}
}

var encaps = regexp.MustCompile(`#pkts encaps: (\d+)`)

// sent is how many packets the view says have left for Spoke 2.
func (d *dualHub) sent() int {
	said := d.routers["Spoke1"].say("show crypto ipsec sa peer 172.17.0.12")
	m := encaps.FindStringSubmatch(said)
	if m == nil {
		d.t.Fatalf("no counter in\n%s", said)
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// counters checks that packets are counted by whoever carries them.
func (d *dualHub) counters(t *testing.T, wire *uml.Capture) {
	const packets = 20
	before, kernel, seen := d.sent(), d.carried(), wire.Count(uml.Packet.ESP)
	d.ping("Spoke1", "10.0.0.12", packets)
	d.ping("Spoke1", "10.0.1.12", packets)
	if n := d.sent() - before; n < 2*packets || n > 2*packets+4 {
		t.Errorf("%d packets were counted, %d were sent", n, 2*packets)
	}
	if n := wire.Count(uml.Packet.ESP) - seen; n < 4*packets {
		t.Errorf("%d packets of ESP were seen, %d had to pass", n, 4*packets)
	}
	if view, n := d.sent()-before, d.carried()-kernel; view != n {
		t.Errorf("the view counts %d packets, the kernel %d", view, n)
	}
}

var carried = regexp.MustCompile(`(\d+)\(packets\)\n`)

// carried is how many packets the kernel has sent to Spoke 2 under the SAs that
// there are. The view counts those that are gone, too.
func (d *dualHub) carried() (all int) {
	state := d.routers["Spoke1"].IP("-s xfrm state list src " + spoke1 + " dst " + spoke2)
	for _, m := range carried.FindAllStringSubmatch(state, -1) {
		n, _ := strconv.Atoi(m[1])
		all += n
	}
	return all
}
