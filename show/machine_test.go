package show

import (
	"io"
	"net/netip"
	"testing"
	"time"

	"gresh/backend/config"
	"gresh/backend/machine"
)

var small = machine.Machine{Memory: 48 << 20, Used: 20 << 20, LeastFree: 16 << 20, Busy: [3]float64{12.5, 3, 1.25},
	Processors: 8*time.Second + 250*time.Millisecond, Tasks: 31, Clock: machine.Free}

func TestMachineViews(t *testing.T) {
	east := config.Clock{Zone: "EST", Offset: -300}
	named := &config.Config{DomainName: "example.org", NameServers: []netip.Addr{addr("192.0.2.1"), addr("192.0.2.2")},
		Hosts: []config.Host{{Name: "hub1", Addresses: []netip.Addr{addr("172.17.0.1"), addr("10.0.0.1")}}}}
	port := func(name string) *config.Interface { return &config.Interface{Name: name} }
	for name, view := range map[string]func(w io.Writer){
		"version": func(w io.Writer) {
			Version(w, Box{Config: &config.Config{}, Booted: noon.Add(-50 * time.Second),
				Ports: []*config.Interface{port("Ethernet0")}}, noon)
		},
		"version-15": func(w io.Writer) {
			Version(w, Box{Config: &config.Config{Version: "15.7", Hostname: "R1", Clock: east}, Booted: noon.AddDate(-1, 0, -16),
				Reloaded: true, Machine: small, Ports: []*config.Interface{port("Ethernet0/0"), port("GigabitEthernet0/0"), port("Ethernet0/1")}}, noon)
		},
		"inventory":         Inventory,
		"processes-cpu":     func(w io.Writer) { ProcessesCPU(w, small) },
		"processes-memory":  func(w io.Writer) { ProcessesMemory(w, small) },
		"memory-statistics": func(w io.Writer) { MemoryStatistics(w, small) },
		"hosts":             func(w io.Writer) { Hosts(w, named) },
		"hosts-none":        func(w io.Writer) { Hosts(w, &config.Config{NoDomainLookup: true}) },
		"hosts-summary":     func(w io.Writer) { HostsSummary(w, named) },
	} {
		golden(t, name, view)
	}
}

func TestClock(t *testing.T) {
	at := noon.Add(7 * time.Millisecond)
	for _, row := range []struct {
		zone   config.Clock
		source machine.Clock
		want   string
	}{
		{config.Clock{}, machine.Unset, "*12:00:00.007 UTC Sun Mar 1 2026\nNo time source\n"},
		{config.Clock{Zone: "IST", Offset: 330}, machine.Free, ".17:30:00.007 IST Sun Mar 1 2026\nTime source is the host's clock\n"},
		{config.Clock{Zone: "EST", Offset: -300}, machine.Synchronized, "07:00:00.007 EST Sun Mar 1 2026\nTime source is NTP\n"},
	} {
		got := text(func(w io.Writer) { Clock(w, at, row.zone, row.source); ClockSource(w, row.source) })
		if got != row.want {
			t.Errorf("%+v, %v: %q, want %q", row.zone, row.source, got, row.want)
		}
	}
}
