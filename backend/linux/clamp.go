//go:build linux

package linux

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// clamps are "ip tcp adjust-mss" of devices: a table of nf_tables that is all
// ours, by its name. A SYN that passes a device, either way, offers no larger
// segments than the device's; what the host itself sends is left alone.
type clamps struct {
	is    map[string]int
	known bool // what a predecessor left is gone
}

// set makes these the largest segments, by device, in one step.
func (c *clamps) set(byDev map[string]int) error {
	if c.known && maps.Equal(c.is, byDev) {
		return nil
	}
	conn, err := nftables.New()
	if err != nil {
		return fmt.Errorf("cannot open nf_tables: %w", err)
	}
	table := &nftables.Table{Name: alias, Family: nftables.TableFamilyIPv4}
	conn.AddTable(table) // or there might be none to delete
	conn.DelTable(table)
	if len(byDev) > 0 {
		addClamps(conn, conn.AddTable(table), byDev)
	}
	c.is, c.known = maps.Clone(byDev), true // what fails fails again: it is tried once
	if err := conn.Flush(); err != nil && len(byDev) > 0 {
		first, _, _ := strings.Cut(err.Error(), "\n") // of all the steps that failed
		return fmt.Errorf("this kernel can't set the MSS of others (%s): modprobe nf_tables", first)
	}
	return nil
}

func addClamps(conn *nftables.Conn, table *nftables.Table, byDev map[string]int) {
	chain := conn.AddChain(&nftables.Chain{Name: "adjust-mss", Table: table, Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookForward, Priority: nftables.ChainPriorityMangle})
	for _, dev := range slices.Sorted(maps.Keys(byDev)) {
		for _, way := range []expr.MetaKey{expr.MetaKeyIIFNAME, expr.MetaKeyOIFNAME} {
			conn.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: clamp(way, dev, byDev[dev])})
		}
	}
}

// Where the flags of TCP are (RFC 9293 section 3.1), and its MSS option
// (section 3.7.1): the value, behind kind and length.
const (
	tcpFlagsOffset = 13
	tcpSYN         = 0x02
	tcpRST         = 0x04
	mssOption      = 2
	mssOffset      = 2
	mssLength      = 2
)

// clamp is one rule: a SYN by the device with a larger MSS gets this one.
func clamp(way expr.MetaKey, dev string, mss int) []expr.Any {
	name := make([]byte, unix.IFNAMSIZ)
	copy(name, dev)
	most := binary.BigEndian.AppendUint16(nil, uint16(mss))
	return []expr.Any{
		&expr.Meta{Key: way, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: name},
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{unix.IPPROTO_TCP}},
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: tcpFlagsOffset, Len: 1},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 1, Mask: []byte{tcpSYN | tcpRST}, Xor: []byte{0}},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{tcpSYN}},
		&expr.Exthdr{DestRegister: 1, Type: mssOption, Offset: mssOffset, Len: mssLength, Op: expr.ExthdrOpTcpopt},
		&expr.Cmp{Op: expr.CmpOpGt, Register: 1, Data: most},
		&expr.Immediate{Register: 1, Data: binaryutil.BigEndian.PutUint16(uint16(mss))},
		&expr.Exthdr{SourceRegister: 1, Type: mssOption, Offset: mssOffset, Len: mssLength, Op: expr.ExthdrOpTcpopt},
	}
}
