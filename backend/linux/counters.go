//go:build linux

package linux

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"gresh/backend/forward"
	"gresh/backend/sadb"
)

// counted is what a kernel has counted.
type counted struct {
	devices map[string]forward.InterfaceCounters
	states  []stateCount
	arp     []forward.ARPEntry
	drops   map[forward.Reason]uint64
}

// usage is when traffic to a peer last left, as far as anybody looked: the
// kernel does not keep it for a mapping that is there for good.
type usage map[forward.SocketKey]used

type used struct {
	packets uint64
	at      time.Time
}

// Counters is part of backend.Host.
func (h *Host) Counters() forward.Counters {
	c := forward.Counters{Interfaces: map[string]forward.InterfaceCounters{},
		SAs: map[sadb.Key]forward.SACounters{}, Drops: map[forward.Reason]uint64{},
		Peers: map[forward.SocketKey]forward.PeerCounters{}}
	k, err := h.kernel.counters()
	if err != nil {
		return c
	}
	for dev, n := range k.devices {
		if name, ok := h.names.configured(dev); ok {
			c.Interfaces[name] = n
		}
	}
	for _, s := range k.states {
		c.SAs[s.state.key()] = s.counters()
	}
	c.ARP, c.Drops = k.arp, k.drops
	h.countPeers(&c)
	h.countNeighbors(&c, time.Now())
	return c
}

func (s stateCount) counters() forward.SACounters {
	return forward.SACounters{Packets: s.packets, Octets: s.octets,
		AuthErrors: s.unauthorized, ReplayErrors: s.replayed, ReceiveErrors: s.unauthorized + s.replayed}
}

// countPeers adds what SAs that are gone have carried to what those that are
// there have.
func (h *Host) countPeers(c *forward.Counters) {
	for key, n := range h.gone {
		c.Peers[key] = n
	}
	for key, n := range h.miss {
		p := c.Peers[key]
		p.SendErrors += n
		c.Peers[key] = p
	}
	for _, sa := range h.table.SAs {
		key, out := h.socketOf(sa)
		c.Peers[key] = plus(c.Peers[key], c.SAs[sa.Key()], out)
	}
}

func plus(p forward.PeerCounters, n forward.SACounters, out bool) forward.PeerCounters {
	if out {
		p.OutPackets += n.Packets
	} else {
		p.InPackets += n.Packets
		p.RecvErrors += n.ReceiveErrors
	}
	return p
}

// socketOf is whose traffic an SA carries, and whether it leaves by it.
func (h *Host) socketOf(sa sadb.SA) (key forward.SocketKey, out bool) {
	for _, p := range h.table.Policies {
		if p.SADB == sa.SADB {
			out = p.Local == sa.Src
		}
	}
	if out {
		return forward.SocketKey{SADB: sa.SADB, Peer: sa.Dst}, true
	}
	return forward.SocketKey{SADB: sa.SADB, Peer: sa.Src}, false
}

// remember keeps what an SA has carried, before it goes.
func (h *Host) remember(o state) {
	n, ok := h.kernel.stateOf(o)
	if !ok || o.sadb == "" {
		return
	}
	key, out := h.socketOf(sadb.SA{SADB: o.sadb, Src: o.src, Dst: o.dst})
	h.gone[key] = plus(h.gone[key], n.counters(), out)
}

// countNeighbors says which mappings carried traffic since they were last
// looked at. On an unprotected tunnel nobody counts by peer: there all do, if
// the tunnel does.
func (h *Host) countNeighbors(c *forward.Counters, now time.Time) {
	sadbs := map[string]string{}
	for _, i := range h.table.Interfaces {
		sadbs[i.Name] = i.Tunnel.SADB
	}
	for _, n := range h.table.Neighbors {
		key := forward.SocketKey{SADB: sadbs[n.Dev], Peer: n.NBMA}
		packets := c.Peers[key].OutPackets
		if key.SADB == "" {
			key.SADB = n.Dev
			packets = c.Interfaces[n.Dev].OutPackets
		}
		u := h.usage[key]
		if packets > u.packets {
			u = used{packets, now}
			h.usage[key] = u
		}
		if !u.at.IsZero() {
			c.Neighbors = append(c.Neighbors, forward.NeighborCounters{Dev: n.Dev, Addr: n.Addr,
				Packets: u.packets, LastUsed: u.at})
		}
	}
	slices.SortFunc(c.Neighbors, func(a, b forward.NeighborCounters) int {
		return cmp.Or(cmp.Compare(a.Dev, b.Dev), a.Addr.Compare(b.Addr))
	})
}

func (k *rtkernel) counters() (counted, error) {
	c := counted{devices: map[string]forward.InterfaceCounters{}, arp: k.arp(), drops: xfrmDrops()}
	list, err := k.handle.LinkList()
	if err != nil {
		return c, fmt.Errorf("cannot list the devices: %w", err)
	}
	for _, l := range list {
		if s := l.Attrs().Statistics; s != nil {
			c.devices[l.Attrs().Name] = forward.InterfaceCounters{
				InPackets: s.RxPackets, InOctets: s.RxBytes, OutPackets: s.TxPackets, OutOctets: s.TxBytes,
				InDrops: s.RxDropped + s.RxErrors, OutDrops: s.TxDropped + s.TxErrors}
		}
	}
	c.states, err = k.stateList()
	return c, err
}

// xfrmReasons are the kernel's counters of what XFRM dropped
// (Documentation/networking/xfrm_proc), as reasons of ours.
var xfrmReasons = map[string]forward.Reason{
	"XfrmInNoStates": forward.UnknownSPI, "XfrmInStateProtoError": forward.AuthFailed,
	"XfrmInStateModeError": forward.Mismatch, "XfrmInStateSeqError": forward.Replayed,
	"XfrmInStateExpired": forward.Exhausted, "XfrmInStateMismatch": forward.Mismatch,
	"XfrmInTmplMismatch": forward.ClearText, "XfrmInNoPols": forward.ClearText,
	"XfrmInPolBlock": forward.ClosedPolicy, "XfrmOutPolBlock": forward.ClosedPolicy,
	"XfrmOutNoStates": forward.NoSA, "XfrmOutStateExpired": forward.Exhausted,
}

func xfrmDrops() map[forward.Reason]uint64 {
	drops := map[forward.Reason]uint64{}
	text, err := os.ReadFile("/proc/self/net/xfrm_stat")
	if err != nil {
		return drops // a kernel without these counters
	}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		reason, ok := xfrmReasons[strings.TrimSpace(name)]
		if n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 64); ok && err == nil && n > 0 {
			drops[reason] += n
		}
	}
	return drops
}
