package show

import (
	"io"
	"net/netip"
	"time"
)

// A Connection is one that a session has to another host.
type Connection struct {
	Number  int
	Host    string // as it was called
	Address netip.Addr
	Unseen  int // octets that wait to be shown
	Idle    time.Duration
	Last    bool // the one used last
}

// Connections renders "show sessions".
func Connections(w io.Writer, all []Connection) {
	printf(w, "Conn Host                Address             Byte  Idle Conn Name\n")
	for _, c := range all {
		mark := " "
		if c.Last {
			mark = "*"
		}
		printf(w, "%s %2d %-19s %-19v %4d  %4d %s\n", mark, c.Number, c.Host, c.Address, c.Unseen, int(c.Idle.Minutes()), c.Host)
	}
	printf(w, "\n")
}
