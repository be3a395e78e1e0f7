package show

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"gresh/backend/config"
	"gresh/backend/dhcp"
	"gresh/backend/event"
	"gresh/backend/forward"
	"gresh/backend/ike"
	"gresh/backend/machine"
	"gresh/backend/nhrp"
	"gresh/backend/sadb"
)

var (
	hubParty   = nhrp.Party{Addr: addr("172.16.0.1"), NBMA: addr("203.0.113.2")}
	spokeParty = nhrp.Party{Addr: addr("172.16.0.2"), NBMA: addr("198.51.100.2")}
)

// logLines are the words of devices, as far as devices have words for an event.
// The releases that have no DMVPN facility say nothing of its events.
var logLines = []struct {
	event any
	want  string // of several lines, all
	only  []Release
}{
	{event: event.Configured{From: "console", By: "cisco on vty0 (172.16.5.22)"},
		want: "%SYS-5-CONFIG_I: Configured from console by cisco on vty0 (172.16.5.22)"},
	{event: event.Restarted{}, want: "%SYS-5-RESTART: System restarted --"},
	{event: event.InterfaceChanged{Name: "Tunnel0", Up: true},
		want: "%LINK-3-UPDOWN: Interface Tunnel0, changed state to up|" +
			"%LINEPROTO-5-UPDOWN: Line protocol on Interface Tunnel0, changed state to up"},
	{event: event.InterfaceChanged{Name: "Tunnel0"},
		want: "%LINK-3-UPDOWN: Interface Tunnel0, changed state to down|" +
			"%LINEPROTO-5-UPDOWN: Line protocol on Interface Tunnel0, changed state to down"},
	{event: event.InterfaceChanged{Name: "Tunnel0", Admin: true},
		want: "%LINK-5-CHANGED: Interface Tunnel0, changed state to administratively down|" +
			"%LINEPROTO-5-UPDOWN: Line protocol on Interface Tunnel0, changed state to down"},
	{event: event.TunnelHeld{Name: "Tunnel1", Reason: "% Tunnel1 is like Tunnel0"},
		want: "%TUN-3-HELD: Tunnel1 stays down: Tunnel1 is like Tunnel0"},
	{event: event.LineRefused{Number: 7, Line: " ip nhrp map multicast 172.17.05\n", Message: "       ^\n% Invalid input detected at '^' marker.\n"},
		want: `%PARSER-4-BADCFG: startup-config line 7: "ip nhrp map multicast 172.17.05": ^ % Invalid input detected at '^' marker.`},
	{event: event.SyncFailed{Reason: "no such device"}, want: "%FIB-2-HOST: the forwarding state could not be reached: no such device"},
	{event: event.InputPanicked{Input: "forward.UDP", Reason: "index out of range"},
		want: "%SYS-2-INPUT: an input was dropped that an engine failed on: index out of range: forward.UDP"},
	{event: dhcp.AddressAssigned{Dev: "Ethernet0", Address: prefix("172.17.0.11/24"), Hostname: "Spoke1"},
		want: "%DHCP-6-ADDRESS_ASSIGN: Interface Ethernet0 assigned DHCP address 172.17.0.11, mask 255.255.255.0, hostname Spoke1"},
	{event: dhcp.Declined{ClientID: "01aa.bbcc.0002.00", Address: spoke2},
		want: "%DHCPD-4-DECLINE_CONFLICT: DHCP address conflict:  client 01aa.bbcc.0002.00 declined " + spoke2.String() + "."},
	{event: dhcp.PoolExhausted{Pool: "spokes"}, want: "%DHCPD-4-EXHAUSTED: Pool spokes has no free addresses"},

	{event: event.ISAKMPSwitched{On: true}, want: "%CRYPTO-6-ISAKMP_ON_OFF: ISAKMP is ON"},
	{event: event.ISAKMPSwitched{}, want: "%CRYPTO-6-ISAKMP_ON_OFF: ISAKMP is OFF"},
	{event: forward.InvalidSPI{Src: addr("150.3.1.3"), Dst: addr("150.1.1.1"), Proto: sadb.ESP, SPI: 0x72662541},
		want: "%CRYPTO-4-RECVD_PKT_INV_SPI: decaps: rec'd IPSEC packet has invalid spi for destaddr=150.1.1.1, prot=50, " +
			"spi=0x72662541(1919296833), srcaddr=150.3.1.3"},
	{event: forward.Clear{Tunnel: "Tunnel0", Src: addr("198.51.100.2"), Dst: addr("203.0.113.2")},
		want: "%CRYPTO-4-RECVD_PKT_NOT_IPSEC: Rec'd packet not an IPSEC packet. (ip) vrf/dest_addr= /203.0.113.2, " +
			"src_addr= 198.51.100.2, prot= 47"},
	{event: ike.BadMessage{Peer: addr("192.1.20.2")},
		want: "%CRYPTO-4-IKMP_BAD_MESSAGE: IKE message from 192.1.20.2 failed its sanity check or is malformed"},
	{event: ike.NoSA{Peer: addr("10.1.1.1")},
		want: "%CRYPTO-4-IKMP_NO_SA: IKE message from 10.1.1.1 has no SA and is not an initialization offer"},
	{event: ike.ModeFailed{Mode: "Main", Peer: addr("10.2.2.1")},
		want: "%CRYPTO-6-IKMP_MODE_FAILURE: Processing of Main mode failed with peer at 10.2.2.1"},
	{event: ike.NoKey{Peer: hub1}, want: "%CRYPTO-4-IKMP_NO_PSK: no pre-shared key for peer 172.17.0.1"},
	{event: ike.NoSADB{Local: hub1, Peer: spoke1, Profile: "red", Candidates: []string{"Tunnel0-head-0", "Tunnel1-head-0"}},
		want: `%CRYPTO-4-IPSEC_NO_SADB: Quick Mode from 172.17.0.11 to 172.17.0.1 under ISAKMP profile "red" fits not exactly ` +
			"one SADB (candidates: Tunnel0-head-0, Tunnel1-head-0)"},
	{event: ike.AdmissionDenied{Local: hub1, Peer: spoke1},
		want: "%CRYPTO-4-IKE_DENY_SA_REQ: IKE denies an INCOMING SA request from 172.17.0.11 to 172.17.0.1 due to IKE SA LIMIT REACHED"},
	{event: ike.AdmissionDenied{Initiator: true, Local: hub1, Peer: spoke1, Negotiating: true},
		want: "%CRYPTO-4-IKE_DENY_SA_REQ: IKE denies an OUTGOING SA request from 172.17.0.1 to 172.17.0.11 due to IN-NEGOTIATION SA LIMIT REACHED"},
	{event: ike.NoSADB{Local: hub1, Peer: spoke1},
		want: `%CRYPTO-4-IPSEC_NO_SADB: Quick Mode from 172.17.0.11 to 172.17.0.1 under ISAKMP profile "" fits not exactly ` +
			"one SADB (candidates: none)"},
	{event: ike.Established{Local: hub1, Peer: spoke1}},

	{event: sadb.SocketUp{Tunnel: "Tunnel0", Local: addr("203.0.113.2"), Peer: addr("198.51.100.2")}, only: []Release{Release15},
		want: "%DMVPN-5-CRYPTO_SS:  Tunnel0: local address : 203.0.113.2 remote address : 198.51.100.2 socket is UP"},
	{event: sadb.SocketDown{Tunnel: "Tunnel0", Local: addr("203.0.113.2"), Peer: addr("198.51.100.2")}, only: []Release{Release15},
		want: "%DMVPN-5-CRYPTO_SS:  Tunnel0: local address : 203.0.113.2 remote address : 198.51.100.2 socket is DOWN"},
	{event: nhrp.ServerUp{Tunnel: "Tunnel0", Server: hubParty, Local: spokeParty}, only: []Release{Release15},
		want: "%DMVPN-5-NHRP_NHS_UP: Tunnel0: Next Hop Server : (Tunnel: 172.16.0.1 NBMA: 203.0.113.2) for " +
			"(Tunnel: 172.16.0.2 NBMA: 198.51.100.2) is  UP"},
	{event: nhrp.ServerDown{Tunnel: "Tunnel0", Server: hubParty, Local: spokeParty, Reason: nhrp.NoAnswer}, only: []Release{Release15},
		want: "%DMVPN-5-NHRP_NHS_DOWN: Tunnel0: Next Hop Server : (Tunnel: 172.16.0.1 NBMA: 203.0.113.2 ) for " +
			"(Tunnel: 172.16.0.2 NBMA: 198.51.100.2) is DOWN, Reason: NHRP Registration Failure(NHRP: no error)"},
	{event: nhrp.ClientUp{Tunnel: "Tunnel0", Client: spokeParty, Local: hubParty}, only: []Release{Release15},
		want: "%DMVPN-5-NHRP_NHC_UP: Tunnel0: Next Hop Client : (Tunnel: 172.16.0.2 NBMA: 198.51.100.2) for " +
			"(Tunnel: 172.16.0.1 NBMA: 203.0.113.2) is UP"},
	{event: nhrp.ClientDown{Tunnel: "Tunnel0", Client: spokeParty, Local: hubParty, Reason: nhrp.TunnelDown}, only: []Release{Release15},
		want: "%DMVPN-5-NHRP_NHC_DOWN: Tunnel0: Next Hop Client : (Tunnel: 172.16.0.2 NBMA: 198.51.100.2 ) for " +
			"(Tunnel: 172.16.0.1 NBMA: 203.0.113.2) is DOWN, Reason: administratively prohibited(NHRP: no error)"},
	{event: nhrp.RegistrationRefused{Tunnel: "Tunnel0", Server: hubParty, Code: nhrp.UniqueAlreadyRegistered},
		want: "%NHRP-3-PAKREPLY: Receive Registration Reply packet with error - unique address registered already(14)"},
	{event: nhrp.UniqueConflict{Tunnel: "Tunnel0", Addr: addr("10.0.0.11"), Registered: spoke1, Claimed: spoke2},
		want: "%NHRP-3-UNIQUE: Tunnel0: 10.0.0.11 is registered by 172.17.0.11: registration from 172.17.0.12 refused (14)"},
	{event: nhrp.AuthenticationFailed{Tunnel: "Tunnel0", Type: nhrp.RegistrationRequest, Source: spokeParty,
		Local: nhrp.Party{Addr: spokeParty.Addr, NBMA: hubParty.NBMA}},
		want: "%DMVPN-3-DMVPN_NHRP_ERROR:  Tunnel0: Recieved wrong authentication string for  Registration Request , " +
			"Reason:  authentication failure (11) on (Tunnel: 172.16.0.2 NBMA: 203.0.113.2)"},
}

func TestLogTexts(t *testing.T) {
	for _, row := range logLines {
		for _, release := range releases {
			want := ""
			if row.only == nil || slices.Contains(row.only, release) {
				want = row.want
			}
			if got := strings.Join(LogTexts(noon, row.event, release), "|"); got != want {
				t.Errorf("%T, release %d:\n got %q\nwant %q", row.event, release, got, want)
			}
		}
	}
}

// TestStamp: what stands before a line, by what was asked for.
func TestStamp(t *testing.T) {
	at := time.Date(2002, 3, 1, 0, 4, 12, 7e6, time.UTC)
	east := config.Clock{Zone: "EST", Offset: -300}
	for _, row := range []struct {
		stamp config.LogStamp
		clock machine.Clock
		want  string
	}{
		{config.LogStamp{}, machine.Unset, "*Mar  1 00:04:12.007: "},
		{config.LogStamp{Form: config.StampDate}, machine.Free, ".Mar  1 00:04:12: "},
		{config.LogStamp{Form: config.StampDate, Msec: true, Local: true, Zone: true}, machine.Synchronized, "Feb 28 19:04:12.007 EST: "},
		{config.LogStamp{Form: config.StampDate, Zone: true, Year: true}, machine.Unset, "*Mar  1 2002 00:04:12 UTC: "},
		{config.LogStamp{Form: config.StampUptime}, machine.Unset, "00:02:12: "},
		{config.LogStamp{Form: config.StampNone}, machine.Unset, ""},
	} {
		if got := Stamp(at, at.Add(-132*time.Second), row.stamp, east, row.clock); got != row.want {
			t.Errorf("%+v: %q, want %q", row.stamp, got, row.want)
		}
	}
}

// TestLogHarmless: whatever a name holds, a log line is one line and moves no
// cursor.
func TestLogHarmless(t *testing.T) {
	bad := "x\x1b[2J\r\ny\x00\x7f\u0085\u009b31m\u202ez\xff\t"
	for _, e := range []any{
		event.Configured{From: bad, By: bad}, event.TunnelHeld{Name: bad, Reason: bad}, event.LineRefused{Line: bad, Message: bad},
		event.SyncFailed{Reason: bad}, event.InputPanicked{Input: bad, Reason: bad},
		dhcp.AddressAssigned{Hostname: bad, Address: prefix("192.0.2.1/24")}, ike.NoSADB{Profile: bad, Candidates: []string{bad}},
		event.UserLog{User: bad, Text: bad}, sadb.SocketUp{Tunnel: bad}, nhrp.UniqueConflict{Tunnel: bad},
	} {
		for _, line := range LogTexts(noon, e, Release15) {
			if at := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }); at >= 0 {
				t.Errorf("%T: %q has %q", e, line, line[at:])
			}
		}
	}
}
