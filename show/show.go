// Package show is every view of a router as a pure function of a snapshot:
// what an operator sees, to the blank. A view writes to an io.Writer line by
// line, so that its length costs no memory. It decides nothing, asks no engine
// and reads no clock; log.go does the same for events.
package show

import (
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"
)

// A Release is whose looks the views have.
type Release uint8

// The releases: 12.4(15)T, which is the default, and 15.x.
const (
	Release12 Release = iota
	Release15
)

// ReleaseOf is the release that the "version" line of a configuration asks for.
func ReleaseOf(version string) Release {
	if strings.HasPrefix(version, "15") || strings.HasPrefix(version, "16") || strings.HasPrefix(version, "17") {
		return Release15
	}
	return Release12
}

// portIKE is the port of IKE where no NAT is in the way.
const portIKE = 500

// printf writes to a view. Whoever reads has gone when it fails, and the view
// will end by itself.
func printf(w io.Writer, format string, args ...any) { fmt.Fprintf(w, format, args...) }

// uptime is a duration as IOS shows one: 00:06:52, 1d02h, 10w2d.
func uptime(d time.Duration) string {
	d = max(d, 0)
	hours := int(d / time.Hour)
	switch {
	case hours < 24:
		return clock(d)
	case hours < 7*24:
		return fmt.Sprintf("%dd%02dh", hours/24, hours%24)
	case hours < 365*24:
		return fmt.Sprintf("%dw%dd", hours/24/7, hours/24%7)
	}
	return fmt.Sprintf("%dy%dw", hours/24/365, hours/24%365/7)
}

func clock(d time.Duration) string {
	s := int(d / time.Second)
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}

func seconds(d time.Duration) int { return int(d / time.Second) }

// shortName is an interface's name as IOS cuts it: Tu0, Et0/1.
func shortName(name string) string {
	at := strings.IndexAny(name, "0123456789")
	if at <= 2 {
		return name
	}
	return name[:2] + name[at:]
}

// dotted is a hardware address as IOS writes one.
func dotted(mac [6]byte) string {
	return fmt.Sprintf("%02x%02x.%02x%02x.%02x%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5])
}

// mask is a prefix length as a dotted mask.
func mask(bits int) netip.Addr {
	m := ^uint32(0) << (32 - bits)
	return netip.AddrFrom4([4]byte{byte(m >> 24), byte(m >> 16), byte(m >> 8), byte(m)})
}

// plural is a count and what is counted.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
