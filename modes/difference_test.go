package modes

import (
	"strings"
	"testing"
)

const before = `Building configuration...

Current configuration : 100 bytes
!
version 12.4
hostname R1
!
interface Ethernet0
 description one
 ip address 10.0.0.1 255.0.0.0
 no ip redirects
!
interface Loopback0
 ip address 10.1.0.1 255.0.0.0
!
banner motd ^C
welcome
  ! friends
^C
end
`

const after = `hostname R2
version 12.4
interface Ethernet0
 no ip redirects
 description two
  deeper
interface Loopback1
 ip address 10.1.0.1 255.0.0.0
banner motd ^C
welcome
  ! strangers
^C
`

func split(text string) []string { return strings.Split(text, "\n") }

func TestDifferences(t *testing.T) {
	for name, c := range map[string]struct {
		got  []string
		want string
	}{
		"both ways": {Differences(split(before), split(after)), `+hostname R2
interface Ethernet0
 +description two
  +deeper
+interface Loopback1
 +ip address 10.1.0.1 255.0.0.0
+banner motd ^C
welcome
  ! strangers
^C
-hostname R1
interface Ethernet0
 -description one
 -ip address 10.0.0.1 255.0.0.0
-interface Loopback0
 -ip address 10.1.0.1 255.0.0.0
-banner motd ^C
welcome
  ! friends
^C`},
		"additions": {Additions(split(before), split(after)), `hostname R2
interface Ethernet0
 description two
  deeper
interface Loopback1
 ip address 10.1.0.1 255.0.0.0
banner motd ^C
welcome
  ! strangers
^C`},
		"replacing": {Replacing(split("a\nb\n c\n no d\ne\n"), split("e\nb\n d2\nf\n")), `no a
b
 no c
 d
b
 d2
f`},
		"none":            {Differences(split(before), split(before)), ""},
		"the order alone": {Differences(split("a\nb\n"), split("b\n!\na\nend\n")), ""},
		"twice":           {Differences(split("a\na\n"), split("a\n")), "-a"},
	} {
		if got := strings.Join(c.got, "\n"); got != c.want {
			t.Errorf("%s:\n%s\nwant:\n%s", name, got, c.want)
		}
	}
}
