package show

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"gresh/backend/config"
)

// Interfaces renders "show interfaces".
func Interfaces(w io.Writer, all []Interface) {
	for _, i := range all {
		iface(w, i)
	}
}

func iface(w io.Writer, i Interface) {
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
	printf(w, "  MTU %d bytes, BW %d Kbit, DLY %d usec, \n     reliability 255/255, txload 1/255, rxload 1/255\n", mtu, bandwidth, delay)
	switch {
	case c.IsTunnel():
		tunnel(w, i)
	case c.IsLoopback():
		printf(w, "  Encapsulation LOOPBACK, loopback not set\n")
	default:
		printf(w, "  Encapsulation ARPA, loopback not set\n  Keepalive set (10 sec)\n  ARP type: ARPA, ARP Timeout 04:00:00\n")
	}
	counters(w, i)
}

// characteristics are the MTU, the bandwidth in kilobits and the delay in
// microseconds.
func characteristics(c *config.Interface) (mtu, bandwidth, delay int) {
	switch {
	case c.IsTunnel():
		mtu, bandwidth, delay = 1514, 9, 500000
	case c.IsLoopback():
		mtu, bandwidth, delay = 1514, 8000000, 5000
	default:
		mtu, bandwidth, delay = 1500, 10000, 1000
	}
	return cmp.Or(int(c.MTU), mtu), cmp.Or(int(c.Bandwidth), bandwidth), cmp.Or(int(c.Delay)*10, delay)
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

func counters(w io.Writer, i Interface) {
	c := i.Counters
	printf(w, "  Last input never, output never, output hang never\n"+
		"  Last clearing of \"show interface\" counters never\n"+
		"  Input queue: 0/75/%d/0 (size/max/drops/flushes); Total output drops: %d\n"+
		"  Queueing strategy: fifo\n  Output queue: 0/0 (size/max)\n"+
		"  5 minute input rate 0 bits/sec, 0 packets/sec\n"+
		"  5 minute output rate 0 bits/sec, 0 packets/sec\n", c.InDrops, c.OutDrops)
	printf(w, "     %d packets input, %d bytes, 0 no buffer\n"+
		"     Received 0 broadcasts, 0 runts, 0 giants, 0 throttles\n"+
		"     0 input errors, 0 CRC, 0 frame, 0 overrun, 0 ignored, 0 abort\n"+
		"     %d packets output, %d bytes, 0 underruns\n"+
		"     0 output errors, 0 collisions, 0 interface resets\n"+
		"     0 output buffer failures, 0 output buffers swapped out\n",
		c.InPackets, c.InOctets, c.OutPackets, c.OutOctets)
}
