// Package probe is ping and traceroute as pure engines: they are told the time
// and what ICMP came in, and say what to send and what there is to tell. They
// print nothing: a mark is a value, and package show knows IOS's letters.
package probe

import (
	"net/netip"
	"time"
)

// An Engine is a probe in progress.
type Engine interface {
	// Start begins it; id distinguishes it from others of the router.
	Start(now time.Time, id uint16) Output
	Receive(now time.Time, m Message) Output
	Advance(now time.Time) Output
	Next() time.Time
	Done() bool
}

// Output is what the caller must do.
type Output struct {
	Send   []Packet
	Events []Event // in the order in which they happened
}

// A Packet is one to send. A Src that is not valid is the caller's to choose.
type Packet struct {
	Src, Dst netip.Addr
	Protocol uint8
	TTL      uint8
	TOS      uint8
	DF       bool
	Payload  []byte
}

// A Message is ICMP that came in, from its type on.
type Message struct {
	From netip.Addr
	TTL  uint8
	ICMP []byte
}

// An Event is something to tell.
type Event interface{ event() }

// A Mark is what became of one probe.
type Mark uint8

// The marks.
const (
	Timeout Mark = iota
	Reply
	HostUnreachable
	NetUnreachable
	PortUnreachable
	ProtocolUnreachable
	NeedsFragment
	Prohibited
	SourceQuench
	TTLExpired
	Other
)

const (
	protoICMP = 1
	protoUDP  = 17

	icmpEchoReply    = 0
	icmpUnreachable  = 3
	icmpSourceQuench = 4
	icmpEchoRequest  = 8
	icmpTimeExceeded = 11

	ipHeaderLen = 20
)

// markOf says what an ICMP error means.
func markOf(icmp []byte) Mark {
	switch icmp[0] {
	case icmpTimeExceeded:
		return TTLExpired
	case icmpSourceQuench:
		return SourceQuench
	case icmpUnreachable:
		switch icmp[1] {
		case 0:
			return NetUnreachable
		case 1:
			return HostUnreachable
		case 2:
			return ProtocolUnreachable
		case 3:
			return PortUnreachable
		case 4:
			return NeedsFragment
		case 9, 10, 13:
			return Prohibited
		}
	}
	return Other
}

// quoted returns the start of the packet that an ICMP error is about: the
// protocol, the destination and what follows the IP header.
func quoted(icmp []byte) (protocol uint8, dst netip.Addr, rest []byte, ok bool) {
	if len(icmp) < 8+ipHeaderLen+8 {
		return 0, dst, nil, false
	}
	ip := icmp[8:]
	n := int(ip[0]&15) * 4
	if n < ipHeaderLen || len(ip) < n+8 {
		return 0, dst, nil, false
	}
	return ip[9], netip.AddrFrom4([4]byte(ip[16:20])), ip[n:], true
}
