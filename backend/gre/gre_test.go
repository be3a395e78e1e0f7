package gre

import (
	"bytes"
	"errors"
	"net/netip"
	"testing"
)

// headers are all combinations of what a header may hold.
func headers() (all []Header) {
	for i := range 8 {
		h := Header{Protocol: NHRP, HasChecksum: i&1 != 0, HasKey: i&2 != 0, HasSequence: i&4 != 0}
		if h.HasKey {
			h.Key = 100000
		}
		if h.HasSequence {
			h.Sequence = 7
		}
		all = append(all, h)
	}
	return all
}

func TestLaws(t *testing.T) {
	for _, h := range headers() {
		for _, payload := range []string{"", "x", "even", "an odd one"} {
			b := h.AppendTo([]byte("kept"), []byte(payload))
			if !bytes.HasPrefix(b, []byte("kept")) || len(b) != 4+h.Len()+len(payload) {
				t.Errorf("%+v: %x", h, b)
			}
			got, rest, err := Parse(b[4:])
			if err != nil || got != h || string(rest) != payload {
				t.Errorf("%+v: parsed %+v, %q, %v", h, got, rest, err)
			}
			for n := range h.Len() {
				if _, _, err := Parse(b[4 : 4+n]); !errors.Is(err, ErrMalformed) {
					t.Errorf("%+v: a prefix of %d was accepted", h, n)
				}
			}
		}
	}
}

// TestWire states the bytes: RFC 2784 section 2.1 and RFC 2890 section 2.
func TestWire(t *testing.T) {
	for want, h := range map[string]Header{
		"\x00\x00\x08\x00data":                                 {Protocol: IPv4},
		"\x20\x00\x20\x01\x00\x01\x86\xa0data":                 {Protocol: NHRP, HasKey: true, Key: 100000},
		"\x10\x00\x08\x00\x00\x00\x00\x09data":                 {Protocol: IPv4, HasSequence: true, Sequence: 9},
		"\x80\x00\x08\x00\x9f\x3c\x00\x00data":                 {Protocol: IPv4, HasChecksum: true},
		"\x30\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00data": {HasKey: true, HasSequence: true, Protocol: IPv4},
	} {
		if got := h.AppendTo(nil, []byte("data")); string(got) != want {
			t.Errorf("%+v: %x, want %x", h, got, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for name, b := range map[string]string{
		"version 1 (PPTP)":          "\x30\x01\x88\x0b\x00\x00\x00\x00\x00\x00\x00\x00",
		"routing present":           "\x40\x00\x08\x00\x00\x00\x00\x00",
		"strict source route":       "\x08\x00\x08\x00",
		"recursion control":         "\x04\x00\x08\x00",
		"wrong checksum":            "\x80\x00\x08\x00\x9f\x3d\x00\x00data",
		"changed under a checksum":  "\x80\x00\x08\x00\x9f\x3c\x00\x00dbta",
		"key flag without a key":    "\x20\x00\x08\x00\x00\x01",
		"nothing":                   "",
		"sequence, but cut in half": "\x30\x00\x08\x00\x00\x00\x00\x01\x00\x00",
	} {
		if h, payload, err := Parse([]byte(b)); !errors.Is(err, ErrMalformed) || payload != nil || h != (Header{}) {
			t.Errorf("%s: %+v, %q, %v", name, h, payload, err)
		}
	}
	if _, _, err := Parse([]byte("\x00\x08\x08\x00")); err != nil {
		t.Errorf("reserved bits 6 to 12 are to be ignored: %v", err)
	}
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func TestDemux(t *testing.T) {
	me, hub, spoke := addr("172.17.0.1"), addr("172.17.0.2"), addr("172.17.0.11")
	d := Demux{
		{Local: me, Key: 100000, HasKey: true}:              "Tunnel0",
		{Local: me, Key: 100001, HasKey: true}:              "Tunnel1",
		{Local: me, Remote: hub, Key: 100000, HasKey: true}: "Tunnel2",
		{Local: me, Remote: hub}:                            "Tunnel3",
		{Local: me, Key: 0, HasKey: true}:                   "Tunnel4",
	}
	key := func(k uint32) Header { return Header{HasKey: true, Key: k} }
	for _, v := range []struct {
		name          string
		local, remote netip.Addr
		header        Header
		want          string
	}{
		{"multipoint by key", me, spoke, key(100000), "Tunnel0"},
		{"another key, another tunnel", me, spoke, key(100001), "Tunnel1"},
		{"point-to-point comes first", me, hub, key(100000), "Tunnel2"},
		{"multipoint if no point-to-point has the key", me, hub, key(100001), "Tunnel1"},
		{"no key", me, hub, Header{}, "Tunnel3"},
		{"key 0 is a key", me, hub, key(0), "Tunnel4"},
		{"no key from elsewhere", me, spoke, Header{}, ""},
		{"unknown key", me, spoke, key(5), ""},
		{"another address of ours", hub, spoke, key(100000), ""},
	} {
		if got, ok := d.Find(v.local, v.remote, v.header); got != v.want || ok != (v.want != "") {
			t.Errorf("%s: %q, %v; want %q", v.name, got, ok, v.want)
		}
	}
}

// FuzzParse: what parses says the same when written and parsed again.
func FuzzParse(f *testing.F) {
	for _, h := range headers() {
		f.Add(h.AppendTo(nil, []byte("payload")))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, payload, err := Parse(b)
		if err != nil {
			return
		}
		again, rest, err := Parse(h.AppendTo(nil, payload))
		if err != nil || again != h || !bytes.Equal(rest, payload) {
			t.Errorf("%+v, %x, then %+v, %x, %v", h, payload, again, rest, err)
		}
	})
}
