package forward

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"time"
)

const (
	etherIPv4  = 0x0800
	etherARP   = 0x0806
	etherLen   = 14
	etherFloor = 60 // the shortest frame, without its check sequence
)

var broadcastMAC = [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// Receive takes a frame from a port. The frame is neither kept nor changed.
func (p *Path) Receive(now time.Time, dev string, frame []byte) Result {
	p.begin(now)
	i, ok := p.ports[dev]
	switch {
	case !ok || i.Kind != Ethernet || !i.running():
		p.drop(InterfaceDown)
	case len(frame) < etherLen:
		i.counters.InDrops++
		p.drop(BadPacket)
	default:
		p.receiveFrame(i, [6]byte(frame[:6]), frame)
	}
	return p.end()
}

func (p *Path) receiveFrame(i *port, to [6]byte, frame []byte) {
	many := to[0]&1 != 0
	if to != i.mac && !many {
		return // a neighbour's, on a link of many
	}
	i.took(p.now, len(frame))
	switch binary.BigEndian.Uint16(frame[12:]) {
	case etherARP:
		p.receiveARP(i, frame[etherLen:])
	case etherIPv4:
		p.receiveIP(i, bytes.Clone(frame[etherLen:]), many)
	}
}

// frame sends a packet to a link-layer address.
func (p *Path) frame(out *port, to [6]byte, ethertype uint16, packet []byte) {
	data := make([]byte, etherLen, max(etherFloor, etherLen+len(packet)))
	copy(data, to[:])
	copy(data[6:], out.mac[:])
	binary.BigEndian.PutUint16(data[12:], ethertype)
	data = append(data, packet...)
	if len(data) < etherFloor {
		data = data[:etherFloor]
	}
	out.gave(p.now, len(data))
	p.result.Frames = append(p.result.Frames, Frame{out.Name, data})
}

// leave sends a packet out of the router by Ethernet. It is the last gate:
// what a policy keeps from leaving in clear ends here, whoever made it.
func (p *Path) leave(out *port, via, dst netip.Addr, packet []byte) {
	if p.mustNotLeave(packet) {
		out.counters.OutDrops++
		p.drop(ClosedPolicy)
		return
	}
	switch {
	case out.isBroadcast(via) || out.isBroadcast(dst):
		p.frame(out, broadcastMAC, etherIPv4, packet)
	case dst.IsMulticast(): // RFC 1112 section 6.4
		a := dst.As4()
		p.frame(out, [6]byte{1, 0, 0x5e, a[1] & 0x7f, a[2], a[3]}, etherIPv4, packet)
	default:
		p.resolve(out, via, packet)
	}
}
