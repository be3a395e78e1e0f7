package eigrp

import "math"

// infinite is the distance to what cannot be reached, and the delay that says
// so.
const infinite = math.MaxUint32

// scale turns the metrics of IGRP into those of EIGRP.
const scale = 256

// A Metric is a classic vector metric (RFC 7868 section 5.6.1), scaled as it
// stands on the wire.
type Metric struct {
	Delay       uint32 // tens of microseconds × 256, summed along the path
	Bandwidth   uint32 // 10^7 / kbit/s × 256, of the slowest link
	MTU         uint32 // the smallest
	Hops        uint8
	Reliability uint8 // 255: full
	Load        uint8 // 255: full
}

// Unreachable says whether the metric withdraws a route.
func (m Metric) Unreachable() bool { return m.Delay == infinite }

// unreachable is the metric that does.
var unreachable = Metric{Delay: infinite, Bandwidth: infinite, Reliability: 1, Load: 255}

// LinkMetric is the metric of an interface: bandwidth in kbit/s, delay in tens
// of microseconds.
func LinkMetric(bandwidth, delay, mtu uint32) Metric {
	return Metric{Delay: scaleDelay(uint64(max(delay, 1))), Bandwidth: scaleBandwidth(uint64(bandwidth)),
		MTU: min(mtu, 1<<24-1), Reliability: 255, Load: 1}
}

func scaleDelay(tens uint64) uint32 {
	if tens >= infinite/scale {
		return infinite - 1
	}
	return uint32(tens) * scale
}

func scaleBandwidth(kbits uint64) uint32 {
	if kbits == 0 {
		return infinite
	}
	return uint32(10_000_000/kbits) * scale
}

// delayOf scales the delay of a wide metric, in picoseconds.
func delayOf(picoseconds uint64) uint32 {
	const all, tens = 1<<48 - 1, 10_000_000
	if picoseconds >= all {
		return infinite
	}
	return scaleDelay((picoseconds + tens - 1) / tens)
}

// over is the metric of a path that goes on over a link.
func (m Metric) over(link Metric) Metric {
	if m.Unreachable() {
		return unreachable
	}
	return Metric{
		Delay:       add(m.Delay, link.Delay),
		Bandwidth:   max(m.Bandwidth, link.Bandwidth),
		MTU:         min(m.MTU, link.MTU),
		Hops:        uint8(min(int(m.Hops)+1, 255)),
		Reliability: min(m.Reliability, link.Reliability),
		Load:        max(m.Load, link.Load),
	}
}

// add sums what can be reached, and stays so.
func add(a, b uint32) uint32 { return uint32(min(uint64(a)+uint64(b), infinite-1)) }

// Weights are K1 to K5 and K6, which classic metrics do not use. All zero
// stands for the default, K1 and K3.
type Weights [6]uint8

// DefaultWeights count bandwidth and delay.
var DefaultWeights = Weights{1, 0, 1, 0, 0, 0}

// Distance is the composite metric (section 5.6.2.1).
func (k Weights) Distance(m Metric) uint32 {
	if m.Unreachable() || m.Bandwidth == infinite {
		return infinite
	}
	bandwidth := uint64(m.Bandwidth)
	d := uint64(k[0])*bandwidth + uint64(k[1])*bandwidth/uint64(256-int(m.Load)) + uint64(k[2])*uint64(m.Delay)
	if k[4] != 0 {
		d = d * uint64(k[4]) / uint64(max(int(m.Reliability)+int(k[3]), 1))
	}
	return uint32(min(d, infinite-1))
}
