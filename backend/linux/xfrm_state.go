//go:build linux

package linux

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"gresh/backend/sadb"
)

// request begins a request about SAs, on the socket that is there for them if
// there is one.
func (k *rtkernel) request(kind, flags int) *nl.NetlinkRequest {
	req := nl.NewNetlinkRequest(kind, flags)
	if k.xfrm != nil {
		req.Sockets = map[int]*nl.SocketHandle{unix.NETLINK_XFRM: k.xfrm}
	}
	return req
}

// doState adds, changes or deletes an SA.
func (k *rtkernel) doState(s step, o state) error {
	if !s.set {
		req := k.request(nl.XFRM_MSG_DELSA, unix.NLM_F_ACK)
		id := &nl.XfrmUsersaId{Spi: nl.Swap32(o.spi), Family: unix.AF_INET, Proto: uint8(o.proto)}
		id.Daddr.FromIP(ipOf(o.dst))
		req.AddData(id)
		_, err := req.Execute(unix.NETLINK_XFRM, 0)
		return err
	}
	if s.over {
		err := k.sendState(nl.XFRM_MSG_UPDSA, o)
		if !errors.Is(err, unix.ESRCH) {
			return err
		}
	}
	err := k.sendState(nl.XFRM_MSG_NEWSA, o)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPROTONOSUPPORT) {
		return fmt.Errorf("this kernel has no %s: %w", algorithms(o), err)
	}
	return err
}

func (k *rtkernel) sendState(kind int, o state) error {
	req := k.request(kind, unix.NLM_F_CREATE|unix.NLM_F_EXCL|unix.NLM_F_ACK)
	msg := &nl.XfrmUsersaInfo{Family: unix.AF_INET, Reqid: o.reqid, Mode: uint8(netlink.XFRM_MODE_TRANSPORT)}
	if o.mode == sadb.TunnelMode {
		msg.Mode = uint8(netlink.XFRM_MODE_TUNNEL)
	}
	msg.Id.Daddr.FromIP(ipOf(o.dst))
	msg.Id.Spi, msg.Id.Proto = nl.Swap32(o.spi), uint8(o.proto)
	msg.Saddr.FromIP(ipOf(o.src))
	msg.Lft.SoftByteLimit, msg.Lft.HardByteLimit = limit(o.softOct), limit(o.hardOct)
	msg.Lft.SoftPacketLimit, msg.Lft.HardPacketLimit = nl.XFRM_INF, nl.XFRM_INF
	req.AddData(msg)
	for _, a := range algorithmAttrs(o) {
		req.AddData(a)
	}
	if o.encap != (sadb.Encap{}) {
		e := nl.XfrmEncapTmpl{EncapType: uint16(netlink.XFRM_ENCAP_ESPINUDP),
			EncapSport: nl.Swap16(o.encap.SrcPort), EncapDport: nl.Swap16(o.encap.DstPort)}
		req.AddData(nl.NewRtAttr(nl.XFRMA_ENCAP, e.Serialize()))
	}
	req.AddData(nl.NewRtAttr(nl.XFRMA_REPLAY_ESN_VAL, replay(o.replay)))
	_, err := req.Execute(unix.NETLINK_XFRM, 0)
	return err
}

func limit(octets uint64) uint64 {
	if octets == 0 {
		return nl.XFRM_INF
	}
	return octets
}

// replay is a window in the form that can be wider than 32 packets; without
// the flag for extended sequence numbers it means ordinary ones.
func replay(window int) []byte {
	e := &nl.XfrmReplayStateEsn{ReplayWindow: uint32(window), BmpLen: uint32(max(window, 1)+31) / 32}
	return append(e.Serialize(), make([]byte, 4*e.BmpLen)...)
}

// An algorithm is one as the kernel calls it.
type algorithm struct {
	name string
	icv  uint32 // in bits
}

var (
	cipherNames = map[sadb.Cipher]string{sadb.Null: "ecb(cipher_null)", sadb.DES: "cbc(des)",
		sadb.TripleDES: "cbc(des3_ede)", sadb.AES: "cbc(aes)", sadb.GCM: "rfc4106(gcm(aes))"}
	integrityNames = map[sadb.Integrity]algorithm{sadb.MD5: {"hmac(md5)", 96}, sadb.SHA1: {"hmac(sha1)", 96},
		sadb.SHA256: {"hmac(sha256)", 128}, sadb.SHA384: {"hmac(sha384)", 192}, sadb.SHA512: {"hmac(sha512)", 256}}
)

func algorithms(o state) string {
	if o.cipher == sadb.NoCipher {
		return integrityNames[o.integrity].name
	}
	if o.integrity == sadb.NoIntegrity {
		return cipherNames[o.cipher]
	}
	return cipherNames[o.cipher] + " or " + integrityNames[o.integrity].name
}

func algorithmAttrs(o state) (all []*nl.RtAttr) {
	if o.cipher == sadb.GCM {
		a := nl.XfrmAlgoAEAD{AlgKeyLen: uint32(len(o.encKey)) * 8, AlgICVLen: 128, AlgKey: []byte(o.encKey)}
		copy(a.AlgName[:], cipherNames[o.cipher])
		return append(all, nl.NewRtAttr(nl.XFRMA_ALG_AEAD, a.Serialize()))
	}
	if o.proto == sadb.ESP {
		a := nl.XfrmAlgo{AlgKeyLen: uint32(len(o.encKey)) * 8, AlgKey: []byte(o.encKey)}
		copy(a.AlgName[:], cipherNames[o.cipher])
		all = append(all, nl.NewRtAttr(nl.XFRMA_ALG_CRYPT, a.Serialize()))
	}
	if o.integrity != sadb.NoIntegrity {
		of := integrityNames[o.integrity]
		a := nl.XfrmAlgoAuth{AlgKeyLen: uint32(len(o.authKey)) * 8, AlgTruncLen: of.icv, AlgKey: []byte(o.authKey)}
		copy(a.AlgName[:], of.name)
		all = append(all, nl.NewRtAttr(nl.XFRMA_ALG_AUTH_TRUNC, a.Serialize()))
	}
	return all
}

// states lists the SAs with a reqid of ours, by name, and larval ones, which
// the kernel made when it asked for one, not.
func (k *rtkernel) states() (all []object, err error) {
	list, err := k.stateList()
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		all = append(all, c.state)
	}
	return all, nil
}

// A stateCount is an SA that is there, and what it has carried.
type stateCount struct {
	state                  state
	packets, octets        uint64
	replayed, unauthorized uint64
}

func (k *rtkernel) stateList() (all []stateCount, err error) {
	req := k.request(nl.XFRM_MSG_GETSA, unix.NLM_F_DUMP)
	messages, err := req.Execute(unix.NETLINK_XFRM, nl.XFRM_MSG_NEWSA)
	if err != nil {
		return nil, fmt.Errorf("cannot list the SAs: %w", err)
	}
	for _, m := range messages {
		if c, ok := parseState(m); ok {
			all = append(all, c)
		}
	}
	return all, nil
}

func parseState(m []byte) (c stateCount, ours bool) {
	if len(m) < nl.SizeofXfrmUsersaInfo {
		return c, false
	}
	msg := nl.DeserializeXfrmUsersaInfo(m)
	if msg.Family != unix.AF_INET || msg.Reqid < reqidFirst || msg.Reqid > reqidLast || msg.Id.Spi == 0 {
		return c, false
	}
	c.state = state{proto: sadb.Protocol(msg.Id.Proto), spi: nl.Swap32(msg.Id.Spi), reqid: msg.Reqid,
		src: netip.AddrFrom4([4]byte(msg.Saddr[:4])), dst: netip.AddrFrom4([4]byte(msg.Id.Daddr[:4])),
		mode: modeOf(msg.Mode), listed: true}
	c.packets, c.octets = msg.Curlft.Packets, msg.Curlft.Bytes
	c.replayed = uint64(msg.Stats.Replay) + uint64(msg.Stats.ReplayWindow)
	c.unauthorized = uint64(msg.Stats.IntegrityFailed)
	return c, true
}

// stateOf reads one SA.
func (k *rtkernel) stateOf(o state) (stateCount, bool) {
	req := k.request(nl.XFRM_MSG_GETSA, unix.NLM_F_ACK)
	id := &nl.XfrmUsersaId{Spi: nl.Swap32(o.spi), Family: unix.AF_INET, Proto: uint8(o.proto)}
	id.Daddr.FromIP(ipOf(o.dst))
	req.AddData(id)
	messages, err := req.Execute(unix.NETLINK_XFRM, nl.XFRM_MSG_NEWSA)
	if err != nil || len(messages) == 0 {
		return stateCount{}, false
	}
	return parseState(messages[0])
}
