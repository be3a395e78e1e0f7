//go:build linux

package kernel

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gresh/backend/linux/uml"
)

// comesUp is how long the network of the guide may take to come up.
const comesUp = 60 * time.Second

// cabling is which bridge each port of a router of the guide's network is on.
// The order is that in which they are switched on; the number is part of their
// MAC addresses, by which the provider knows its customers.
var cabling = []struct {
	name    string
	number  int
	bridges []string
}{
	{"Provider", 5, []string{"hub1", "hub2", "access"}},
	{"Hub1", 3, []string{"hub1", "hublan"}},
	{"Hub2", 4, []string{"hub2", "hublan"}},
	{"Spoke1", 1, []string{"access", "lan1"}},
	{"Spoke2", 2, []string{"access", "lan2"}},
}

// A dualHub is the network of the guide, each router a gresh on a kernel of
// its own.
type dualHub struct {
	*uml.Net
	t       testing.TB
	routers map[string]*router
}

// newDualHub cables the network, and switches nothing on.
func newDualHub(t testing.TB) *dualHub {
	d := &dualHub{Net: uml.NewNet(t), t: t, routers: map[string]*router{}}
	for _, c := range cabling {
		n := d.Bare(c.name)
		for i, bridge := range c.bridges {
			d.Attach(n, bridge, "")
			n.IP(fmt.Sprintf("link set eth%d address aa:bb:cc:00:%02x:%02x", i, c.number, i))
		}
		d.routers[c.name] = &router{Node: n}
	}
	return d
}

// switchOn starts the routers. Lines of a configuration can be replaced: old
// and new in turn.
func (d *dualHub) switchOn(changes map[string][]string) {
	d.t.Helper()
	for _, c := range cabling {
		d.startOne(c.name, strings.NewReplacer(changes[c.name]...).Replace(d.guide(c.name)))
	}
}

// startWith starts some of the routers, with these configurations; "" is the
// guide's.
func (d *dualHub) startWith(startups map[string]string) {
	d.t.Helper()
	for _, c := range cabling {
		if text, ok := startups[c.name]; ok {
			d.startOne(c.name, cmp.Or(text, d.guide(c.name)))
		}
	}
}

func (d *dualHub) startOne(name, startup string) {
	d.t.Helper()
	d.routers[name] = run(d.t, d.routers[name].Node, startup)
}

// guide is the configuration that the guide has for a router.
func (d *dualHub) guide(name string) string {
	d.t.Helper()
	file := filepath.Join("..", "..", "..", "testdata", "labs", "dual-hub", strings.ToLower(name)+".cfg")
	text, err := os.ReadFile(file)
	if err != nil {
		d.t.Fatal(err)
	}
	return string(text)
}

// open waits until a router has so many open crypto sockets.
func (d *dualHub) open(name string, sockets int) {
	d.t.Helper()
	r := d.routers[name]
	uml.Wait(d.t, fmt.Sprintf("%d open crypto sockets on %s", sockets, name), comesUp, func() bool {
		return strings.Count(r.say("show crypto socket"), "Socket State: Open") == sockets
	})
}

// ping has a router ping, and wants every answer.
func (d *dualHub) ping(name, to string, repeat int) {
	d.t.Helper()
	said := d.routers[name].say(fmt.Sprintf("ping %s repeat %d", to, repeat))
	if !strings.Contains(said, fmt.Sprintf("(%d/%d)", repeat, repeat)) {
		d.t.Errorf("%s: ping %s:\n%s", name, to, said)
	}
}
