// Package scenario has the configurations of networks that are tried both in
// a simulation and on kernels. It is support for tests; the guide's own network
// is a lab.
package scenario

import (
	"fmt"
	"strings"
)

// ProviderHub has two customers on one source: red on Tunnel0, whose spoke is
// Spoke 1, and blue on Tunnel1, whose spoke is Spoke 2.
const ProviderHub = `
hostname Hub1
crypto isakmp policy 1
 authentication pre-share
crypto keyring red
 pre-shared-key address 172.17.0.11 key crimson
crypto keyring blue
 pre-shared-key address 172.17.0.12 key azure
crypto isakmp profile red
 keyring red
 match identity address 172.17.0.11 255.255.255.255
crypto isakmp profile blue
 keyring blue
 match identity address 172.17.0.12 255.255.255.255
crypto ipsec transform-set trans2 esp-des esp-md5-hmac
 mode transport
crypto ipsec profile red
 set security-association lifetime seconds 300
 set transform-set trans2
 set isakmp-profile red
crypto ipsec profile blue
 set security-association lifetime seconds 400
 set transform-set trans2
 set isakmp-profile blue
interface Tunnel0
 ip address 10.0.0.1 255.255.255.0
 ip nhrp map multicast dynamic
 ip nhrp network-id 100000
 tunnel source Ethernet0
 tunnel mode gre multipoint
 tunnel key 100000
 tunnel protection ipsec profile red
interface Tunnel1
 ip address 10.0.1.1 255.255.255.0
 ip nhrp map multicast dynamic
 ip nhrp network-id 100001
 tunnel source Ethernet0
 tunnel mode gre multipoint
 tunnel key 100001
 tunnel protection ipsec profile blue
interface Ethernet0
 ip address 172.17.0.1 255.255.255.252
ip route 0.0.0.0 0.0.0.0 172.17.0.2
`

// Customer is a spoke of a provider's hub: cloud 0 is red's, cloud 1 is blue's.
func Customer(name, secret string, cloud, host int) string {
	return fmt.Sprintf(`
hostname %s
crypto isakmp policy 1
 authentication pre-share
crypto isakmp key %s address 172.17.0.1
crypto ipsec transform-set trans2 esp-des esp-md5-hmac
 mode transport
crypto ipsec profile mine
 set transform-set trans2
interface Tunnel0
 ip address 10.0.%[3]d.%[4]d 255.255.255.0
 ip nhrp map 10.0.%[3]d.1 172.17.0.1
 ip nhrp network-id 10000%[3]d
 ip nhrp holdtime 300
 ip nhrp nhs 10.0.%[3]d.1
 tunnel source Ethernet0
 tunnel mode gre multipoint
 tunnel key 10000%[3]d
 tunnel protection ipsec profile mine
interface Ethernet0
 ip address dhcp hostname %[1]s
`, name, secret, cloud, host)
}

// BothCustomers makes Spoke 1 a customer of Hub 1 twice: the same two addresses,
// and nothing but the secret to tell one from the other.
func BothCustomers(blueSecret string) (hub, spoke string) {
	hub = strings.ReplaceAll(ProviderHub, "172.17.0.12", "172.17.0.11")
	spoke = `
hostname Spoke1
crypto isakmp policy 1
 authentication pre-share
crypto ipsec transform-set trans2 esp-des esp-md5-hmac
 mode transport
`
	for cloud, secret := range []string{"crimson", blueSecret} {
		spoke += fmt.Sprintf(`
crypto keyring k%[1]d
 pre-shared-key address 172.17.0.1 key %[2]s
crypto isakmp profile i%[1]d
 keyring k%[1]d
 match identity address 172.17.0.1 255.255.255.255
crypto ipsec profile p%[1]d
 set transform-set trans2
 set isakmp-profile i%[1]d
interface Tunnel%[1]d
 ip address 10.0.%[1]d.11 255.255.255.0
 ip nhrp map 10.0.%[1]d.1 172.17.0.1
 ip nhrp network-id 10000%[1]d
 ip nhrp holdtime 300
 ip nhrp nhs 10.0.%[1]d.1
 tunnel source Ethernet0
 tunnel mode gre multipoint
 tunnel key 10000%[1]d
 tunnel protection ipsec profile p%[1]d
`, cloud, secret)
	}
	spoke += "interface Ethernet0\n ip address dhcp hostname Spoke1\n"
	return hub, spoke
}
