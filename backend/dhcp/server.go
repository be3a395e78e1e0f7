package dhcp

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

// ServerConfig is what a server gives.
type ServerConfig struct {
	Excluded []Range
	Pools    []Pool
}

// A Range is first to last, both included.
type Range struct{ First, Last netip.Addr }

// A Pool is a network's addresses, or one host's.
type Pool struct {
	Name       string
	Network    netip.Prefix // invalid: a host's
	Host       netip.Prefix
	ClientID   string // hexadecimal, dots allowed
	Hardware   string // likewise
	ClientName string
	Routers    []netip.Addr
	DNS        []netip.Addr
	Domain     string
	Lease      time.Duration
}

// A Binding is an address in use.
type Binding struct {
	Address  netip.Addr
	ClientID string    // as IOS writes it
	Expires  time.Time // zero: never
	Manual   bool
	pool     int
}

// ServerSnapshot is the state for display: bindings by address.
type ServerSnapshot struct{ Bindings []Binding }

const (
	offerLife   = 60 * time.Second
	bindingsMax = 65536
)

// A Server is a DHCP server.
type Server struct {
	cfg      ServerConfig
	bindings map[netip.Addr]Binding
}

// NewServer returns a server without pools.
func NewServer() *Server { return &Server{bindings: map[netip.Addr]Binding{}} }

// Configure makes cfg the configuration. Bindings stay.
func (s *Server) Configure(_ time.Time, cfg ServerConfig) Output {
	s.cfg = cfg
	return Output{}
}

// Next returns when Advance will have work. Bindings are looked at when they
// are asked for: there is never any.
func (s *Server) Next() time.Time { return time.Time{} }

// Advance has nothing to do.
func (s *Server) Advance(time.Time) Output { return Output{} }

// Snapshot returns the state for display.
func (s *Server) Snapshot() (all ServerSnapshot) {
	for _, b := range s.bindings {
		all.Bindings = append(all.Bindings, b)
	}
	slices.SortFunc(all.Bindings, func(a, b Binding) int { return a.Address.Compare(b.Address) })
	return all
}

// Receive takes a message that came in by an interface, whose own address is
// the one to answer from.
func (s *Server) Receive(now time.Time, dev string, own netip.Prefix, payload []byte) (out Output) {
	m, err := parse(payload)
	if err != nil || m.OpCode != dhcpv4.OpcodeBootRequest || len(m.ClientHWAddr) != 6 {
		return out
	}
	if id := addr(m.Options.Get(dhcpv4.OptionServerIdentifier)); id.IsValid() && id != own.Addr() {
		return out // it has chosen another server
	}
	q := query{now: now, dev: dev, own: own, m: m, client: identity(m)}
	switch m.MessageType() {
	case dhcpv4.MessageTypeDiscover:
		s.discover(q, &out)
	case dhcpv4.MessageTypeRequest:
		s.request(q, &out)
	case dhcpv4.MessageTypeRelease, dhcpv4.MessageTypeDecline:
		a := addr(m.ClientIPAddr.To4())
		if b, ok := s.bindings[a]; ok && b.ClientID == q.client {
			delete(s.bindings, a)
		}
	}
	return out
}

// A query is a message with what it is answered by.
type query struct {
	now    time.Time
	dev    string
	own    netip.Prefix
	m      *dhcpv4.DHCPv4
	client string
}

// identity is what a client is known by: its identifier, else its hardware.
func identity(m *dhcpv4.DHCPv4) string {
	if id := m.Options.Get(dhcpv4.OptionClientIdentifier); len(id) > 0 {
		return dotted(id)
	}
	return dotted(append([]byte{1}, m.ClientHWAddr...))
}

func (s *Server) discover(q query, out *Output) {
	pool, a, ok := s.choose(q)
	if !ok {
		if pool >= 0 {
			out.Log = append(out.Log, PoolExhausted{s.cfg.Pools[pool].Name})
		}
		return
	}
	s.bind(q, pool, a, offerLife)
	out.Send = append(out.Send, s.reply(q, dhcpv4.MessageTypeOffer, pool, a))
}

func (s *Server) request(q query, out *Output) {
	wanted := addr(q.m.Options.Get(dhcpv4.OptionRequestedIPAddress))
	if !wanted.IsValid() {
		wanted = addr(q.m.ClientIPAddr.To4())
	}
	pool, a, ok := s.choose(q)
	if !ok || a != wanted {
		out.Send = append(out.Send, s.reply(q, dhcpv4.MessageTypeNak, -1, netip.Addr{}))
		return
	}
	s.bind(q, pool, a, s.lease(pool))
	out.Send = append(out.Send, s.reply(q, dhcpv4.MessageTypeAck, pool, a))
}

func (s *Server) lease(pool int) time.Duration { return cmp.Or(s.cfg.Pools[pool].Lease, 24*time.Hour) }

func (s *Server) bind(q query, pool int, a netip.Addr, life time.Duration) {
	b := Binding{Address: a, ClientID: q.client, pool: pool, Manual: s.cfg.Pools[pool].Host.IsValid()}
	if life != Infinite {
		b.Expires = q.now.Add(life)
	}
	s.bindings[a] = b
}

// choose finds the pool and the address for a client: its own pool, else the
// address it has or asks for, else the lowest that is free.
func (s *Server) choose(q query) (pool int, a netip.Addr, ok bool) {
	for i, p := range s.cfg.Pools {
		if p.Host.IsValid() && q.own.Masked().Contains(p.Host.Addr()) && p.isFor(q) {
			return i, p.Host.Addr(), true
		}
	}
	for i, p := range s.cfg.Pools {
		if p.Network.IsValid() && p.Network.Contains(q.own.Addr()) {
			a, ok := s.free(q, p.Network)
			return i, a, ok
		}
	}
	return -1, netip.Addr{}, false
}

// isFor says whether a host's pool is for the client.
func (p Pool) isFor(q query) bool {
	id := q.m.Options.Get(dhcpv4.OptionClientIdentifier)
	switch {
	case p.ClientID != "":
		return len(id) > 0 && slices.Equal(undotted(p.ClientID), id)
	case p.Hardware != "":
		return slices.Equal(undotted(p.Hardware), q.m.ClientHWAddr)
	case p.ClientName != "":
		return string(q.m.Options.Get(dhcpv4.OptionHostName)) == p.ClientName
	}
	return false
}

// free finds an address of a network for the client.
func (s *Server) free(q query, network netip.Prefix) (netip.Addr, bool) {
	for a, b := range s.bindings {
		if b.ClientID == q.client && network.Contains(a) {
			return a, true
		}
	}
	wanted := addr(q.m.Options.Get(dhcpv4.OptionRequestedIPAddress))
	if wanted.IsValid() && network.Contains(wanted) && s.available(q, network, wanted) {
		return wanted, true
	}
	if len(s.bindings) >= bindingsMax {
		return netip.Addr{}, false
	}
	for a := network.Masked().Addr().Next(); network.Contains(a.Next()); a = a.Next() {
		if s.available(q, network, a) {
			return a, true
		}
	}
	return netip.Addr{}, false
}

func (s *Server) available(q query, network netip.Prefix, a netip.Addr) bool {
	if a == q.own.Addr() || a == network.Masked().Addr() {
		return false
	}
	for _, r := range s.cfg.Excluded {
		if !a.Less(r.First) && !r.Last.Less(a) {
			return false
		}
	}
	for _, p := range s.cfg.Pools {
		if p.Host.IsValid() && p.Host.Addr() == a {
			return false
		}
	}
	b, taken := s.bindings[a]
	return !taken || !b.Expires.IsZero() && q.now.After(b.Expires)
}

// reply answers a query. A pool of -1 refuses.
func (s *Server) reply(q query, kind dhcpv4.MessageType, pool int, a netip.Addr) Send {
	m := &dhcpv4.DHCPv4{OpCode: dhcpv4.OpcodeBootReply, HWType: q.m.HWType, ClientHWAddr: q.m.ClientHWAddr,
		TransactionID: q.m.TransactionID, Flags: q.m.Flags, GatewayIPAddr: q.m.GatewayIPAddr, Options: dhcpv4.Options{}}
	m.UpdateOption(dhcpv4.OptMessageType(kind))
	option(m, dhcpv4.OptionServerIdentifier, q.own.Addr().AsSlice())
	to := Send{Dev: q.dev, Local: netip.AddrPortFrom(q.own.Addr(), portServer),
		Remote: netip.AddrPortFrom(everyone, portClient)}
	if pool >= 0 {
		s.fill(m, pool, a)
		if have := addr(q.m.ClientIPAddr.To4()); have.IsValid() && !have.IsUnspecified() {
			m.ClientIPAddr = q.m.ClientIPAddr
			to.Remote, to.LinkDst = netip.AddrPortFrom(have, portClient), [6]byte(q.m.ClientHWAddr)
		}
	}
	to.Payload = m.ToBytes()
	return to
}

func (s *Server) fill(m *dhcpv4.DHCPv4, pool int, a netip.Addr) {
	p, life := s.cfg.Pools[pool], s.lease(pool)
	m.YourIPAddr = a.AsSlice()
	secondsOption(m, dhcpv4.OptionIPAddressLeaseTime, life)
	if life != Infinite {
		secondsOption(m, dhcpv4.OptionRenewTimeValue, life/2)
		secondsOption(m, dhcpv4.OptionRebindingTimeValue, life/8*7)
	}
	if p.Host.IsValid() {
		maskOption(m, p.Host)
	} else {
		maskOption(m, p.Network)
	}
	addrsOption(m, dhcpv4.OptionRouter, p.Routers)
	addrsOption(m, dhcpv4.OptionDomainNameServer, p.DNS)
	if p.Domain != "" {
		option(m, dhcpv4.OptionDomainName, []byte(p.Domain))
	}
}
