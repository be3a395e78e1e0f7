package show

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"gresh/backend/dhcp"
	"gresh/backend/event"
	"gresh/backend/forward"
	"gresh/backend/ike"
	"gresh/backend/nhrp"
	"gresh/backend/sadb"
)

// LogTexts puts an event into the lines of a log, without what stands before
// them; none if the release says nothing of it.
func LogTexts(at time.Time, e any, release Release) []string {
	texts := boxLine(at, e)
	if texts == nil {
		texts = loginLine(at, e, release)
	}
	for _, words := range []func(any, Release) []string{cryptoLine, nhrpLine, eigrpLine} {
		if texts == nil {
			texts = words(e, release)
		}
	}
	for i, t := range texts {
		texts[i] = readable(t)
	}
	return texts
}

// readable makes of a text one that does nothing to a terminal or a log but be
// read, whoever has put what into it.
func readable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
}

func one(format string, args ...any) []string { return []string{fmt.Sprintf(format, args...)} }

// boxLine words what happens to the box itself and to its links.
func boxLine(at time.Time, e any) []string {
	switch e := e.(type) {
	case event.InterfaceChanged:
		return interfaceLines(e)
	case event.TunnelHeld:
		return one("%%TUN-3-HELD: %s stays down: %s", e.Name, strings.TrimPrefix(e.Reason, "% "))
	case event.Configured:
		return one("%%SYS-5-CONFIG_I: Configured from %s by %s", e.From, e.By)
	case event.RevertScheduled:
		return one("%%ARCHIVE_DIFF-5-ROLLBK_CNFMD_CHG_START_ABSTIMER: User: %s: Scheduled to rollback to the configuration as it was in %d minutes", e.By, e.Minutes)
	case event.RevertConfirmed:
		return one("%%ARCHIVE_DIFF-5-ROLLBK_CNFMD_CHG_CONFIRM: User: %s: Confirm the configuration change", e.By)
	case event.Reverting:
		return one("%%ARCHIVE_DIFF-5-ROLLBK_CNFMD_CHG_ROLLBACK_START_ABSTIMER: Start rolling to the configuration as it was")
	case event.RevertFailed:
		return one("%%ARCHIVE_DIFF-3-ROLLBK_CNFMD_CHG_FAILED: the configuration could not be rolled back: %s", oneLine(e.Reason))
	case event.ReloadScheduled, event.ReloadCancelled, event.Reloading:
		return reloadLine(at, e)
	case event.CommandLogged:
		return one("%%PARSER-5-CFGLOG_LOGGEDCMD: User:%s  logged command:%s", loggedUser(e.User, e.Line), strings.TrimLeft(e.Text, " "))
	case event.LogHost:
		return one("%%SYS-6-LOGGINGHOST_STARTSTOP: Logging to host %v port %d %s - CLI initiated", e.To.Addr(), e.To.Port(),
			map[bool]string{true: "started", false: "stopped"}[e.Started])
	case event.UserLog:
		return one("%%SYS-%d-USERLOG_%s: Message from tty%d(user id: %s): %s", e.Severity, userLogNames[min(e.Severity, 7)], e.Line, e.User, e.Text)
	case event.Restarted:
		return one("%%SYS-5-RESTART: System restarted --")
	case event.LineRefused:
		return one("%%PARSER-4-BADCFG: startup-config line %d: %q: %s", e.Number, strings.TrimSpace(e.Line), oneLine(e.Message))
	case event.SSHSwitched, event.SSHSession, event.KeysUnreadable, event.ListenFailed:
		return sshLine(e)
	case event.LinesKept:
		return one("%%PARSER-6-KEPT: startup-config has lines that are kept without effect: \"show configuration kept\" lists them")
	case event.SyncFailed:
		return one("%%FIB-2-HOST: the forwarding state could not be reached: %s", e.Reason)
	case event.InputPanicked:
		return one("%%SYS-2-INPUT: an input was dropped that an engine failed on: %s: %.400s", e.Reason, e.Input)
	case dhcp.AddressAssigned:
		return one("%%DHCP-6-ADDRESS_ASSIGN: Interface %s assigned DHCP address %v, mask %v, hostname %s",
			e.Dev, e.Address.Addr(), mask(e.Address.Bits()), e.Hostname)
	case dhcp.Declined:
		return one("%%DHCPD-4-DECLINE_CONFLICT: DHCP address conflict:  client %s declined %v.", e.ClientID, e.Address)
	case dhcp.PoolExhausted:
		return one("%%DHCPD-4-EXHAUSTED: Pool %s has no free addresses", e.Pool)
	}
	return nil
}

var userLogNames = [...]string{"EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG"}

// oneLine is a message of several lines, caret and all, as one.
func oneLine(message string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(message, "\n", " ")), " ")
}

func interfaceLines(e event.InterfaceChanged) []string {
	state, link := "down", "%%LINK-3-UPDOWN: Interface %s, changed state to down"
	switch {
	case e.Up:
		state, link = "up", "%%LINK-3-UPDOWN: Interface %s, changed state to up"
	case e.Admin:
		link = "%%LINK-5-CHANGED: Interface %s, changed state to administratively down"
	}
	return []string{fmt.Sprintf(link, e.Name),
		fmt.Sprintf("%%LINEPROTO-5-UPDOWN: Line protocol on Interface %s, changed state to %s", e.Name, state)}
}

// cryptoLine words what happens to IKE and to protected packets.
func cryptoLine(e any, release Release) []string {
	switch e := e.(type) {
	case event.ISAKMPSwitched:
		return one("%%CRYPTO-6-ISAKMP_ON_OFF: ISAKMP is %s", map[bool]string{true: "ON", false: "OFF"}[e.On])
	case forward.InvalidSPI:
		return one("%%CRYPTO-4-RECVD_PKT_INV_SPI: decaps: rec'd IPSEC packet has invalid spi for destaddr=%v, prot=%d, spi=0x%X(%d), srcaddr=%v",
			e.Dst, e.Proto, e.SPI, e.SPI, e.Src)
	case forward.Clear:
		return one("%%CRYPTO-4-RECVD_PKT_NOT_IPSEC: Rec'd packet not an IPSEC packet. (ip) vrf/dest_addr= /%v, src_addr= %v, prot= 47", e.Dst, e.Src)
	case ike.BadMessage:
		return one("%%CRYPTO-4-IKMP_BAD_MESSAGE: IKE message from %v failed its sanity check or is malformed", e.Peer)
	case ike.NoSA:
		return one("%%CRYPTO-4-IKMP_NO_SA: IKE message from %v has no SA and is not an initialization offer", e.Peer)
	case ike.ModeFailed:
		return one("%%CRYPTO-6-IKMP_MODE_FAILURE: Processing of %s mode failed with peer at %v", e.Mode, e.Peer)
	case ike.NoKey:
		return one("%%CRYPTO-4-IKMP_NO_PSK: no pre-shared key for peer %v", e.Peer)
	case ike.AdmissionDenied:
		return one("%%CRYPTO-4-IKE_DENY_SA_REQ: IKE denies an %s", deniedRequest(e))
	case ike.NoSADB:
		return one("%%CRYPTO-4-IPSEC_NO_SADB: Quick Mode from %v to %v under ISAKMP profile %q fits not exactly one SADB (candidates: %s)",
			e.Peer, e.Local, e.Profile, candidates(e.Candidates))
	case sadb.SocketUp:
		return socketLine(release, e.Tunnel, e.Local, e.Peer, "UP")
	case sadb.SocketDown:
		return socketLine(release, e.Tunnel, e.Local, e.Peer, "DOWN")
	}
	return nil
}

// deniedRequest is a main mode that a limit forbade: from whom to whom, and
// which.
func deniedRequest(e ike.AdmissionDenied) string {
	limit := map[bool]string{false: "IKE SA LIMIT REACHED", true: "IN-NEGOTIATION SA LIMIT REACHED"}[e.Negotiating]
	if e.Initiator {
		return fmt.Sprintf("OUTGOING SA request from %v to %v due to %s", e.Local, e.Peer, limit)
	}
	return fmt.Sprintf("INCOMING SA request from %v to %v due to %s", e.Peer, e.Local, limit)
}

func candidates(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// socketLine is only in the releases that have the DMVPN facility.
func socketLine(release Release, tunnel string, local, peer any, state string) []string {
	if release == Release12 {
		return nil
	}
	return one("%%DMVPN-5-CRYPTO_SS:  %s: local address : %v remote address : %v socket is %s", tunnel, local, peer, state)
}

// nhrpLine words what happens to NHRP. The DMVPN facility came after 12.4(15)T,
// which says only what an operator must mend.
func nhrpLine(e any, release Release) []string {
	switch e := e.(type) {
	case nhrp.RegistrationRefused:
		return one("%%NHRP-3-PAKREPLY: Receive Registration Reply packet with error - %s(%d)", codeTexts[e.Code], e.Code)
	case nhrp.UniqueConflict:
		return one("%%NHRP-3-UNIQUE: %s: %v is registered by %v: registration from %v refused (%d)",
			e.Tunnel, e.Addr, e.Registered, e.Claimed, nhrp.UniqueAlreadyRegistered)
	case nhrp.AuthenticationFailed:
		return one("%%DMVPN-3-DMVPN_NHRP_ERROR:  %s: Recieved wrong authentication string for  %s , Reason:  authentication failure (%d) on (Tunnel: %v NBMA: %v)",
			e.Tunnel, typeTexts[e.Type], nhrp.AuthenticationFailure, e.Local.Addr, e.Local.NBMA)
	}
	if release == Release12 {
		return nil
	}
	switch e := e.(type) {
	case nhrp.ServerUp:
		return one("%%DMVPN-5-NHRP_NHS_UP: %s: Next Hop Server : (Tunnel: %v NBMA: %v) for (Tunnel: %v NBMA: %v) is  UP",
			e.Tunnel, e.Server.Addr, e.Server.NBMA, e.Local.Addr, e.Local.NBMA)
	case nhrp.ServerDown:
		return one("%%DMVPN-5-NHRP_NHS_DOWN: %s: Next Hop Server : (Tunnel: %v NBMA: %v ) for (Tunnel: %v NBMA: %v) is DOWN, Reason: %s(NHRP: no error)",
			e.Tunnel, e.Server.Addr, e.Server.NBMA, e.Local.Addr, e.Local.NBMA, downReason(e.Reason))
	case nhrp.ClientUp:
		return one("%%DMVPN-5-NHRP_NHC_UP: %s: Next Hop Client : (Tunnel: %v NBMA: %v) for (Tunnel: %v NBMA: %v) is UP",
			e.Tunnel, e.Client.Addr, e.Client.NBMA, e.Local.Addr, e.Local.NBMA)
	case nhrp.ClientDown:
		return one("%%DMVPN-5-NHRP_NHC_DOWN: %s: Next Hop Client : (Tunnel: %v NBMA: %v ) for (Tunnel: %v NBMA: %v) is DOWN, Reason: %s(NHRP: no error)",
			e.Tunnel, e.Client.Addr, e.Client.NBMA, e.Local.Addr, e.Local.NBMA, downReason(e.Reason))
	}
	return nil
}

// downReason is a reason in the few words that there are for one.
func downReason(r nhrp.Reason) string {
	switch r {
	case nhrp.TunnelDown:
		return "administratively prohibited"
	case nhrp.NoAnswer, nhrp.Rejected:
		return "NHRP Registration Failure"
	}
	return "External"
}

var typeTexts = map[nhrp.Type]string{
	nhrp.ResolutionRequest: "Resolution Request", nhrp.ResolutionReply: "Resolution Reply",
	nhrp.RegistrationRequest: "Registration Request", nhrp.RegistrationReply: "Registration Reply",
	nhrp.PurgeRequest: "Purge Request", nhrp.PurgeReply: "Purge Reply", nhrp.ErrorIndication: "Error Indication",
}

var codeTexts = map[nhrp.Code]string{
	nhrp.AdminProhibited: "administratively prohibited", nhrp.InsufficientResources: "insufficient resources",
	nhrp.NoBinding: "no binding exists", nhrp.BindingNotUnique: "binding exists, but is not unique",
	nhrp.UniqueAlreadyRegistered: "unique address registered already",
}
