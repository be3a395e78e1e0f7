package commands

import (
	"slices"
	"strings"
	"testing"
)

// A line of configuration mode is understood in every block, where files have
// it without leaving the block first. What a block knows may not swallow it:
// "ip route" abbreviates the kept line "ip route-cache" of interface mode.
func TestGlobalLinesInBlocks(t *testing.T) {
	var headers, globals []string
	for _, c := range lawCases {
		for n, line := range lawLines(c) {
			if strings.HasPrefix(line, " ") {
				continue
			}
			globals = append(globals, line)
			if next := lawLines(c); n+1 < len(next) && strings.HasPrefix(next[n+1], " ") {
				headers = append(headers, line)
			}
		}
	}
	if len(headers) < 15 || len(globals) < 90 {
		t.Fatalf("only %d blocks and %d lines: looking in the wrong place", len(headers), len(globals))
	}
	for _, header := range headers {
		for _, line := range globals {
			inside, refused, _ := Load("inside", header+"\n"+line+"\n")
			outside, wrong, _ := Load("outside", header+"\nexit\n"+line+"\n")
			if got, want := text(inside), text(outside); got != want || len(refused) != len(wrong) {
				t.Errorf("after %q, %q makes %v\n%s", header, line, refused, got)
			}
		}
	}
}

func TestStaticRouteInInterfaceMode(t *testing.T) {
	c, refused, kept := Load("r1", "interface Ethernet0\n ip route-cache flow\n"+
		" ip address 192.0.2.1 255.255.255.0\nip route 0.0.0.0 0.0.0.0 192.0.2.2\n")
	if len(refused) > 0 || len(kept) != 1 {
		t.Errorf("refused %v, kept %v", refused, kept)
	}
	for _, line := range []string{" ip route-cache flow", "ip route 0.0.0.0 0.0.0.0 192.0.2.2"} {
		if written := Write(c); !slices.Contains(written, line) {
			t.Errorf("%q is not among %q", line, written)
		}
	}
}
