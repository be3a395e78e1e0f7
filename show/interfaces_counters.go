package show

import (
	"io"
	"time"

	"gresh/backend/forward"
)

// counters are the lines of "show interfaces" that count. What a data path
// does not know of itself has no line: zeros would be taken for a fact.
func counters(w io.Writer, i Interface, now time.Time, release Release) {
	c := i.Counters
	passed(w, c, now)
	printf(w, "  Last clearing of \"show interface\" counters never\n"+
		"  Input queue: 0/75/%d/0 (size/max/drops/flushes); Total output drops: %d\n"+
		"  Queueing strategy: fifo\n  Output queue: 0/0 (size/max)\n", c.InDrops, c.OutDrops)
	if c.Timed {
		inBits, inPackets := c.In.Rate(now)
		outBits, outPackets := c.Out.Rate(now)
		printf(w, "  5 minute input rate %d bits/sec, %d packets/sec\n  5 minute output rate %d bits/sec, %d packets/sec\n",
			inBits, inPackets, outBits, outPackets)
	}
	printf(w, "     %d packets input, %d bytes, 0 no buffer\n", c.InPackets, c.InOctets)
	printf(w, "     0 runts, 0 giants, 0 throttles\n")
	if release == Release15 {
		printf(w, "     0 input errors, 0 CRC, 0 frame, 0 overrun, 0 ignored\n")
	} else {
		printf(w, "     0 input errors, 0 CRC, 0 frame, 0 overrun, 0 ignored, 0 abort\n")
	}
	printf(w, "     %d packets output, %d bytes, 0 underruns\n     0 output errors, 0 collisions, 0 interface resets\n", c.OutPackets, c.OutOctets)
	if release == Release15 {
		printf(w, "     0 unknown protocol drops\n")
	}
	printf(w, "     0 output buffer failures, 0 output buffers swapped out\n")
}

// passed says when packets passed last, if that is known. That none has is
// known by their number.
func passed(w io.Writer, c forward.InterfaceCounters, now time.Time) {
	if !c.Timed && c.InPackets+c.OutPackets > 0 {
		return
	}
	printf(w, "  Last input %s, output %s, output hang never\n", since(c.In.Last, now), since(c.Out.Last, now))
}

func since(at, now time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return uptime(now.Sub(at))
}

// load is the share of the bandwidth that is used, of 255.
func (i Interface) load(t forward.Traffic, now time.Time) uint64 {
	_, bandwidth, _ := characteristics(i.Config)
	bits, _ := t.Rate(now)
	return min(max(bits*255/(uint64(bandwidth)*1000), 1), 255)
}

// InterfacesSummary renders "show interfaces summary".
func InterfacesSummary(w io.Writer, all []Interface, now time.Time) {
	printf(w, "\n *: interface is up\n"+
		" IHQ: pkts in input hold queue     IQD: pkts dropped from input queue\n"+
		" OHQ: pkts in output hold queue    OQD: pkts dropped from output queue\n"+
		" RXBS: rx rate (bits/sec)          RXPS: rx rate (pkts/sec)\n"+
		" TXBS: tx rate (bits/sec)          TXPS: tx rate (pkts/sec)\n"+
		" TRTL: throttle count\n\n")
	printf(w, "  %-27s%6s%10s%10s%10s%10s%10s%10s%10s%10s\n", "Interface", "IHQ", "IQD", "OHQ", "OQD", "RXBS", "RXPS", "TXBS", "TXPS", "TRTL")
	printf(w, "-----------------------------------------------------------------------------------------------------------------\n")
	for _, i := range portsFirst(all) {
		up, c := " ", i.Counters
		if i.Up {
			up = "*"
		}
		rxBits, rxPackets := c.In.Rate(now)
		txBits, txPackets := c.Out.Rate(now)
		printf(w, "%s %-27s%6d%10d%10d%10d%10d%10d%10d%10d%10d\n", up, i.Config.Name, 0, c.InDrops, 0, c.OutDrops,
			rxBits, rxPackets, txBits, txPackets, 0)
	}
}
