//go:build linux

package kernel

import (
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"

	"gresh/backend/gre"
	"gresh/backend/linux/uml"
	"gresh/backend/nhrp"
)

// nhrpType is the GRE protocol of NHRP.
const nhrpType = 0x2001

// A heard is an NHRP packet as it passed the wire.
type heard struct {
	nhrp.Message
	from, to netip.Addr
}

// hear returns the NHRP packets of a type that have passed the wire in clear;
// type 0 is all of them.
func hear(t *testing.T, wire *uml.Capture, kind nhrp.Type) (all []heard) {
	t.Helper()
	for _, p := range wire.Packets() {
		if !p.GRE() {
			continue
		}
		h, payload, err := gre.Parse(p.Data[int(p.Data[0]&15)*4:])
		if err != nil || h.Protocol != nhrpType {
			continue
		}
		m, err := nhrp.Parse(payload)
		if err != nil {
			t.Errorf("%v sent %v: %x", p.Source(), err, payload)
		} else if kind == 0 || m.Type == kind {
			all = append(all, heard{m, p.Source(), p.Destination()})
		}
	}
	return all
}

// sendNHRP sends a packet through a node's tunnel as if its daemon did.
func sendNHRP(t *testing.T, n *uml.Node, dev, nbma string, m nhrp.Message) {
	t.Helper()
	var err error
	n.In(func() { err = sendTunnel(dev, netip.MustParseAddr(nbma), m.AppendTo(nil)) })
	if err != nil {
		t.Fatal(err)
	}
}

func sendTunnel(dev string, nbma netip.Addr, payload []byte) error {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq(dev)
	if err == nil {
		err = unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, request)
	}
	if err != nil {
		return err
	}
	to := &unix.SockaddrLinklayer{Protocol: nhrpType<<8&0xffff | nhrpType>>8, Ifindex: int(request.Uint32()), Halen: 4}
	copy(to.Addr[:], nbma.AsSlice())
	return unix.Sendto(fd, payload, 0, to)
}

// redirect tells a station that there is a better way for a packet of its own
// than by the hub: what a hub of phase 3 does, and ours does not. It is the only
// thing that makes FRRouting ask for an address.
func redirect(t *testing.T, hub *uml.Node, dev, nbma, station, target string) {
	t.Helper()
	from, to := netip.MustParseAddr(station), netip.MustParseAddr(target)
	packet := make([]byte, 28) // a ping that the station might have sent
	packet[0], packet[3], packet[8], packet[9] = 0x45, 28, 64, unix.IPPROTO_ICMP
	copy(packet[12:], from.AsSlice())
	copy(packet[16:], to.AsSlice())
	sendNHRP(t, hub, dev, nbma, nhrp.Message{Hops: 1, Type: nhrp.TrafficIndication,
		SrcNBMA: netip.MustParseAddr(hubNBMA), Src: netip.MustParseAddr(hubIP), Dst: from, Payload: packet})
}
