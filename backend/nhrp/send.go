package nhrp

import (
	"cmp"
	"net/netip"
	"time"
)

// A limiter holds a tunnel to its "ip nhrp max-send". What it suppresses is
// not missed: who asks asks again.
type limiter struct {
	since time.Time // the interval began
	sent  int       // in it
}

func (l *limiter) allow(now time.Time, rate Rate) bool {
	if now.Sub(l.since) >= rate.Interval {
		l.since, l.sent = now, 0
	}
	if l.sent >= rate.Packets {
		return false
	}
	l.sent++
	return true
}

// maxSend is the rate that the limiter enforces.
func (t *tunnel) maxSend() Rate {
	return Rate{
		Packets:  cmp.Or(t.cfg.MaxSend.Packets, DefaultMaxSend.Packets),
		Interval: cmp.Or(t.cfg.MaxSend.Interval, DefaultMaxSend.Interval),
	}
}

// errorShare is one in how many packets may be an error indication: who floods
// us with what is wrong must not keep us from saying what is right, and a peer
// that answers an error with an error is to find an end of it.
const errorShare = 10

func (t *tunnel) maxErrors() Rate {
	rate := t.maxSend()
	rate.Packets = max(1, rate.Packets/errorShare)
	return rate
}

// send sends a message of ours to an NBMA address.
func (t *tunnel) send(now time.Time, to netip.Addr, m Message, out *Output) {
	m.sign(t.cfg.Authentication)
	t.emit(now, to, m, &t.traffic.Sent, out)
}

// forward sends a message of another station on its way.
func (t *tunnel) forward(now time.Time, to netip.Addr, m Message, out *Output) {
	m.Hops--
	m.sign(t.cfg.Authentication)
	t.emit(now, to, m, &t.traffic.Forwarded, out)
}

func (t *tunnel) emit(now time.Time, to netip.Addr, m Message, count *[TypeCount]uint64, out *Output) {
	if !t.limiter.allow(now, t.maxSend()) {
		t.traffic.Throttled++
		return
	}
	count[m.Type]++
	out.Send = append(out.Send, Packet{t.cfg.Name, to, m.AppendTo(nil)})
}

// message begins a message of ours.
func (t *tunnel) message(kind Type, flags uint16, id uint32, dst netip.Addr) Message {
	return Message{
		Hops: hopsFull, Type: kind, Flags: flags, ID: id,
		SrcNBMA: t.cfg.NBMA, Src: t.addr(), Dst: dst,
	}
}

// begin gives a request the extensions that others fill on its way.
func (t *tunnel) begin(m Message, nat []Client) Message {
	m.Extensions = []Extension{
		{extForwardTransit, true, nil},
		{extReverseTransit, true, nil},
		{extResponder, true, nil},
		{extNAT, false, appendClients(nil, nat)},
	}
	return m
}

// self is our own client information.
func (t *tunnel) self() Client {
	return Client{Prefix: prefixHost, MTU: t.cfg.MTU, Hold: seconds(t.holdtime()),
		NBMA: t.cfg.NBMA, Addr: t.addr()}
}

// outside is our client information for the NAT extension, if we are behind a
// NAT.
func (t *tunnel) outside() []Client {
	if !t.nat.IsValid() {
		return nil
	}
	c := t.self()
	c.NBMA = t.nat
	return []Client{c}
}

// The prefix lengths of a host.
const (
	prefixHost       = 32
	prefixHostUnique = 0xff
)

// seconds is a duration as the holding time field has it.
func seconds(d time.Duration) uint16 { return uint16(min(d/time.Second, 0xffff)) }

// errorOctetsMax bounds how much of a packet an error indication returns.
const errorOctetsMax = 512

// complain tells a sender what was wrong with a packet (section 5.2.7), but
// never with one that is an indication itself.
func (t *tunnel) complain(now time.Time, p Packet, m Message, code Code, out *Output) {
	if m.Type.indication() {
		return
	}
	if !t.errors.allow(now, t.maxErrors()) {
		t.traffic.Throttled++
		return
	}
	e := t.message(ErrorIndication, 0, 0, m.Src)
	e.Code = code
	e.Payload = p.Payload[:min(len(p.Payload), errorOctetsMax)]
	if code != AuthenticationFailure { // whose string is wrong need not learn ours
		e.sign(t.cfg.Authentication)
	}
	t.emit(now, p.NBMA, e, &t.traffic.Sent, out)
}
