package eigrp

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gresh/backend/inet"
)

// TestExchange is two routers that meet, change and part, packet by packet, as
// a golden to read; and a capture of it, which tshark reads, if there is one.
func TestExchange(t *testing.T) {
	w, a, b, _ := pair(t)
	a.cfg.Interfaces[0].Keys = []Key{{1, "secret"}}
	b.cfg.Interfaces[0].Keys = []Key{{1, "secret"}}
	var text strings.Builder
	capture := pcapHeader()
	w.after = func(n *node, out Output) {
		for _, p := range out.Send {
			if p.Interface != "Ethernet0" {
				continue
			}
			m, err := Parse(p.Payload)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&text, "%v %s > %v %s\n", w.now.Sub(boot), n.name, p.Addr, describe(m))
			capture = appendPacket(capture, w.now, n.addrs["Ethernet0"], p)
		}
	}
	w.boot()
	w.run(time.Second)
	w.edit(a, "Ethernet1", func(i *Interface) { i.Delay = 200 })
	w.run(time.Second)
	w.edit(a, "Ethernet1", func(i *Interface) { i.Up = false })
	w.run(time.Second)
	b.cfg = Config{}
	w.configure(b)
	golden(t, "exchange", text.String())
	tshark(t, capture, strings.Count(text.String(), "\n"))
}

// tshark has a capture judged: no packet malformed, every checksum right.
func tshark(t *testing.T, capture []byte, packets int) {
	program, err := exec.LookPath("tshark")
	if err != nil || testing.Short() {
		t.Skip("no tshark, or no time")
	}
	file := filepath.Join(t.TempDir(), "exchange.pcap")
	if err := os.WriteFile(file, capture, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program, "-r", file, "-V").Output()
	if err != nil {
		t.Skipf("tshark: %v", err)
	}
	said := string(out)
	if strings.Contains(said, "Malformed") || strings.Count(said, "Checksum Status: Good") < packets {
		t.Errorf("tshark finds fault with some of %d packets:\n%s", packets, said)
	}
	for _, want := range []string{"Opcode: Query (3)", "Opcode: Reply (4)", "Type: Authentication (0x0002)", "Key ID: 1"} {
		if !strings.Contains(said, want) {
			t.Errorf("tshark does not see %q", want)
		}
	}
}

// pcapHeader begins a capture of raw IP packets.
func pcapHeader() []byte {
	b := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	b = append(b, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, 65535)
	return binary.LittleEndian.AppendUint32(b, 101)
}

func appendPacket(b []byte, now time.Time, from netip.Addr, p Packet) []byte {
	size := uint32(ipv4HeaderOctets + len(p.Payload))
	b = binary.LittleEndian.AppendUint32(b, uint32(now.Unix()))
	b = binary.LittleEndian.AppendUint32(b, uint32(now.Nanosecond()/1000))
	b = binary.LittleEndian.AppendUint32(b, size)
	b = binary.LittleEndian.AppendUint32(b, size)
	header := []byte{0x45, 0xc0, byte(size >> 8), byte(size), 0, 0, 0, 0, 1, Protocol, 0, 0}
	header = append(header, from.AsSlice()...)
	header = append(header, p.Addr.AsSlice()...)
	binary.BigEndian.PutUint16(header[10:], inet.Checksum(0, header))
	return append(append(b, header...), p.Payload...)
}
