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
	use      use
}

// A use is what an address is not free for.
type use uint8

const (
	leased   use = iota
	offered      // to a client that has not asked for it yet
	declined     // by a client that found it in use
)

// ServerSnapshot is the state for display: leases by address.
type ServerSnapshot struct{ Bindings []Binding }

const (
	offerLife   = 60 * time.Second
	declineLife = time.Hour // before an address that was declined is tried again
	bindingsMax = 65536
)

// A Server is a DHCP server.
type Server struct {
	cfg      ServerConfig
	bindings map[netip.Addr]Binding
	due      time.Time // no binding ends before; zero: none ends
}

// NewServer returns a server without pools.
func NewServer() *Server { return &Server{bindings: map[netip.Addr]Binding{}} }

// Configure makes cfg the configuration. Bindings stay.
func (s *Server) Configure(_ time.Time, cfg ServerConfig) Output {
	s.cfg = cfg
	return Output{}
}

// Next returns when a binding may end; zero: none will.
func (s *Server) Next() time.Time { return s.due }

// Advance forgets the bindings that have ended. It does nothing if called
// early.
func (s *Server) Advance(now time.Time) (out Output) {
	if s.due.IsZero() || now.Before(s.due) {
		return out
	}
	s.due = time.Time{}
	for a, b := range s.bindings {
		if b.ended(now) {
			delete(s.bindings, a)
		} else {
			s.expect(b)
		}
	}
	return out
}

func (b Binding) ended(now time.Time) bool { return !b.Expires.IsZero() && !now.Before(b.Expires) }

// expect has Next know of the end of a binding.
func (s *Server) expect(b Binding) {
	if !b.Expires.IsZero() && (s.due.IsZero() || b.Expires.Before(s.due)) {
		s.due = b.Expires
	}
}

// Snapshot returns the state for display.
func (s *Server) Snapshot() (all ServerSnapshot) {
	for _, b := range s.bindings {
		if b.use == leased {
			all.Bindings = append(all.Bindings, b)
		}
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
	q := query{now: now, dev: dev, own: own, m: m, client: identity(m), wanted: wanted(m)}
	switch m.MessageType() {
	case dhcpv4.MessageTypeDiscover:
		s.discover(q, &out)
	case dhcpv4.MessageTypeRequest:
		s.request(q, &out)
	case dhcpv4.MessageTypeRelease:
		if s.has(q) {
			delete(s.bindings, q.wanted)
		}
	case dhcpv4.MessageTypeDecline:
		if s.has(q) {
			s.hold(q, Binding{Address: q.wanted, use: declined}, declineLife)
			out.Log = append(out.Log, Declined{q.client, q.wanted}) // RFC 2131 section 4.3.3
		}
	}
	return out
}

// has says whether the address that a query is about is the client's.
func (s *Server) has(q query) bool {
	b, ok := s.bindings[q.wanted]
	return ok && b.ClientID == q.client
}

// A query is a message with what it is answered by.
type query struct {
	now    time.Time
	dev    string
	own    netip.Prefix
	m      *dhcpv4.DHCPv4
	client string
	wanted netip.Addr // the address it is about; not valid: none in particular
}

// wanted is the address that a client asks for, else the one that it has.
func wanted(m *dhcpv4.DHCPv4) netip.Addr {
	if a := addr(m.Options.Get(dhcpv4.OptionRequestedIPAddress)); a.Is4() {
		return a
	}
	if a := addr(m.ClientIPAddr.To4()); a.Is4() && !a.IsUnspecified() {
		return a
	}
	return netip.Addr{}
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
	if b, ok := s.bindings[a]; !ok || b.ClientID != q.client || b.use != leased || b.ended(q.now) {
		s.bind(q, pool, a, offered, offerLife) // what it has it keeps meanwhile
	}
	out.Send = append(out.Send, s.reply(q, dhcpv4.MessageTypeOffer, pool, a))
}

// request grants or refuses. Of a client on a network that it has no pool for
// a server knows nothing, and is silent (RFC 2131 section 4.3.2).
func (s *Server) request(q query, out *Output) {
	pool, a, ok := s.choose(q)
	switch {
	case pool < 0:
	case !ok || a != q.wanted:
		out.Send = append(out.Send, s.reply(q, dhcpv4.MessageTypeNak, -1, netip.Addr{}))
	default:
		s.bind(q, pool, a, leased, s.lease(pool))
		out.Send = append(out.Send, s.reply(q, dhcpv4.MessageTypeAck, pool, a))
	}
}

func (s *Server) lease(pool int) time.Duration { return cmp.Or(s.cfg.Pools[pool].Lease, 24*time.Hour) }

func (s *Server) bind(q query, pool int, a netip.Addr, u use, life time.Duration) {
	manual := s.cfg.Pools[pool].Host.IsValid()
	s.hold(q, Binding{Address: a, ClientID: q.client, Manual: manual, use: u}, life)
}

// hold keeps an address for so long.
func (s *Server) hold(q query, b Binding, life time.Duration) {
	if life != Infinite {
		b.Expires = q.now.Add(life)
	}
	s.bindings[b.Address] = b
	s.expect(b)
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

// free finds an address of a network for the client: the one it has, the one
// it asks for, or the lowest.
func (s *Server) free(q query, network netip.Prefix) (netip.Addr, bool) {
	if a, ok := s.held(q, network); ok {
		return a, true
	}
	if q.wanted.IsValid() && network.Contains(q.wanted) && s.available(q, network, q.wanted) {
		return q.wanted, true
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

// held is the address of a network that the client has. It has two after its
// own pool has come or gone: then it is the lower one.
func (s *Server) held(q query, network netip.Prefix) (lowest netip.Addr, ok bool) {
	for a, b := range s.bindings {
		if b.ClientID == q.client && !b.ended(q.now) && network.Contains(a) && (!ok || a.Less(lowest)) {
			lowest, ok = a, true
		}
	}
	return lowest, ok
}

func (s *Server) available(q query, network netip.Prefix, a netip.Addr) bool {
	if a == q.own.Addr() || a == network.Masked().Addr() || !network.Contains(a.Next()) {
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
	return !taken || b.ended(q.now)
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
