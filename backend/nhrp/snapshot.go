package nhrp

import (
	"net/netip"
	"slices"
	"time"
)

// A Snapshot is the state of the engine for display.
type Snapshot struct {
	Entries []Entry  // by target address, then in the order of the tunnels
	Servers []Server // tunnels as configured, servers as configured
	Traffic []Traffic
}

// An EntryType is the "Type:" of an entry.
type EntryType uint8

// The entry types.
const (
	Static EntryType = iota
	Dynamic
	Incomplete
)

// Flags are the "Flags:" of an entry, a bit each.
type Flags uint8

// The flags, in the order in which they are printed.
const (
	Router     Flags = 1 << iota // the mapping was learnt by resolution
	Unique                       // registered as unique
	Registered                   // by the client itself
	UsedFlag                     // control packets went through it in the last minute
	Negative                     // no mapping is known
)

// An Entry is one mapping.
type Entry struct {
	Target   netip.Prefix
	Via      netip.Addr // invalid for an incomplete entry
	Tunnel   string
	Created  time.Time
	Expires  time.Time // zero: never
	Type     EntryType
	Flags    Flags
	NBMA     netip.Addr // invalid for an incomplete entry
	Hits     uint64     // packets that asked for it
	NoSocket bool       // the tunnel is protected, and no peer is open for it
}

// A ServerState is how it stands with a next-hop server.
type ServerState uint8

// The states, as the letters W, E and RE of "show ip nhrp nhs".
const (
	Waiting    ServerState = iota // no map for it, or no protection to it yet
	Expecting                     // asked, and not answered
	Responding                    // registered
)

// A Server is a next-hop server.
type Server struct {
	Tunnel        string
	Addr, NBMA    netip.Addr // NBMA invalid: no map
	State         ServerState
	Since         time.Time // of the state
	Sent          uint64    // registration requests
	Failed        uint64    // of them unanswered
	Received      uint64    // replies
	LastReply     time.Time // zero: never
	RequestID     uint32    // of the request in flight
	Pending       bool      // one is
	Retry         time.Duration
	Refused       Code // of the last reply; Success: it was not refused
	NATAddress    netip.Addr
	NextRegisters time.Time // zero: not before the state changes
}

// Traffic counts a tunnel's packets.
type Traffic struct {
	Tunnel         string
	MaxSend        Rate
	Sent, Received [TypeCount]uint64 // by Type
	Forwarded      [TypeCount]uint64
	Throttled      uint64 // not sent because of MaxSend
	Malformed      uint64
	AuthFailed     uint64
	UniqueRefused  uint64
	Refused        uint64 // for any other reason
	UnknownReply   uint64 // replies to nothing that was asked
}

// Snapshot returns the state for display.
func (e *Engine) Snapshot() Snapshot {
	var s Snapshot
	for _, t := range e.tunnels {
		traffic := t.traffic
		traffic.Tunnel, traffic.MaxSend = t.cfg.Name, t.maxSend()
		s.Traffic = append(s.Traffic, traffic)
		for _, n := range t.order {
			s.Entries = append(s.Entries, n.show())
		}
		for _, r := range t.servers {
			s.Servers = append(s.Servers, r.show())
		}
	}
	slices.SortStableFunc(s.Entries, func(a, b Entry) int {
		return a.Target.Addr().Compare(b.Target.Addr())
	})
	return s
}

func (n *entry) show() Entry {
	out := Entry{
		Target: netip.PrefixFrom(n.addr, n.addr.BitLen()), Tunnel: n.tunnel.cfg.Name,
		Created: n.created, Expires: n.expires, Flags: n.flags(), NBMA: n.nbma, Hits: n.hits,
		NoSocket: n.tunnel.opens() && n.peer == nil,
	}
	switch n.kind {
	case incomplete:
		out.Type = Incomplete
		return out
	case registered, resolved:
		out.Type = Dynamic
	}
	out.Via = n.addr
	return out
}

func (n *entry) flags() (f Flags) {
	switch n.kind {
	case incomplete:
		f = Negative
	case registered:
		f = Registered
		if n.unique {
			f |= Unique
		}
	case resolved:
		f = Router
	}
	if !n.usedUntil.IsZero() {
		f |= UsedFlag
	}
	return f
}

func (s *registration) show() Server {
	out := Server{
		Tunnel: s.tunnel.cfg.Name, Addr: s.addr, NBMA: s.nbma, State: s.state(), Since: s.since,
		Sent: s.sent, Failed: s.failed, Received: s.received, LastReply: s.lastReply,
		Refused: s.refused, NATAddress: s.tunnel.nat, NextRegisters: s.timer.at,
	}
	if s.request.pending() {
		out.RequestID, out.Pending = s.request.id, true
		out.Retry = backoff(s.request.tries - 1)
	}
	return out
}

func (s *registration) state() ServerState {
	switch {
	case s.responding:
		return Responding
	case s.request.pending():
		return Expecting
	}
	return Waiting
}
