package commands

import (
	"net/netip"
	"testing"
)

// Who copies must have, or need only take, the privileges of who configures.
func TestCopyPrivileges(t *testing.T) {
	const users = "username admin privilege 15 secret adm1n\nusername guest secret gu3st\n"
	for _, c := range []struct {
		name, startup, user string
		open                bool
		want                error
	}{
		{"off", users, "admin", true, errCopyOff},
		{"privileged", "ip scp server enable\n" + users, "admin", false, nil},
		{"not privileged", "ip scp server enable\n" + users, "guest", false, errCopyDenied},
		{"not privileged in a lab", "ip scp server enable\n" + users, "guest", true, errCopyDenied},
		{"nothing to ask for in a lab", "ip scp server enable\n", "anyone", true, nil},
		{"a secret to ask for in a lab", "ip scp server enable\nenable secret x\n", "anyone", true, errCopyDenied},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBox(t, c.open, c.startup)
			_, err := b.Copy(Origin{Way: SSH, Remote: netip.MustParseAddrPort("192.0.2.1:1"), User: c.user, Authenticated: true})
			if err != c.want {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}
