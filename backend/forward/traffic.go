package forward

import (
	"math"
	"time"
)

// The rates of an interface are worked out at every interval, and averaged over
// a time in which what is older fades away, as IOS does.
const (
	trafficInterval = 5 * time.Second
	trafficMemory   = 5 * time.Minute
)

// Traffic is what passes an interface one way, as time goes by.
type Traffic struct {
	Last time.Time // when the last packet did; zero: never

	since           time.Time // when this interval began
	packets, octets float64   // in it
	packetRate      float64   // per second, averaged until then
	octetRate       float64
}

// passed counts a packet.
func (t *Traffic) passed(now time.Time, octets int) {
	t.fold(now)
	t.Last = now
	t.packets++
	t.octets += float64(octets)
}

// fold ends the interval, if its time is over, and those after it.
func (t *Traffic) fold(now time.Time) {
	n := now.Sub(t.since) / trafficInterval
	if t.since.IsZero() {
		t.since = now
		return
	}
	if n < 1 {
		return
	}
	fade := math.Exp(-trafficInterval.Seconds() / trafficMemory.Seconds())
	t.packetRate = t.packetRate*fade + t.packets/trafficInterval.Seconds()*(1-fade)
	t.octetRate = t.octetRate*fade + t.octets/trafficInterval.Seconds()*(1-fade)
	t.packets, t.octets, t.since = 0, 0, t.since.Add(n*trafficInterval)
	idle := math.Pow(fade, float64(n-1))
	t.packetRate, t.octetRate = t.packetRate*idle, t.octetRate*idle
}

// Rate is how much passes in a second, averaged over five minutes.
func (t Traffic) Rate(now time.Time) (bits, packets uint64) {
	t.fold(now)
	return uint64(t.octetRate * 8), uint64(t.packetRate + 0.5)
}

// took and gave count a packet of an interface.
func (i *port) took(now time.Time, octets int) {
	i.counters.InPackets++
	i.counters.InOctets += uint64(octets)
	i.counters.In.passed(now, octets)
}

func (i *port) gave(now time.Time, octets int) {
	i.counters.OutPackets++
	i.counters.OutOctets += uint64(octets)
	i.counters.Out.passed(now, octets)
}
