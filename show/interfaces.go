package show

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"gresh/backend/config"
)

// Interfaces renders "show interfaces".
func Interfaces(w io.Writer, all []Interface, now time.Time, release Release) {
	for _, i := range all {
		iface(w, i, now, release)
	}
}

func iface(w io.Writer, i Interface, now time.Time, release Release) {
	c := i.Config
	printf(w, "%s is %s, line protocol is %s \n", c.Name, i.status(), i.protocol())
	switch {
	case c.IsTunnel():
		printf(w, "  Hardware is Tunnel\n")
	case c.IsLoopback():
		printf(w, "  Hardware is Loopback\n")
	default:
		printf(w, "  Hardware is AmdP2, address is %s (bia %s)\n", dotted(i.MAC), dotted(i.MAC))
	}
	if c.Description != "" {
		printf(w, "  Description: %s\n", c.Description)
	}
	if i.Address.IsValid() {
		printf(w, "  Internet address is %v\n", i.Address)
	}
	mtu, bandwidth, delay := characteristics(c)
	printf(w, "  MTU %d bytes, BW %d %s, DLY %d usec, \n     reliability 255/255, txload %d/255, rxload %d/255\n",
		mtu, bandwidth, kilobits[release], delay, i.load(i.Counters.Out, now), i.load(i.Counters.In, now))
	switch {
	case c.IsTunnel():
		tunnel(w, i)
	case c.IsLoopback():
		printf(w, "  Encapsulation LOOPBACK, loopback not set\n")
	default:
		printf(w, "  Encapsulation ARPA, loopback not set\n  Keepalive set (10 sec)\n  ARP type: ARPA, ARP Timeout 04:00:00\n")
	}
	counters(w, i, now, release)
}

var kilobits = [...]string{Release12: "Kbit", Release15: "Kbit/sec"}

// characteristics are the MTU, the bandwidth in kilobits and the delay in
// microseconds.
func characteristics(c *config.Interface) (mtu, bandwidth, delay int) {
	mtu = 1500
	if !c.IsPhysical() {
		mtu = 1514
	}
	kilobits, tens := c.Characteristics()
	return cmp.Or(int(c.MTU), mtu), int(kilobits), int(tens) * 10
}

func tunnel(w io.Writer, i Interface) {
	t := i.Config.Tunnel
	printf(w, "  Encapsulation TUNNEL, loopback not set\n  Keepalive not set\n")
	if i.Held != "" {
		printf(w, "  Tunnel held down: %s\n", strings.TrimPrefix(i.Held, "% "))
	}
	source := "UNKNOWN"
	if i.Local.IsValid() {
		source = i.Local.String()
	}
	if i.Source != "" {
		source += " (" + i.Source + ")"
	}
	destination := "UNKNOWN"
	if t.Destination.IsValid() {
		destination = t.Destination.String()
	}
	printf(w, "  Tunnel source %s, destination %s\n", source, destination)
	switch t.Mode {
	case config.ModeGREMultipoint:
		printf(w, "  Tunnel protocol/transport multi-GRE/IP\n")
	case config.ModeIPsecIPv4:
		printf(w, "  Tunnel protocol/transport IPSEC/IP\n")
	default:
		printf(w, "  Tunnel protocol/transport GRE/IP\n")
	}
	if t.Mode != config.ModeIPsecIPv4 {
		key := "Key disabled"
		if t.HasKey {
			key = fmt.Sprintf("Key 0x%X", t.Key)
		}
		printf(w, "    %s, sequencing disabled\n    Checksumming of packets disabled\n", key)
	}
	printf(w, "  Tunnel TTL %d\n  Fast tunneling enabled\n", cmp.Or(t.TTL, 255))
	printf(w, "  Tunnel transmit bandwidth 8000 (kbps)\n  Tunnel receive bandwidth 8000 (kbps)\n")
	if t.Protection.Profile != "" {
		shared := ""
		if t.Protection.Shared {
			shared = ", shared"
		}
		printf(w, "  Tunnel protection via IPSec (profile \"%s\"%s)\n", t.Protection.Profile, shared)
	}
}
