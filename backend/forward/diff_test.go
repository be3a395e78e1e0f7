package forward

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gresh/backend/sadb"
)

// Each row is a change of the guide's table, and the steps it takes.
var diffTests = map[string]struct {
	change func(*Table)
	want   []string
}{
	"nothing": {func(*Table) {}, nil},
	"a tunnel is shut": {func(t *Table) { t.Interfaces[1].Up = false },
		[]string{"add interface Tunnel0 gre down 10.0.0.1/24 mtu 1400 adjust-mss 1360 " +
			"from 172.17.0.1 to any key 100000 ttl 255 sadb vpnprof-head-1"}},
	"a rekey: the new pair before the old one goes": {
		func(t *Table) { t.SAs = pair(shared, 0x2000, 1, 2) },
		[]string{
			"add sa esp 0x2000 from 172.17.0.1 to 172.17.0.2 sadb vpnprof-head-1",
			"add sa esp 0x2001 from 172.17.0.2 to 172.17.0.1 sadb vpnprof-head-1",
			"del sa esp 0x1000 from 172.17.0.1 to 172.17.0.2 sadb vpnprof-head-1",
			"del sa esp 0x1001 from 172.17.0.2 to 172.17.0.1 sadb vpnprof-head-1",
		}},
	"protection comes before the interface, and goes after it": {
		func(t *Table) {
			t.Interfaces[1].Tunnel.SADB = ""
			t.Policies = []Policy{{SADB: "Tunnel1-head-0", Local: addr("172.17.0.1"), Key: 100001, HasKey: true}}
		},
		[]string{
			"add policy local 172.17.0.1 key 100001 sadb Tunnel1-head-0",
			"add interface Tunnel0 gre up 10.0.0.1/24 mtu 1400 adjust-mss 1360 from 172.17.0.1 to any key 100000 ttl 255",
			"del policy local 172.17.0.1 sadb vpnprof-head-1",
		}},
	"a spoke moves, another comes": {
		func(t *Table) {
			t.Neighbors[0].NBMA = addr("172.17.0.77")
			t.Neighbors = append(t.Neighbors, Neighbor{"Tunnel0", addr("10.0.0.5"), addr("172.17.0.5")})
			t.Multicast = []Multicast{{"Tunnel0", addr("172.17.0.5")}}
		},
		[]string{
			"add neighbor 10.0.0.2 dev Tunnel0 nbma 172.17.0.77",
			"add neighbor 10.0.0.5 dev Tunnel0 nbma 172.17.0.5",
			"add multicast dev Tunnel0 nbma 172.17.0.5",
		}},
	"routes": {
		func(t *Table) {
			t.Routes = []Route{t.Routes[0], {prefix("10.0.0.0/24"), nil},
				{prefix("0.0.0.0/0"), []Hop{{"Ethernet0", addr("172.17.0.9")}, {"Tunnel1", netip.Addr{}}}}}
		},
		[]string{
			"add route 10.0.0.0/24 null0",
			"add route 0.0.0.0/0 via 172.17.0.9 dev Ethernet0 via link dev Tunnel1",
			"del route 10.0.1.0/24 via link dev Tunnel1",
		}},
	"everything goes, in the opposite order": {
		func(t *Table) { *t = Table{} },
		[]string{
			"del route 172.17.0.0/24 via link dev Ethernet0",
			"del route 10.0.0.0/24 via link dev Tunnel0",
			"del route 10.0.1.0/24 via link dev Tunnel1",
			"del neighbor 10.0.0.2 dev Tunnel0 nbma 172.17.0.2",
			"del neighbor 10.0.1.2 dev Tunnel1 nbma 172.17.0.2",
			"del interface Ethernet0 ethernet up 172.17.0.1/24 mtu 1500",
			"del interface Tunnel0 gre up 10.0.0.1/24 mtu 1400 adjust-mss 1360 " +
				"from 172.17.0.1 to any key 100000 ttl 255 sadb vpnprof-head-1",
			"del interface Tunnel1 gre up 10.0.1.1/24 mtu 1400 adjust-mss 1360 " +
				"from 172.17.0.1 to any key 100001 ttl 255 sadb vpnprof-head-1",
			"del sa esp 0x1000 from 172.17.0.1 to 172.17.0.2 sadb vpnprof-head-1",
			"del sa esp 0x1001 from 172.17.0.2 to 172.17.0.1 sadb vpnprof-head-1",
			"del policy local 172.17.0.1 sadb vpnprof-head-1",
		}},
}

func TestDiff(t *testing.T) {
	for name, v := range diffTests {
		made := func() Table { return with(guide(1, shared, shared, 2), pair(shared, 0x1000, 1, 2)...) }
		to := made()
		v.change(&to)
		var got []string
		for _, op := range Diff(made(), to) {
			got = append(got, op.String())
		}
		if !slices.Equal(got, v.want) {
			t.Errorf("%s:\n%q\nwant\n%q", name, got, v.want)
		}
	}
}

// TestDiffSeesEveryField: what is not compared would never reach a data path.
func TestDiffSeesEveryField(t *testing.T) {
	made := func() Table { return with(guide(1, shared, shared, 2), pair(shared, 0x1000, 1, 2)...) }
	for name, change := range map[string]func(*Table){
		"kind":        func(t *Table) { t.Interfaces[0].Kind = Loopback },
		"address":     func(t *Table) { t.Interfaces[0].Addresses = []netip.Prefix{prefix("172.17.0.1/25")} },
		"MTU":         func(t *Table) { t.Interfaces[1].MTU = 1399 },
		"MSS":         func(t *Table) { t.Interfaces[1].AdjustMSS = 0 },
		"key":         func(t *Table) { t.Interfaces[1].Tunnel.Key = 5 },
		"mode":        func(t *Table) { t.SAs[0].Mode = sadb.TunnelMode },
		"SADB":        func(t *Table) { t.SAs[0].SADB = "another" },
		"source":      func(t *Table) { t.SAs[0].Src = addr("172.17.0.9") },
		"key bits":    func(t *Table) { t.SAs[0].EncKey = key(8, 99) },
		"UDP":         func(t *Table) { t.SAs[0].Encap.DstPort = 4500 },
		"replay":      func(t *Table) { t.SAs[0].Replay = 128 },
		"soft octets": func(t *Table) { t.SAs[0].SoftOctets = 1 },
		"hard octets": func(t *Table) { t.SAs[0].HardOctets = 1 },
		"bundle":      func(t *Table) { t.SAs[0].Bundle = 1 },
	} {
		to := made()
		change(&to)
		if ops := Diff(made(), to); len(ops) != 1 || !ops[0].Add {
			t.Errorf("%s: %v", name, ops)
		}
	}
}

// TestDiffSeesNoOrder: what has only moved, however far, is no step.
func TestDiffSeesNoOrder(t *testing.T) {
	var from Table
	for n := range 50 {
		from.Routes = append(from.Routes, Route{Prefix: prefix(fmt.Sprintf("10.%d.0.0/16", n))})
	}
	to := Table{Routes: slices.Clone(from.Routes)}
	slices.Reverse(to.Routes)
	if ops := Diff(from, to); len(ops) != 0 {
		t.Errorf("%v", ops)
	}
}

// TestDiffReaches: carried out, the steps lead from any table to any other.
func TestDiffReaches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from, to := anyTable(t, "from"), anyTable(t, "to")
		state := map[string]Op{}
		carryOut := func(ops []Op) {
			gone := false
			for _, op := range ops {
				name := itemName(op.Item)
				if gone = gone || !op.Add; op.Add && gone {
					t.Fatalf("added after a removal: %v", ops)
				}
				if state[name] = op; !op.Add {
					delete(state, name)
				}
			}
		}
		carryOut(Diff(Table{}, from))
		carryOut(Diff(from, to))
		reached := fmt.Sprint(state)
		clear(state)
		carryOut(Diff(Table{}, to))
		if want := fmt.Sprint(state); reached != want {
			t.Fatalf("reached %s, want %s", reached, want)
		}
	})
}

func itemName(item any) string {
	switch i := item.(type) {
	case Route:
		return "route " + i.Prefix.String()
	case Neighbor:
		return fmt.Sprint("neighbor ", i.Dev, i.Addr)
	case Interface:
		return "interface " + i.Name
	}
	return fmt.Sprintf("%T %v", item, item)
}

// anyTable draws from few names, so that tables have much in common, in whatever
// order, and are longer than Diff looks ahead.
func anyTable(t *rapid.T, label string) (table Table) {
	small := rapid.SliceOfNDistinct(rapid.IntRange(0, 30), 0, 25, rapid.ID[int])
	value := rapid.IntRange(0, 1)
	for _, n := range small.Draw(t, label+" neighbors") {
		nbma := addr(fmt.Sprintf("172.17.%d.%d", value.Draw(t, "value"), n))
		table.Neighbors = append(table.Neighbors, Neighbor{"Tunnel0", addr(fmt.Sprintf("10.0.0.%d", n)), nbma})
	}
	for _, n := range small.Draw(t, label+" routes") {
		hop := Hop{Dev: fmt.Sprintf("Ethernet%d", value.Draw(t, "value"))}
		table.Routes = append(table.Routes, Route{prefix(fmt.Sprintf("10.%d.0.0/16", n)), []Hop{hop}})
	}
	for _, n := range small.Draw(t, label+" interfaces") {
		up := value.Draw(t, "value") == 1
		table.Interfaces = append(table.Interfaces, Interface{Name: fmt.Sprintf("Tunnel%d", n), Kind: GRE, Up: up})
	}
	for _, n := range small.Draw(t, label+" policies") {
		table.Policies = append(table.Policies, Policy{Local: addr(fmt.Sprintf("172.17.0.%d", n))})
	}
	return table
}

// TestFIB compares the longest match with a search of all routes, while routes
// come and go.
func TestFIB(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, model := newFIB(), map[netip.Prefix]string{}
		address := rapid.Custom(func(t *rapid.T) netip.Addr {
			b := rapid.ByteRange(0, 3)
			return netip.AddrFrom4([4]byte{b.Draw(t, "a"), 0, 0, b.Draw(t, "d") << 6})
		})
		for i := range rapid.IntRange(1, 40).Draw(t, "steps") {
			at := netip.PrefixFrom(address.Draw(t, "address"), rapid.IntRange(0, 32).Draw(t, "bits")).Masked()
			dev := fmt.Sprint(i)
			if rapid.IntRange(0, 3).Draw(t, "op") == 0 {
				f.set(Route{Prefix: at}, false)
				delete(model, at)
			} else {
				f.set(Route{at, []Hop{{Dev: dev}}}, true)
				model[at] = dev
			}
			to, want, bits := address.Draw(t, "to"), "", -1
			for p, dev := range model {
				if p.Contains(to) && p.Bits() > bits {
					want, bits = dev, p.Bits()
				}
			}
			hops, ok := f.lookup(to)
			if ok != (want != "") || ok && hops[0].Dev != want {
				t.Fatalf("%v: %v, %v; want %q", to, hops, ok, want)
			}
		}
	})
}
