package backend

import (
	"net/netip"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"gresh/backend/config"
	"gresh/backend/dhcp"
	"gresh/backend/forward"
)

// leasing is a router with an address from a server on Ethernet1, known by the
// address of Ethernet0.
func leasing(t *testing.T) (*Router, *recorder) {
	t.Helper()
	c := new(config.Config)
	i := c.AddInterface("Ethernet1")
	i.DHCP, i.DHCPClientID = true, "Ethernet0"
	r, h := newRouter(t, c)
	r.Receive(boot, forward.Link{Dev: "Ethernet1", Up: true})
	r.Advance(boot)
	server, own := dhcp.NewServer(), netip.MustParsePrefix("192.0.2.1/24")
	server.Configure(boot, dhcp.ServerConfig{Pools: []dhcp.Pool{{Network: own.Masked(), Lease: time.Hour}}})
	for n := 0; n < len(h.sent); n++ { // an answer may be answered
		d, ok := h.sent[n].(forward.SendUDP)
		if !ok {
			continue
		}
		for _, answer := range server.Receive(boot, "Ethernet1", own, d.Payload).Send {
			r.Receive(boot, forward.UDP{Dev: "Ethernet1", Local: answer.Remote, Remote: answer.Local, Payload: answer.Payload})
		}
	}
	if b := server.Snapshot().Bindings; len(b) != 1 || b[0].ClientID != "0102.0000.0000.00" {
		t.Fatalf("the server has bound %+v", b)
	}
	if !r.Leases()["Ethernet1"].Lease.Address.IsValid() {
		t.Fatal("there is no lease")
	}
	h.sent = nil
	return r, h
}

// released says whether the lease was given back.
func released(t *testing.T, h *recorder) bool {
	t.Helper()
	for _, p := range h.sent {
		d, ok := p.(forward.SendUDP)
		if !ok {
			continue
		}
		m, err := dhcpv4.FromBytes(d.Payload)
		if err != nil {
			t.Fatal(err)
		}
		if m.MessageType() == dhcpv4.MessageTypeRelease && d.Dev == "Ethernet1" {
			return true
		}
	}
	return false
}

func TestALeaseThatIsNotWantedIsGivenBack(t *testing.T) {
	for what, row := range map[string]struct {
		edit func(*config.Interface)
		want bool
	}{
		"another address": {func(i *config.Interface) { i.DHCP, i.Address = false, netip.MustParsePrefix("192.0.2.9/24") }, true},
		"none":            {func(i *config.Interface) { i.DHCP = false }, true},
		"a shutdown":      {func(i *config.Interface) { i.Shutdown = true }, false},
		"a description":   {func(i *config.Interface) { i.Description = "to the provider" }, false},
	} {
		r, h := leasing(t)
		if _, err := r.Commit(boot, func(c *config.Config) error { row.edit(c.Interface("Ethernet1")); return nil }); err != nil {
			t.Fatal(err)
		}
		if got := released(t, h); got != row.want {
			t.Errorf("%s: released %v, want %v", what, got, row.want)
		}
	}
	r, h := leasing(t)
	r.Receive(boot, forward.Link{Dev: "Ethernet1", Up: false})
	if released(t, h) || len(r.Leases()) > 0 {
		t.Error("without a carrier the lease is given back, or kept")
	}
}
