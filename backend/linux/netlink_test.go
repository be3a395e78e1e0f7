//go:build linux

package linux

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"

	"gresh/backend/forward"
	"gresh/backend/sadb"
)

// onKernel is a kernel of netlink in a space, with a cable to nowhere.
func onKernel(t *testing.T) (s *space, k *rtkernel) {
	t.Helper()
	s = newSpace(t)
	cable(s, newSpace(t), nil, nil)
	s.do(func() {
		var err error
		n := newNames(map[string]string{"Ethernet0": "eth0"})
		k, err = openNetlink(n)
		s.must(err)
		_, err = k.links()
		s.must(err)
		s.must(k.route())
	})
	t.Cleanup(func() { s.do(func() { s.must(k.close()) }) })
	return s, k
}

// all is what the kernel has of ours, sorted.
func (s *space) all(k *rtkernel) (lines []string) {
	s.t.Helper()
	objects, err := k.list()
	s.must(err)
	for _, o := range objects {
		lines = append(lines, o.String())
	}
	slices.Sort(lines)
	return lines
}

// set carries out steps that all must succeed.
func (s *space) set(k *rtkernel, steps ...step) {
	s.t.Helper()
	for _, one := range steps {
		_, err := k.do(one)
		s.must(err)
	}
}

// An interface gets another address of its subnet: the new one comes before the
// old one goes, and must not go along with it, nor may the routes.
func TestAddressMoves(t *testing.T) {
	s, k := onKernel(t)
	s.do(func() {
		old, moved := address{"eth0", netip.MustParsePrefix("10.0.0.1/24")}, address{"eth0", netip.MustParsePrefix("10.0.0.2/24")}
		r := route{netip.MustParsePrefix("10.9.0.0/16"), "eth0 10.0.0.9\n"}
		s.set(k, step{set: true, object: old}, step{set: true, object: r}, step{set: true, object: moved}, step{object: old})
		equal(t, "left", s.all(k), []string{moved.String(), r.String()})
	})
}

// An address that others have given stays when it is not wanted any more.
func TestAddressOfOthers(t *testing.T) {
	s, k := onKernel(t)
	s.do(func() {
		s.bring("eth0", "10.0.0.1/24")
		a := address{"eth0", netip.MustParsePrefix("10.0.0.1/24")}
		s.set(k, step{set: true, object: a}, step{object: a})
		list, err := k.handle.AddrList(s.link("eth0"), netlink.FAMILY_V4)
		s.must(err)
		if len(list) != 1 {
			t.Errorf("there are the addresses %v", list)
		}
	})
}

// The kernel knows a policy by its selector alone: what lets something pass and
// what lets nothing pass are in the same place, and no step takes what is
// others'.
func TestPolicyPlace(t *testing.T) {
	s, k := onKernel(t)
	s.do(func() {
		block := policy{out: true, local: ip("10.0.0.1"), key: 7, hasKey: true}
		pass := block
		pass.reqid, pass.shape = reqidFirst, forward.Shape{ESP: true, Mode: sadb.TransportMode}
		if err := k.doPolicy(step{set: true}, block); err != nil {
			t.Skipf("no policies here: %v", err)
		}
		s.set(k, step{set: true, over: true, object: pass})
		equal(t, "there", s.all(k), []string{pass.String()})
		_, err := k.do(step{set: true, object: block})
		if err == nil || !strings.Contains(err.Error(), "not gresh's") {
			t.Errorf("a policy in a place that is taken: %v", err)
		}
		s.set(k, step{object: block})
		equal(t, "left", s.all(k), []string(nil))
	})
}
