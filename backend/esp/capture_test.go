package esp

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gopacket/gopacket/pcapgo"

	"gresh/backend/sadb"
)

var captures = map[string]sadb.SA{
	"ike-des-sha1-modp768-esp-des-md5":               {Cipher: sadb.DES, Integrity: sadb.MD5},
	"ike-3des-md5-modp1024-esp-aes128-sha1-modp1024": {Cipher: sadb.AES, Integrity: sadb.SHA1},
	"ike-aes128-sha256-modp2048-esp-aes128gcm16":     {Cipher: sadb.GCM},
}

// TestCaptures opens the ESP packet that a Linux kernel sent under the SA that
// strongSwan negotiated, finds GRE with the recording's key in it, and seals it
// again to the same bytes.
func TestCaptures(t *testing.T) {
	for name, sa := range captures {
		t.Run(name, func(t *testing.T) {
			keys := readKeys(t, name)
			sa.Proto, sa.EncKey, sa.Replay = sadb.ESP, unhex(t, keys["out_enc"]), 64
			if sa.Integrity != sadb.NoIntegrity {
				sa.AuthKey = unhex(t, keys["out_auth"])
			}
			packet := readESP(t, name)
			s, err := New(sa, nil)
			if err != nil {
				t.Fatal(err)
			}
			payload, next, err := s.Open(bytes.Clone(packet))
			if err != nil || next != 47 {
				t.Fatalf("next header %d, %v", next, err)
			}
			if key := binary.BigEndian.Uint32(payload[4:]); key != 100000 {
				t.Errorf("GRE key %d in %x", key, payload)
			}
			again := s.finish(bytes.Clone(packet[:headerLen+s.ivLen]), 0, payload, next)
			if !bytes.Equal(again, packet) {
				t.Errorf("sealed: %x\nwant:   %x", again, packet)
			}
		})
	}
}

func readKeys(t *testing.T, name string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "capture", name+".keys"))
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if word, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			keys[word] = value
		}
	}
	return keys
}

// readESP returns what stands behind the IP header of a capture's first ESP
// packet.
func readESP(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "testdata", "capture", name+".pcap"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pcapgo.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for {
		frame, _, err := r.ReadPacketData()
		if err != nil {
			t.Fatalf("no ESP: %v", err)
		}
		if ip := frame[14:]; ip[9] == byte(sadb.ESP) {
			return ip[20:binary.BigEndian.Uint16(ip[2:])]
		}
	}
}
