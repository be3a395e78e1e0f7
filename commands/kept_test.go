package commands

import (
	"slices"
	"testing"
)

// "ip route" abbreviates the kept line "ip route-cache" of interface mode, and
// is a line of configuration mode all the same.
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
