//go:build linux

package linux

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"gresh/backend/forward"
	"gresh/backend/sadb"
)

// doPolicy sets or deletes a policy. The message is made here and not by the
// library, which leaves half of a GRE key unmatched if that half is zero.
func (k *rtkernel) doPolicy(s step, p policy) error {
	if !s.set {
		req := nl.NewNetlinkRequest(nl.XFRM_MSG_DELPOLICY, unix.NLM_F_ACK)
		req.AddData(&nl.XfrmUserpolicyId{Sel: selector(p), Dir: direction(p.out)})
		_, err := req.Execute(unix.NETLINK_XFRM, 0)
		return err
	}
	// Updating replaces in one step what is there, and would take what is others'.
	kind := nl.XFRM_MSG_NEWPOLICY
	if s.over {
		kind = nl.XFRM_MSG_UPDPOLICY
	}
	req := nl.NewNetlinkRequest(kind, unix.NLM_F_ACK)
	msg := &nl.XfrmUserpolicyInfo{Sel: selector(p), Priority: p.priority(), Dir: direction(p.out)}
	msg.Lft.SoftByteLimit, msg.Lft.HardByteLimit = nl.XFRM_INF, nl.XFRM_INF
	msg.Lft.SoftPacketLimit, msg.Lft.HardPacketLimit = nl.XFRM_INF, nl.XFRM_INF
	if p.reqid == 0 {
		msg.Action = uint8(netlink.XFRM_POLICY_BLOCK)
	}
	req.AddData(msg)
	if t := templates(p); len(t) > 0 {
		req.AddData(nl.NewRtAttr(nl.XFRMA_TMPL, t))
	}
	_, err := req.Execute(unix.NETLINK_XFRM, 0)
	if !s.over && errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("there is a policy for that traffic, and it is not gresh's")
	}
	return err
}

func direction(out bool) uint8 {
	if out {
		return uint8(netlink.XFRM_DIR_OUT)
	}
	return uint8(netlink.XFRM_DIR_IN)
}

// selector matches GRE between the ends. The kernel takes a GRE key for two
// ports, the upper half first.
func selector(p policy) nl.XfrmSelector {
	s := nl.XfrmSelector{Family: unix.AF_INET, Proto: unix.IPPROTO_GRE}
	src, dst := p.local, p.peer
	if !p.out {
		src, dst = dst, src
	}
	if src.IsValid() {
		s.Saddr.FromIP(ipOf(src))
		s.PrefixlenS = 32
	}
	if dst.IsValid() {
		s.Daddr.FromIP(ipOf(dst))
		s.PrefixlenD = 32
	}
	if p.hasKey {
		s.Sport, s.SportMask = nl.Swap16(uint16(p.key>>16)), ^uint16(0)
		s.Dport, s.DportMask = nl.Swap16(uint16(p.key)), ^uint16(0)
	}
	return s
}

// templates say what must be around a packet, the outermost last.
func templates(p policy) (all []byte) {
	for _, one := range []struct {
		wanted bool
		proto  sadb.Protocol
	}{{p.shape.ESP, sadb.ESP}, {p.shape.AH, sadb.AH}} {
		if !one.wanted || p.reqid == 0 {
			continue
		}
		t := nl.XfrmUserTmpl{Family: unix.AF_INET, Reqid: p.reqid,
			Aalgos: ^uint32(0), Ealgos: ^uint32(0), Calgos: ^uint32(0)}
		t.XfrmId.Proto = uint8(one.proto)
		if p.shape.Mode == sadb.TunnelMode && len(all) == 0 {
			t.Mode = uint8(netlink.XFRM_MODE_TUNNEL)
			src, dst := p.local, p.peer
			if !p.out {
				src, dst = dst, src
			}
			t.Saddr.FromIP(ipOf(src))
			t.XfrmId.Daddr.FromIP(ipOf(dst))
		}
		all = append(all, t.Serialize()...)
	}
	return all
}

// policies lists those with a priority of ours.
func (k *rtkernel) policies() (all []object, err error) {
	req := nl.NewNetlinkRequest(nl.XFRM_MSG_GETPOLICY, unix.NLM_F_DUMP)
	req.AddData(nl.NewIfInfomsg(unix.AF_INET))
	messages, err := req.Execute(unix.NETLINK_XFRM, nl.XFRM_MSG_NEWPOLICY)
	if err != nil {
		return nil, fmt.Errorf("cannot list the policies: %w", err)
	}
	for _, m := range messages {
		msg := nl.DeserializeXfrmUserpolicyInfo(m)
		if msg.Priority&^15 != policyPriority || msg.Sel.Family != unix.AF_INET {
			continue
		}
		attrs, err := nl.ParseRouteAttr(m[nl.SizeofXfrmUserpolicyInfo:])
		if err != nil {
			return nil, err
		}
		p := policyOf(msg)
		for _, a := range attrs {
			if a.Attr.Type == nl.XFRMA_TMPL {
				p.reqid, p.shape = shapeOf(a.Value)
			}
		}
		all = append(all, p)
	}
	return all, nil
}

func policyOf(msg *nl.XfrmUserpolicyInfo) policy {
	p := policy{out: msg.Dir == uint8(netlink.XFRM_DIR_OUT)}
	src := addressOf(msg.Sel.Saddr, msg.Sel.PrefixlenS)
	dst := addressOf(msg.Sel.Daddr, msg.Sel.PrefixlenD)
	p.local, p.peer = src, dst
	if !p.out {
		p.local, p.peer = dst, src
	}
	if msg.Sel.DportMask != 0 {
		p.hasKey = true
		p.key = uint32(nl.Swap16(msg.Sel.Sport))<<16 | uint32(nl.Swap16(msg.Sel.Dport))
	}
	return p
}

func addressOf(a nl.XfrmAddress, length uint8) netip.Addr {
	if length == 0 {
		return netip.Addr{}
	}
	return netip.AddrFrom4([4]byte(a[:4]))
}

func shapeOf(templates []byte) (reqid uint32, s forward.Shape) {
	for len(templates) >= nl.SizeofXfrmUserTmpl {
		t := nl.DeserializeXfrmUserTmpl(templates[:nl.SizeofXfrmUserTmpl])
		templates = templates[nl.SizeofXfrmUserTmpl:]
		switch sadb.Protocol(t.XfrmId.Proto) {
		case sadb.ESP:
			s.ESP = true
		case sadb.AH:
			s.AH = true
		}
		if reqid == 0 {
			s.Mode = modeOf(t.Mode)
		}
		reqid = t.Reqid
	}
	return reqid, s
}

func modeOf(mode uint8) sadb.Mode {
	if mode == uint8(netlink.XFRM_MODE_TUNNEL) {
		return sadb.TunnelMode
	}
	return sadb.TransportMode
}
