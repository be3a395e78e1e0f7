package modes_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"gresh/modes"
	"gresh/modes/grammar"
)

func invalid(err error) (*grammar.Error, bool) {
	e, ok := errors.AsType[*grammar.Error](err)
	return e, ok && e.Kind == grammar.Invalid
}

// enter returns the place that the lines lead to, and the last step.
func enter(t *testing.T, c *router, lines ...string) (at modes.Stack[session, router], last modes.Step[session, router]) {
	t.Helper()
	at = tree.Start().Config()
	for _, l := range lines {
		step, err := at.Parse(l, 15)
		if err == nil && step.Edit != nil {
			err = step.Edit(c)
		}
		if err != nil {
			t.Fatalf("%s: %v", l, err)
		}
		at, last = step.Next, step
	}
	return at, last
}

// An edit belongs to no configuration: it finds its block in each that it is
// given, and says so if there is none.
func TestEditFindsItsBlock(t *testing.T) {
	at, _ := enter(t, new(router), "interface Tunnel5")
	step, err := at.Parse("shutdown", 15)
	if err != nil {
		t.Fatal(err)
	}
	clone := &router{Ports: []*port{{Name: "Tunnel4"}, {Name: "Tunnel5"}}}
	if err := step.Edit(clone); err != nil || !clone.Ports[1].Shutdown || clone.Ports[0].Shutdown {
		t.Errorf("shutdown in a clone: %+v, %v", clone.Ports, err)
	}
	if err := step.Edit(new(router)); err == nil || !strings.HasPrefix(err.Error(), "% ") {
		t.Errorf("shutdown where Tunnel5 was removed: %v", err)
	}
}

// Places are values: going on from one does not disturb another.
func TestStackIsValue(t *testing.T) {
	c := new(router)
	chain, _ := enter(t, c, "key chain one", "key 9", "exit", "no key 9")
	first, err := chain.Parse("key 1", 15)
	if err != nil {
		t.Fatal(err)
	}
	second, err := chain.Parse("key 2", 15)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []modes.Step[session, router]{second, first} {
		if err := step.Edit(c); err != nil {
			t.Fatal(err)
		}
	}
	for n, next := range []modes.Stack[session, router]{first.Next, second.Next} {
		step, err := next.Parse("key-string secret", 15)
		if err == nil {
			err = step.Edit(c)
		}
		k := c.Chains[0].Keys[1-n]
		if err != nil || k.String != "secret" || k.ID != uint32(n+1) {
			t.Errorf("key-string at key %d: %+v, %v", n+1, k, err)
		}
	}
}

func TestNothingToDo(t *testing.T) {
	at, _ := enter(t, new(router), "interface Tunnel5")
	for _, line := range []string{"", "   ", "!", " ! a remark | include"} {
		step, err := at.Parse(line, 15)
		if err != nil || step.Exec != nil || step.Edit != nil || !reflect.DeepEqual(step.Next, at) {
			t.Errorf("%q: %+v, %v", line, step, err)
		}
	}
}

func TestPrompt(t *testing.T) {
	c := new(router)
	exec := tree.Start()
	intf, _ := enter(t, c, "interface Tunnel5")
	subif, _ := enter(t, c, "interface Ethernet0/1.7")
	key, _ := enter(t, c, "key chain one", "key 1")
	for _, r := range []struct {
		at    modes.Stack[session, router]
		host  string
		level int
		want  string
	}{
		{exec, "Spoke1", 1, "Spoke1>"},
		{exec, "Spoke1", 15, "Spoke1#"},
		{exec, "Spoke1", 2, "Spoke1#"},
		{exec, "", 1, "Router>"},
		{exec, "THIS.IS.A.PARTICULARLY.LONG", 15, "THIS.IS.A.PARTICULARLY.LONG#"},
		{exec.Config(), "", 15, "Router(config)#"},
		{exec.Config(), "THIS.IS.A.PARTICULARLY.LONG", 15, "THIS.IS.A.PARTICULAR(config)#"},
		{intf, "Spoke1", 15, "Spoke1(config-if)#"},
		{subif, "Spoke1", 15, "Spoke1(config-subif)#"},
		{key, "Router", 15, "Router(config-keychain-key)#"},
		{key, "Basement-rtr2", 15, "Basement-rtr2(config-keychai)#"},
		{key, "THIS.IS.A.PARTICULARLY.LONG", 15, "THIS.IS.A.PARTICULAR(config-)#"},
		{key.Top(), "R1", 15, "R1#"},
	} {
		if got := r.at.Prompt(r.host, r.level); got != r.want {
			t.Errorf("prompt %q, want %q", got, r.want)
		}
	}
}

// A word that is ambiguous in the mode is so, whatever the modes around it make
// of it; a word that it does not know may be ambiguous in those.
func TestAmbiguousAcrossModes(t *testing.T) {
	c := new(router)
	intf, _ := enter(t, c, "interface Tunnel5")
	key, _ := enter(t, c, "key chain one", "key 1")
	for _, r := range []struct {
		at   modes.Stack[session, router]
		line string
	}{{intf, "s pad"}, {intf, "d show clock"}, {key, "i foo"}} {
		_, err := r.at.Parse(r.line, 15)
		if want := `% Ambiguous command:  "` + r.line + `"`; err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", r.line, err, want)
		}
	}
	if _, err := intf.Parse("service pad", 15); err != nil {
		t.Errorf("service pad: %v", err)
	}
}

// Exec commands take level 1 unless they say more.
func TestLevels(t *testing.T) {
	for line, want := range map[string]int{"connect": 1, "show clock": 1, "show running-config": 15} {
		for level := range 16 {
			if _, err := tree.Start().Parse(line, level); (err == nil) != (level >= want) {
				t.Errorf("%s at level %d: %v", line, level, err)
			}
		}
	}
}

// A line that is refused tells how far the mode got that followed it furthest.
func TestCaretAcrossModes(t *testing.T) {
	at, _ := enter(t, new(router), "interface Tunnel5")
	for line, want := range map[string]int{
		"ip mtu 9999":        10, // of interface mode
		"ip route here x":    14, // of configuration mode
		"ip foo":             3,  // of both
		"crypto ipsec foo":   13,
		"do show running x":  16,
		"no tunnel x":        10,
		"default interface":  9, // "i" is ip
		"hostname one three": 13,
	} {
		_, err := at.Parse(line, 15)
		if e, ok := invalid(err); !ok || e.Col != want {
			t.Errorf("%s: %+v, want a caret at %d", line, err, want)
		}
	}
}

func TestSeparators(t *testing.T) {
	line := func(name string, s modes.Separator) modes.Command[bool] {
		c := modes.Flag(words(name), func(b *bool) *bool { return b })
		c.Section = s
		return c
	}
	on := true
	mode := modes.Mode[bool]{
		line("a", modes.Opened), line("b", modes.Joined), line("c", modes.Apart), line("d", modes.Apart),
		line("e", modes.Natural), line("f", modes.Closed), line("g", modes.Opened), line("h", modes.Opened),
	}
	want := "a b ! c ! d ! e f ! g ! h"
	if got := strings.Join(mode.Write(&on), " "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
