package dhcp

import (
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

// ClientConfig is what the client of one interface is to do.
type ClientConfig struct {
	Rand     io.Reader // transaction ids
	Dev      string
	MAC      [6]byte
	Hostname string // "": none is sent
	// IDMAC is the address that the client is known by; zero: it is known by a
	// name as IOS makes it, "cisco-aabb.cc00.0100-Et0".
	IDMAC [6]byte
}

// A State is the client's, as RFC 2131 section 4.4 names them.
type State uint8

// The states. Init waits for Advance to begin.
const (
	Init State = iota
	Selecting
	Requesting
	Bound
	Renewing
	Rebinding
)

func (s State) String() string {
	return [...]string{"Init", "Selecting", "Requesting", "Bound", "Renewing", "Rebinding"}[s]
}

const (
	retryFirst = 4 * time.Second // doubles to retryMost (RFC 2131 section 4.1)
	retryMost  = 64 * time.Second
	requestMax = 4 // requests without an answer before it begins anew
	renewLeast = 60 * time.Second
)

// A Client is the DHCP client of one interface.
type Client struct {
	cfg   ClientConfig
	begun bool // by Configure; a lease without end leaves nothing due
	state State
	xid   [4]byte
	offer Lease
	lease Lease
	tries int // messages of this state so far; a request's begin at one
	due   time.Time
}

// ClientSnapshot is the state for display.
type ClientSnapshot struct {
	State State
	Lease Lease
}

// NewClient returns a client that has not begun.
func NewClient() *Client { return new(Client) }

// Snapshot returns the state for display.
func (c *Client) Snapshot() ClientSnapshot { return ClientSnapshot{c.state, c.lease} }

// Next returns when Advance will have work; zero: never.
func (c *Client) Next() time.Time { return c.due }

// Configure makes cfg the configuration. Anything new begins anew.
func (c *Client) Configure(now time.Time, cfg ClientConfig) (out Output) {
	if c.begun && c.cfg == cfg {
		return out
	}
	had := c.lease.Address.IsValid()
	*c = Client{cfg: cfg, begun: true, due: now}
	out.Lost = had
	return out
}

// Advance does what is due at now. It does nothing if called early.
func (c *Client) Advance(now time.Time) (out Output) {
	if c.due.IsZero() || now.Before(c.due) {
		return out
	}
	switch {
	case c.state == Requesting && c.tries > requestMax:
		c.begin()
	case c.state >= Bound && !c.lease.Expires.IsZero() && !now.Before(c.lease.Expires):
		out.Lost = true
		c.lease = Lease{}
		c.begin()
	case c.state >= Bound && !now.Before(c.lease.Rebind):
		c.state = Rebinding
	case c.state >= Bound:
		c.state = Renewing
	}
	out.Send = append(out.Send, c.message(now))
	return out
}

// Release gives the lease back, and rests until Configure (RFC 2131 section
// 4.4.6). The address may be gone by the time the message leaves, so that it
// names the interface.
func (c *Client) Release(time.Time) (out Output) {
	lease, cfg := c.lease, c.cfg
	if lease.Address.IsValid() {
		_, _ = io.ReadFull(cfg.Rand, c.xid[:])
		m := c.prepare()
		m.ClientIPAddr = lease.Address.Addr().AsSlice()
		delete(m.Options, dhcpv4.OptionParameterRequestList.Code())
		option(m, dhcpv4.OptionServerIdentifier, lease.Server.AsSlice())
		m.UpdateOption(dhcpv4.OptMessageType(dhcpv4.MessageTypeRelease))
		out.Lost = true
		out.Send = append(out.Send, Send{Dev: cfg.Dev,
			Local:  netip.AddrPortFrom(lease.Address.Addr(), portClient),
			Remote: netip.AddrPortFrom(lease.Server, portServer), Payload: m.ToBytes()})
	}
	*c = Client{}
	return out
}

// begin starts over with a discovery.
func (c *Client) begin() { c.state, c.tries = Init, 0 }

// message is what the state asks to be sent, and sets when to send it again.
func (c *Client) message(now time.Time) Send {
	if c.tries == 0 || c.state == Init {
		_, _ = io.ReadFull(c.cfg.Rand, c.xid[:])
	}
	if c.state == Init {
		c.state = Selecting
	}
	wait := min(retryFirst<<min(c.tries, 6), retryMost)
	c.tries++
	c.due = now.Add(wait)
	m, send := c.prepare(), Send{Dev: c.cfg.Dev,
		Local:  netip.AddrPortFrom(netip.IPv4Unspecified(), portClient),
		Remote: netip.AddrPortFrom(everyone, portServer)}
	kind := dhcpv4.MessageTypeRequest
	switch c.state {
	case Selecting:
		kind = dhcpv4.MessageTypeDiscover
	case Requesting:
		option(m, dhcpv4.OptionRequestedIPAddress, c.offer.Address.Addr().AsSlice())
		option(m, dhcpv4.OptionServerIdentifier, c.offer.Server.AsSlice())
	case Renewing, Rebinding:
		c.due = c.renewal(now)
		m.ClientIPAddr = c.lease.Address.Addr().AsSlice()
		send.Local = netip.AddrPortFrom(c.lease.Address.Addr(), portClient)
		if c.state == Renewing {
			send.Dev = ""
			send.Remote = netip.AddrPortFrom(c.lease.Server, portServer)
		}
	}
	m.UpdateOption(dhcpv4.OptMessageType(kind))
	send.Payload = m.ToBytes()
	return send
}

// renewal is when to ask again for a lease: half of what is left until the
// next stage, but not more often than once a minute (RFC 2131 section 4.4.5).
func (c *Client) renewal(now time.Time) time.Time {
	end := c.lease.Rebind
	if c.state == Rebinding {
		end = c.lease.Expires
	}
	if left := end.Sub(now); left > 2*renewLeast {
		return now.Add(left / 2)
	} else if left > renewLeast {
		return now.Add(renewLeast)
	}
	return end
}

// prepare is what all messages of the client have in common.
func (c *Client) prepare() *dhcpv4.DHCPv4 {
	m := &dhcpv4.DHCPv4{OpCode: dhcpv4.OpcodeBootRequest, HWType: 1, ClientHWAddr: c.cfg.MAC[:],
		TransactionID: c.xid, Options: dhcpv4.Options{}}
	if c.state < Bound {
		m.SetBroadcast()
	}
	option(m, dhcpv4.OptionClientIdentifier, c.clientID())
	if c.cfg.Hostname != "" {
		option(m, dhcpv4.OptionHostName, []byte(c.cfg.Hostname))
	}
	option(m, dhcpv4.OptionParameterRequestList, []byte{1, 6, 15, 44, 3, 33, 150})
	return m
}

// clientID is the identifier: a type of hardware with its address, or 0 with
// what is none (RFC 2132 section 9.14).
func (c *Client) clientID() []byte {
	if c.cfg.IDMAC != [6]byte{} {
		return append([]byte{1}, c.cfg.IDMAC[:]...)
	}
	return fmt.Appendf([]byte{0}, "cisco-%s-%s", dotted(c.cfg.MAC[:]), shortName(c.cfg.Dev))
}

// shortName is an interface's name with its kind cut to two letters: "Et0/1".
func shortName(name string) string {
	at := strings.IndexAny(name, "0123456789")
	if at <= 2 {
		return name
	}
	return name[:2] + name[at:]
}

// Receive takes a message.
func (c *Client) Receive(now time.Time, payload []byte) (out Output) {
	m, err := parse(payload)
	if err != nil || m.OpCode != dhcpv4.OpcodeBootReply || m.TransactionID != c.xid ||
		!slices.Equal(m.ClientHWAddr, c.cfg.MAC[:]) {
		return out
	}
	switch kind := m.MessageType(); {
	case kind == dhcpv4.MessageTypeOffer && c.state == Selecting:
		if offer, ok := c.read(now, m); ok {
			c.offer, c.state, c.tries = offer, Requesting, 0
			xid := c.xid
			out.Send = append(out.Send, c.request(now, xid))
		}
	case kind == dhcpv4.MessageTypeAck && (c.state == Requesting || c.state == Renewing || c.state == Rebinding):
		if lease, ok := c.read(now, m); ok {
			c.bind(lease, &out)
		}
	case kind == dhcpv4.MessageTypeNak && c.state >= Requesting && c.state != Bound:
		out.Lost = c.lease.Address.IsValid()
		c.lease = Lease{}
		c.begin()
		c.due = now.Add(retryFirst)
	}
	return out
}

// request answers an offer in the same transaction.
func (c *Client) request(now time.Time, xid [4]byte) Send {
	c.tries = 1
	s := c.message(now)
	c.xid = xid
	return s
}

func (c *Client) bind(lease Lease, out *Output) {
	if lease.Address != c.lease.Address {
		out.Log = append(out.Log, AddressAssigned{c.cfg.Dev, lease.Address, c.cfg.Hostname})
	}
	if !lease.same(c.lease) {
		out.Lease = &lease
	}
	c.lease, c.state, c.tries, c.due = lease, Bound, 0, lease.Renew
}

// same says whether two leases give the same, whenever.
func (l Lease) same(o Lease) bool {
	return l.Address == o.Address && slices.Equal(l.Routers, o.Routers) && slices.Equal(l.DNS, o.DNS) && l.Domain == o.Domain
}

// read reads a lease; not ok if the message makes none.
func (c *Client) read(now time.Time, m *dhcpv4.DHCPv4) (l Lease, ok bool) {
	a := addr(m.YourIPAddr.To4())
	life, timed := seconds(m, dhcpv4.OptionIPAddressLeaseTime)
	l = Lease{
		Address: netip.PrefixFrom(a, maskBits(m)), Server: addr(m.Options.Get(dhcpv4.OptionServerIdentifier)),
		Routers: addrsOf(m, dhcpv4.OptionRouter), DNS: addrsOf(m, dhcpv4.OptionDomainNameServer),
		Domain: string(m.Options.Get(dhcpv4.OptionDomainName)), Time: life, Since: now,
	}
	if !a.Is4() || a.IsUnspecified() || a.IsMulticast() || !l.Server.IsValid() || !timed || life < time.Second {
		return Lease{}, false
	}
	if life == Infinite {
		return l, true
	}
	t1, ok1 := seconds(m, dhcpv4.OptionRenewTimeValue)
	t2, ok2 := seconds(m, dhcpv4.OptionRebindingTimeValue)
	if !ok1 || !ok2 || t1 <= 0 || t1 >= t2 || t2 >= life {
		t1, t2 = life/2, life/8*7 // RFC 2131 section 4.4.5
	}
	l.Renew, l.Rebind, l.Expires = now.Add(t1), now.Add(t2), now.Add(life)
	return l, true
}
