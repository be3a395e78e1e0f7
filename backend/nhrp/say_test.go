package nhrp

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

var boot = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// A counter is the randomness of the tests: request ids are 1, 2, 3, …
type counter struct{ n uint32 }

func (c *counter) Read(b []byte) (int, error) {
	c.n++
	binary.BigEndian.PutUint32(b, c.n)
	return len(b), nil
}

var typeNames = [TypeCount]string{"?", "resolve", "resolution", "register", "registration",
	"purge", "purged", "error", "indication"}

// String says what a message is: "register 1", "resolution 2 code 12".
func (m Message) String() string {
	var b strings.Builder
	b.WriteString(typeNames[m.Type])
	if m.Type.indication() {
		fmt.Fprintf(&b, " %d", m.Code)
		return b.String()
	}
	fmt.Fprintf(&b, " %d", m.ID)
	for _, c := range m.Clients {
		if c.Code != 0 {
			fmt.Fprintf(&b, " code %d", c.Code)
		}
	}
	return b.String()
}

// String says what is to be done, in the order in which it is.
func (out Output) String() string {
	var all []string
	for _, p := range out.Close {
		all = append(all, "close "+p.NBMA.String())
	}
	for _, p := range out.Open {
		all = append(all, "open "+p.NBMA.String())
	}
	for _, e := range out.Log {
		all = append(all, "log "+sayEvent(e))
	}
	for _, p := range out.Send {
		m, err := Parse(p.Payload)
		if err != nil {
			panic("a packet of ours cannot be read: " + err.Error())
		}
		all = append(all, fmt.Sprintf("%v to %v", m, p.NBMA))
	}
	return strings.Join(all, ", ")
}

func sayEvent(e Event) string {
	switch e := e.(type) {
	case ServerUp:
		return fmt.Sprintf("server %v up", e.Server.Addr)
	case ServerDown:
		return fmt.Sprintf("server %v down (%v)", e.Server.Addr, e.Reason)
	case ClientUp:
		return fmt.Sprintf("client %v at %v", e.Client.Addr, e.Client.NBMA)
	case ClientDown:
		return fmt.Sprintf("client %v down (%v)", e.Client.Addr, e.Reason)
	case RegistrationRefused:
		return fmt.Sprintf("server %v refused: %d", e.Server.Addr, e.Code)
	case UniqueConflict:
		return fmt.Sprintf("%v is unique at %v, wanted by %v", e.Addr, e.Registered, e.Claimed)
	case AuthenticationFailed:
		return fmt.Sprintf("%s from %v unauthenticated", typeNames[e.Type], e.Source.NBMA)
	case Refused:
		return fmt.Sprintf("%s from %v refused: %v %v", typeNames[e.Type], e.Source.NBMA, e.Addr, e.Reason)
	case Malformed:
		return fmt.Sprintf("malformed from %v", e.NBMA)
	case ResolutionFailed:
		return fmt.Sprintf("no %v: %d", e.Addr, e.Code)
	case ErrorReceived:
		return fmt.Sprintf("error %d from %v", e.Code, e.Source.NBMA)
	}
	panic(fmt.Sprintf("%T", e))
}

var reasonNames = map[Reason]string{NoReason: "no reason", NoAnswer: "no answer", Rejected: "rejected",
	Unprotected: "unprotected", Expired: "expired", Purged: "purged", Cleared: "cleared",
	Replaced: "replaced", TunnelDown: "tunnel down", Spoofed: "spoofed", UnknownSource: "unknown source",
	NotHere: "not here", BadAddress: "bad address", Foreign: "foreign", Looped: "looped",
	HopsExceeded: "hops exceeded", UnknownExtension: "unknown extension", CacheFull: "cache full"}

func (r Reason) String() string { return reasonNames[r] }

var flagNames = []string{"router", "unique", "registered", "used", "negative"}

func (f Flags) String() string {
	var all []string
	for i, name := range flagNames {
		if f&(1<<i) != 0 {
			all = append(all, name)
		}
	}
	return strings.Join(all, " ")
}

// sayEntries says a cache like "show ip nhrp": one entry a line, with what is
// left of its time.
func sayEntries(e *Engine, now time.Time) string {
	var b strings.Builder
	for _, n := range e.Snapshot().Entries {
		fmt.Fprintf(&b, "%v %s %s", n.Target, n.Tunnel, [...]string{"static", "dynamic", "incomplete"}[n.Type])
		if n.Flags != 0 {
			fmt.Fprintf(&b, " %v", n.Flags)
		}
		if n.NBMA.IsValid() {
			fmt.Fprintf(&b, " %v", n.NBMA)
		}
		if !n.Expires.IsZero() {
			fmt.Fprintf(&b, " %v", n.Expires.Sub(now))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func sayNeighbors(e *Engine) string {
	var all []string
	for _, n := range e.Neighbors() {
		all = append(all, fmt.Sprintf("%v>%v", n.Addr, n.NBMA))
	}
	return strings.Join(all, " ")
}

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }
