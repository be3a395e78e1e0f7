package nhrp

import (
	"net/netip"
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
