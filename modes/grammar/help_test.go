package grammar

import (
	"fmt"
	"strings"
	"testing"
)

// helpSet has one of everything that help must lay out.
func helpSet() *Set {
	ip := Line{Word("ip", "Global IP configuration subcommands")}
	address := append(ip, Word("address", "Set the IP address of an interface"))
	call := Line{Word("match", "Match values"), Alt(
		Line{Word("call", "Calls"), String("Name")},
		Line{Uint(0, 7, "Precedence value"), Opt(Word("more", "And more"))},
		Line{Word("RSA-key-pair", "An RSA key pair")})}
	filter := Opt(Pipe("Output Modifiers"), Alt(
		Line{Enum(Choice[int]{"include", "Include lines that match", 1},
			Choice[int]{"exclude", "Exclude lines that match", 2}), Rest("Regular Expression")}))
	return NewSet("Configure commands:",
		Entry{Line: append(address, Alt(Line{IPv4("IP address"), Mask("IP subnet mask")},
			Line{Word("dhcp", "IP Address negotiated via DHCP")}))},
		Entry{Line: append(ip, Word("mtu", "Set IP Maximum Transmission Unit"), Uint(68, 1500, "MTU (bytes)"))},
		Entry{Line: Line{Word("interface", "Select an interface to configure"), units}},
		Entry{Line: Line{Word("hidden", "Not shown"), String("x")}, Hidden: true},
		Entry{Line: call},
		Entry{Line: Line{Word("show", "Show running system information"), Word("clock", ""), filter}},
		Entry{Line: Line{Word("description", "Interface specific description"),
			Text("Up to 240 characters describing this interface")}},
		Entry{Line: Line{Word("banner", "Define a login banner"), Delimited("c banner-text c, where 'c' is a delimiting character")}})
}

var helpTests = []struct {
	line string
	want []string // as printed, up to the prompt
}{
	{"", []string{
		"Configure commands:",
		"  banner       Define a login banner",
		"  description  Interface specific description",
		"  interface    Select an interface to configure",
		"  ip           Global IP configuration subcommands",
		"  match        Match values",
		"  show         Show running system information",
		""}},
	{"i", []string{"interface  ip "}},
	{"IP", []string{"ip "}},
	{"ip", []string{"ip "}},
	{"x", []string{"% Unrecognized command"}},
	{"x ", []string{"% Unrecognized command"}},
	{"i ", []string{`% Ambiguous command:  "i "`}},
	{"ip ", []string{
		"  address  Set the IP address of an interface",
		"  mtu      Set IP Maximum Transmission Unit",
		""}},
	{"ip address ", []string{
		"  A.B.C.D  IP address",
		"  dhcp     IP Address negotiated via DHCP",
		""}},
	{"ip add 10.0.0.1 ", []string{"  A.B.C.D  IP subnet mask", ""}},
	{"ip add 10.0.", []string{"A.B.C.D "}},
	{"ip add d", []string{"dhcp "}},
	{"ip add dhcp ", []string{"  <cr>", ""}},
	{"ip mtu ", []string{"  <68-1500>  MTU (bytes)", ""}},
	{"ip mtu 1", []string{"<68-1500> "}},
	{"ip mtu 1x", []string{"% Unrecognized command"}},
	{"ip mtu 1x ", []string{"% Unrecognized command"}},
	{"match ", []string{
		"  <0-7>         Precedence value",
		"  RSA-key-pair  An RSA key pair",
		"  call          Calls",
		""}},
	{"match 3 ", []string{"  more  And more", "  <cr>", ""}},
	{"interface ", []string{
		"  Ethernet      IEEE 802.3",
		"  Null          Null interface",
		"  Port-channel  Ethernet Channel of interfaces",
		"  Tunnel        Tunnel interface",
		""}},
	{"interface t", []string{"Tunnel "}},
	{"interface tunnel ", []string{"  <0-2147483647>  Tunnel interface number", ""}},
	{"interface tunnel5", []string{"<0-2147483647> "}},
	{"interface tunnel5 ", []string{"  <cr>", ""}},
	{"hid", []string{"% Unrecognized command"}},
	{"show clock ", []string{"  |  Output Modifiers", "  <cr>", ""}},
	{"show clock | ", []string{
		"  exclude  Exclude lines that match",
		"  include  Include lines that match",
		""}},
	{"show clock |e", []string{"exclude "}},
	{"show clock | i ", []string{"  LINE  Regular Expression", ""}},
	{"show clock | i a b", []string{"LINE "}},
	{"description ", []string{"  LINE  Up to 240 characters describing this interface", ""}},
	{"description two wor", []string{"LINE "}},
	{"banner ", []string{"  LINE  c banner-text c, where 'c' is a delimiting character", ""}},
	{"banner #two wor", []string{"LINE "}},
}

func TestHelp(t *testing.T) {
	s := helpSet()
	for _, r := range helpTests {
		if got, want := s.Help(r.line, 15).String(), strings.Join(r.want, "\n")+"\n"; got != want {
			t.Errorf("%s?\n%swant\n%s", r.line, got, want)
		}
	}
}

func TestComplete(t *testing.T) {
	s := helpSet()
	for line, want := range map[string]string{
		"d":                "description ",
		"  IP  ad":         "  IP  address ",
		"i":                "",
		"ip":               "ip ",
		"ip ":              "",
		"":                 "",
		"x":                "",
		"hid":              "",
		"interface tu":     "interface Tunnel ",
		"interface tu5":    "",
		"ip address 10":    "",
		"match r":          "match RSA-key-pair ",
		"show clock |inc":  "show clock |include ",
		"show clock | inc": "show clock | include ",
		"show clock | i i": "",
	} {
		got, ok := s.Complete(line, 15)
		if want == "" && (ok || got != line) || want != "" && got != want {
			t.Errorf("%q: %q, %v; want %q", line, got, ok, want)
		}
	}
}

// bigSet has as many lines as a router with thousands of commands.
func bigSet(n int) *Set {
	var all []Entry
	for i := range n {
		all = append(all, Entry{Line: Line{Word(fmt.Sprintf("command%d", i), "A command"), Uint(1, 9, "")}, Means: i})
	}
	return NewSet("Configure commands:", all...)
}

func BenchmarkHelp(b *testing.B) {
	s := bigSet(5000)
	for b.Loop() {
		if len(s.Help("", 15).Items) != 5000 {
			b.Fatal("help is not whole")
		}
	}
}

func BenchmarkParse(b *testing.B) {
	s := bigSet(5000)
	for b.Loop() {
		if _, err := s.Parse("command4999 7", 15); err != nil {
			b.Fatal(err)
		}
	}
}
