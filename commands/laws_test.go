package commands

import (
	"strings"
	"testing"

	"gresh/modes/modestest"
)

// The cases say every line of configuration mode at least once, as a running
// configuration has it. A line that is declared and not said here fails
// TestLaws, so that no command is added without meeting the laws.
var lawCases = []string{`
version 15.7
service nagle
no service pad
service tcp-keepalives-in
service tcp-keepalives-out
service timestamps debug datetime msec
service timestamps log uptime
no service password-encryption
no service call-home
no service dhcp
service disable-ip-fast-frag
no service finger
service internal
service prompt config
service unsupported-transceiver
platform punt-keepalive disable-kernel-core
platform qfp utilization monitor load 80
service compress-config
no service config
service tcp-small-servers
service udp-small-servers
service sequence-numbers
hostname R1
boot-start-marker
boot system flash:one
boot system flash:two
boot-end-marker
no logging on
logging buffered 16384 informational
no logging console
logging monitor warnings
logging rate-limit console all 10 except errors
security passwords min-length 6
enable secret level 7 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0
enable secret 9 $9$2MJBozw/9R3UsU$2lFhcKvpghcyw8deP25GOfyZaagyUOGBymkryvOdfo6
enable password level 3 7 094F471A1A0A
enable password cisco
file prompt quiet
configuration mode exclusive auto
no aaa new-model
aaa authentication login default local line
aaa authentication login CONSOLE none
aaa authentication enable default enable none
aaa authorization exec default local if-authenticated
aaa session-id common
mmi polling-interval 60
no mmi auto-configure
no mmi pvc
mmi snmp-timeout 180
card type t1 0 0
network-clock-participate slot 1
network-clock-select 1 T1 0/0
memory-size iomem 15
clock timezone CET 1 0
clock summer-time CEST recurring
dot11 syslog
no ip source-route
ip icmp rate-limit unreachable DF 1000
ip subnet-zero
no ip gratuitous-arps
no ip bootp server
no ip finger
ip tcp synwait-time 10
ip tcp path-mtu-discovery
ip tcp window-size 8192
ip tftp source-interface Loopback0
ip ftp source-interface Loopback0
ip telnet source-interface Loopback0
ip cef
no ipv6 cef
no ip dhcp use vrf connected
ip dhcp excluded-address 172.17.0.1
ip dhcp excluded-address 172.17.0.5 172.17.0.9
ip dhcp pool SPOKES
 network 172.17.0.0 255.255.255.0
 default-router 172.17.0.254
 dns-server 192.0.2.1 192.0.2.2
 domain-name example.org
 lease 0 0 30
ip dhcp pool Spoke1
 host 172.17.0.11 255.255.255.0
 client-identifier 0063.6973.636f
 hardware-address aabb.cc00.0100
 client-name Spoke1
 lease infinite
ip dhcp pool days
 lease 3
ip dhcp pool hours
 lease 1 12
no ip domain lookup
ip domain name example.org
ip host Hub1 172.17.0.1 10.0.0.1
ip host Hub2 172.17.0.5
ip name-server 192.0.2.1
ip name-server 192.0.2.2
multilink bundle-name authenticated
no parser cache
spanning-tree mode pvst
spanning-tree extend system-id
license udi pid CISCO2911/K9 sn FTX152400KS
license boot module c2900 technology-package securityk9
vtp domain cisco
vlan internal allocation policy ascending
key chain CHAIN
 key 1
  key-string one two
 key 2
  key-string 7 02050D480809
voice-card 0
 no dspfarm
 codec complexity flex
 dsp services dspfarm
voice-card 2
redundancy
 mode sso
 main-cpu
call-home
 contact-email-addr noc@example.org
 sender from router@example.org
 source-interface Loopback0
 profile "CiscoTAC-1"
 active
 destination transport-method http
 reporting smart-call-home-data
 subscribe-to-alert-group all
login block-for 120 attempts 3 within 60
login delay 2
login quiet-mode access-class 10
login on-failure log
login on-success log every 5
username cisco privilege 15 secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0
username guest password 0 guest
username admin privilege 7
username open nopassword
username hidden privilege 0 password 7 02050D480809
username nist secret 8 $8$TnGX/fE4KGHOVU$pEhnEvxrvaynpi8j4f.EMHr6M.FzU8xnZnBr/tJdFWk
archive
 path flash:backup-$h
 maximum 5
 write-memory
 time-period 60
 log config
  logging enable
  logging size 200
  notify syslog
  hidekeys
crypto keyring CUSTOMER
 description of customer 1
 local-address Ethernet0
 pre-shared-key address 192.0.2.0 255.255.255.0 key one
 pre-shared-key address 198.51.100.1 key two
crypto keyring OTHER
 local-address 172.17.0.1
crypto isakmp policy 1
 encr 3des
 hash md5
 authentication pre-share
 group 2
 lifetime 3600
crypto isakmp policy 2
 encr aes
 hash sha256
 group 14
crypto isakmp policy 10
 encr aes 192
 hash sha384
 group 19
crypto isakmp policy 20
 encr aes 256
 hash sha512
 group 21
crypto isakmp key cisco47 address 0.0.0.0 0.0.0.0
crypto isakmp key other address 192.0.2.1
crypto isakmp key third address 192.0.2.2 no-xauth
crypto isakmp keepalive 10 3 periodic
crypto isakmp nat keepalive 20
crypto isakmp profile CUSTOMER
 description for customer 1
 keyring CUSTOMER
 match identity address 192.0.2.0 255.255.255.0
 match identity address 198.51.100.1
 keepalive 10 retry 3
 local-address Ethernet0
crypto call admission limit ike sa 1000
crypto call admission limit ike in-negotiation-sa 100
call admission limit 90
crypto ipsec security-association lifetime seconds 1800
crypto ipsec security-association lifetime kilobytes 100000
crypto ipsec security-association idle-time 600
crypto ipsec security-association replay window-size 1024
no crypto ipsec nat-transparency udp-encapsulation
crypto ipsec transform-set trans2 esp-des esp-md5-hmac ` + `
 mode transport
crypto ipsec transform-set both ah-sha-hmac esp-3des esp-sha-hmac ` + `
crypto ipsec transform-set aes esp-aes 256 esp-sha256-hmac ` + `
crypto ipsec transform-set gcm esp-gcm ` + `
crypto ipsec profile vpnprof
 description of the profile
 set security-association lifetime seconds 900
 set security-association lifetime kilobytes 200000
 set security-association idle-time 300
 set security-association replay window-size 64
 set transform-set trans2 both aes gcm ` + `
 set pfs group14
 set isakmp-profile CUSTOMER
interface Loopback0
 ip address 192.0.2.9 255.255.255.255
interface Tunnel0
 description the first cloud | with a bar
 bandwidth 1000
 ip address 10.0.0.11 255.255.255.0
 no ip redirects
 ip mtu 1400
 no ip next-hop-self eigrp 1
 ip hello-interval eigrp 1 5
 ip hello-interval eigrp 2 6
 ip hold-time eigrp 1 15
 ip bandwidth-percent eigrp 1 25
 ip authentication mode eigrp 1 md5
 ip authentication key-chain eigrp 1 CHAIN
 ip nhrp authentication test
 ip nhrp map 10.0.0.1 172.17.0.1
 ip nhrp map 10.0.0.2 172.17.0.5
 ip nhrp map multicast 172.17.0.1
 ip nhrp map multicast 172.17.0.5
 ip nhrp map multicast dynamic
 ip nhrp network-id 100000
 ip nhrp holdtime 300
 ip nhrp nhs 10.0.0.1
 ip nhrp nhs 10.0.0.2
 ip nhrp registration no-unique
 ip nhrp registration timeout 60
 ip nhrp max-send 200 every 10
 ip nhrp server-only
 ip nhrp shortcut
 ip nhrp redirect
 no ip split-horizon eigrp 1
 no ip split-horizon eigrp 2
 ip summary-address eigrp 1 192.168.0.0 255.255.0.0
 ip tcp adjust-mss 1360
 shutdown
 delay 1000
 tunnel source Ethernet0
 tunnel mode gre multipoint
 tunnel key 0
 tunnel ttl 64
 tunnel protection ipsec profile vpnprof shared
interface Tunnel1
 ip address 10.0.1.11 255.255.255.0
 no keepalive
 tunnel source 172.17.0.11
 tunnel destination 172.17.0.1
 tunnel mode ipsec ipv4
 tunnel protection ipsec profile vti isakmp-profile CUSTOMER
interface Tunnel2
 ip address 10.0.2.11 255.255.255.0
 keepalive 10 3
 tunnel protection ipsec profile third
interface Ethernet0
 mac-address aabb.cc00.0100
 mtu 1500
 ip address dhcp client-id Ethernet0 hostname Spoke1
 no ip unreachables
 no ip proxy-arp
 no ip directed-broadcast
 no ip mroute-cache
 ip flow ingress
 carrier-delay msec 0
 arp timeout 300
 no ip route-cache cef
 ip virtual-reassembly
 load-interval 30
 duplex auto
 speed 100
 half-duplex
 full-duplex
 media-type rj45
 no negotiation auto
 no cdp enable
 no mop enabled
 mop sysid
 hold-queue 100 in
 no fair-queue
 tx-ring-limit 2
 logging event link-status
 no lldp transmit
 no lldp receive
 qos pre-classify
 no snmp trap link-status
interface FastEthernet0/1
 ip address 192.168.1.1 255.255.255.0 secondary
 ip address 192.168.2.1 255.255.255.0 secondary
 ip address 192.168.3.1 255.255.255.0
interface GigabitEthernet0/0/1
 ip address dhcp
router eigrp 1
 passive-interface default
 no passive-interface Tunnel0
 redistribute static metric 1000 1 255 1 1500
 redistribute connected
 network 10.0.0.0 0.0.0.255
 network 192.168.1.0
 neighbor 10.0.0.2 Tunnel0
 maximum-paths 2
 variance 4
 distance eigrp 80 160
 default-metric 1000 1 255 1 1500
 metric weights 0 1 1 1 0 0
 timers active-time 1
 no auto-summary
 eigrp router-id 192.0.2.9
 eigrp stub connected summary
 no eigrp log-neighbor-changes
 eigrp log-neighbor-warnings 10
router eigrp 2
 passive-interface Ethernet0
 eigrp stub receive-only
ip default-gateway 172.17.0.254
ip classless
ip forward-protocol nd
ip forward-protocol udp 53
ip route 0.0.0.0 0.0.0.0 172.17.0.254
ip route 192.0.2.0 255.255.255.0 Ethernet0 172.17.0.254 200 name backup permanent
ip route 198.51.100.0 255.255.255.0 Null0
ip ssh time-out 60
ip ssh authentication-retries 2
ip ssh source-interface Loopback0
ip ssh logging events
ip ssh version 2
ip ssh dh min size 4096
ip ssh pubkey-chain
 username carl
  key-hash ssh-rsa 00112233445566778899AABBCCDDEEFF carl@example.org
  key-hash ssh-ed25519 FFEEDDCCBBAA99887766554433221100
 username dora
ip ssh server algorithm mac hmac-sha2-512 hmac-sha1
ip ssh server algorithm encryption aes256-ctr 3des-cbc
ip ssh server algorithm kex diffie-hellman-group14-sha1
ip ssh server algorithm hostkey rsa-sha2-512 ssh-rsa
ip ssh server algorithm publickey ssh-ed25519
ip ssh server algorithm authentication publickey keyboard
ip scp server enable
no ip http server
ip http secure-server
ip http timeout-policy idle 60 life 86400 requests 10000
ip http client source-interface Loopback0
ip bgp-community new-format
ip flow-export version 9
ip flow-cache timeout active 1
logging trap debugging
logging origin-id string rack 7, top
logging facility local3
logging source-interface Loopback0
logging host 192.0.2.2
logging host 192.0.2.3 transport udp port 5514 rfc5424
no cdp run
cdp timer 30
cdp holdtime 90
no lldp run
snmp-server community public RO
snmp-server location rack 7
snmp-server contact noc
snmp-server chassis-id R1
snmp-server enable traps snmp linkdown
snmp-server enable traps config
snmp-server ifindex persist
snmp-server trap-source Loopback0
snmp-server system-shutdown
ip access-list standard MANAGEMENT
 remark the operators' network
 permit 192.0.2.0 0.0.0.255
 deny any log
access-list 10 remark of the quiet mode
access-list 10 permit 192.0.2.9
access-list 10 deny 192.0.2.0 0.0.0.255 log
access-list 10 permit any
access-list 1300 permit 192.0.2.9
control-plane
mgcp fax t38 ecm
mgcp profile default
gatekeeper
 shutdown
banner exec ^Cone line^C
banner login ^C
two lines
^C
banner motd ^C of the day ^C
alias exec sps show platform software
no alias exec h
alias configure ia ip address
privilege exec level 5 show running-config
privilege configure all level 5 interface
privilege interface level 7 shutdown
privilege line level 0 exec-timeout
line con 0
 exec-timeout 5 30
 privilege level 15
 password 0 7 is no type
 logging synchronous
 no login
 length 0
 width 132
 history size 50
 transport preferred none
 stopbits 1
 speed 115200
 databits 8
 parity none
 flowcontrol hardware
 escape-character 3
 session-timeout 30
line aux 0
 no exec
line vty 0 4
 access-class 10 in
 password 7 0822455D0A16
 login
 transport input telnet ssh
 transport output none
line vty 5 14
 login local
 transport input all
line vty 15
 login authentication CONSOLE
 autocommand show users
scheduler allocate 20000 1000
ntp server 192.0.2.1
ntp server 192.0.2.2`, `
version 15.7
no service timestamps debug
service timestamps log datetime msec localtime show-timezone year
hostname R2
no logging buffered
logging console errors
no logging monitor
logging rate-limit 10
crypto ipsec security-association lifetime kilobytes disable
crypto ipsec security-association replay disable
crypto ipsec profile unbound
 set security-association lifetime kilobytes disable
 set security-association replay disable
 set pfs group1
interface Tunnel0
 ip address 10.0.0.11 255.255.255.0
 tunnel destination 192.0.2.1
interface Ethernet0
 ip address dhcp hostname R2
no logging trap
logging origin-id hostname`}

func TestLaws(t *testing.T) {
	var cases [][]string
	for _, c := range lawCases {
		cases = append(cases, lawLines(c))
	}
	modestest.Laws(t, configuration(anyPort), cases...)
}

// lawLines are the lines of a case. A banner is one of several lines.
func lawLines(text string) (lines []string) {
	for line := range strings.Lines(strings.TrimPrefix(text, "\n")) {
		line = strings.TrimSuffix(line, "\n")
		if n := len(lines); n > 0 && strings.Count(lines[n-1], "^C") == 1 {
			lines[n-1] += "\n" + line
		} else {
			lines = append(lines, line)
		}
	}
	return lines
}
