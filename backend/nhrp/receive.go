package nhrp

import (
	"net/netip"
	"time"
)

// Receive takes a packet. One that is wrong leaves no trace but a reason.
func (e *Engine) Receive(now time.Time, p Packet) (out Output) {
	t := e.active(p.Tunnel)
	if t == nil {
		return out
	}
	m, err := Parse(p.Payload)
	if err != nil {
		t.traffic.Malformed++
		t.warn(now, Malformed{t.cfg.Name, p.NBMA, err}, &out)
		return out
	}
	t.traffic.Received[m.Type]++
	if t.admits(now, p, m, &out) {
		t.dispatch(now, p, m, &out)
	}
	return out
}

// admits says whether a packet may be acted upon, whatever it is.
func (t *tunnel) admits(now time.Time, p Packet, m Message, out *Output) bool {
	if !m.authentic(t.cfg.Authentication) {
		t.traffic.AuthFailed++
		t.warn(now, AuthenticationFailed{t.cfg.Name, m.Type, Party{m.Src, p.NBMA}, t.local()}, out)
		t.complain(now, p, m, AuthenticationFailure, out)
		return false
	}
	if m.Hops == 0 {
		t.refuse(p, m, m.Dst, HopsExceeded, out)
		t.complain(now, p, m, HopCountExceeded, out)
		return false
	}
	for _, x := range m.Extensions {
		// Who only passes a packet on need not know what is in it.
		if x.Compulsory && !x.known() && t.ends(m) {
			t.refuse(p, m, m.Dst, UnknownExtension, out)
			t.complain(now, p, m, UnrecognizedExtension, out)
			return false
		}
	}
	return true
}

// warn logs what a sender did wrong, as often as error indications go out: the
// counters have all of it, and the log is not for a sender to fill.
func (t *tunnel) warn(now time.Time, e Event, out *Output) {
	if t.warnings.allow(now, t.maxErrors()) {
		out.Log = append(out.Log, e)
	}
}

// ends says whether a packet's way ends here. A reply goes to the source of
// its request (section 5.2.2).
func (t *tunnel) ends(m Message) bool {
	switch m.Type {
	case ResolutionReply, RegistrationReply, PurgeReply:
		return m.Src == t.addr()
	}
	return m.Dst == t.addr()
}

func (t *tunnel) dispatch(now time.Time, p Packet, m Message, out *Output) {
	switch m.Type {
	case ResolutionRequest:
		t.resolutionRequest(now, p, m, out)
	case ResolutionReply:
		if !t.ends(m) {
			t.passReply(now, p, m, out)
			return
		}
		t.resolutionReply(now, p, m, out)
	case RegistrationRequest:
		t.registrationRequest(now, p, m, out)
	case RegistrationReply:
		t.registrationReply(now, p, m, out)
	case PurgeRequest:
		t.purgeRequest(now, p, m, out)
	case PurgeReply:
		t.purgeReply(p, m, out)
	case TrafficIndication:
		t.indicated(now, p, m, out)
	case ErrorIndication:
		// It is only a word: nothing is undone that may be well.
		out.Log = append(out.Log, ErrorReceived{t.cfg.Name, Party{m.Src, p.NBMA}, m.Code})
	}
}

// refuse counts and logs a packet that is dropped, and the address concerned.
func (t *tunnel) refuse(p Packet, m Message, addr netip.Addr, why Reason, out *Output) {
	t.traffic.Refused++
	out.Log = append(out.Log, Refused{t.cfg.Name, m.Type, Party{m.Src, p.NBMA}, addr, why})
}
