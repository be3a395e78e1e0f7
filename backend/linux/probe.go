//go:build linux

package linux

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"gresh/backend/forward"
	"gresh/backend/sadb"
)

// Needs are what a configuration asks of a host.
type Needs struct {
	Tunnels bool // GRE devices
	Keys    bool // policies that tell GRE keys apart
	Sets    []sadb.TransformSet
}

// Probe says whether this process can make the router that needs these of this
// kernel, before anything is applied. The error has a line for each thing that
// is missing, with what to do about it. What it tries it takes back.
func Probe(n Needs) error {
	if err := missingCapabilities(); err != nil {
		return err // without these nothing else can be tried
	}
	k, err := openNetlink(newNames(nil))
	if errors.Is(err, unix.EPROTONOSUPPORT) {
		return fmt.Errorf("this kernel has no IPsec to be configured (%w): modprobe xfrm_user", err)
	}
	if err != nil {
		return err
	}
	defer func() { _ = k.close() }()
	var missing []error
	if n.Tunnels {
		missing = append(missing, k.probeGRE())
	}
	if n.Keys {
		missing = append(missing, k.probeKeys())
	}
	for _, s := range probes(n.Sets) {
		missing = append(missing, lines(k.probeState(s))...)
	}
	return errors.Join(distinct(missing)...)
}

// lines are the errors that one was joined of.
func lines(err error) []error {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		return all.Unwrap()
	}
	return []error{err}
}

// distinct are the errors that say something nobody has said before.
func distinct(all []error) (some []error) {
	said := map[string]bool{}
	for _, err := range all {
		if err != nil && !said[err.Error()] {
			said[err.Error()] = true
			some = append(some, err)
		}
	}
	return some
}

// The capabilities that a router takes, by their bits.
var capabilities = []struct {
	bit  int
	name string
	what string
}{
	{unix.CAP_NET_ADMIN, "CAP_NET_ADMIN", "devices, routes and SAs"},
	{unix.CAP_NET_RAW, "CAP_NET_RAW", "NHRP and ICMP"},
	{unix.CAP_NET_BIND_SERVICE, "CAP_NET_BIND_SERVICE", "the port of IKE"},
}

// ikePort is the lowest port that a router binds, but for those of DHCP, which
// it can be without.
const ikePort = 500

func missingCapabilities() error {
	text, err := os.ReadFile("/proc/thread-self/status")
	if err != nil {
		return fmt.Errorf("cannot tell the capabilities of this process: %w", err)
	}
	_, rest, _ := strings.Cut(string(text), "\nCapEff:")
	line, _, _ := strings.Cut(rest, "\n")
	have, err := strconv.ParseUint(strings.TrimSpace(line), 16, 64)
	if err != nil {
		return fmt.Errorf("cannot tell the capabilities of this process: %w", err)
	}
	var missing []error
	for _, c := range capabilities {
		if have&(1<<c.bit) == 0 && (c.bit != unix.CAP_NET_BIND_SERVICE || firstFreePort() > ikePort) {
			missing = append(missing, fmt.Errorf("this process lacks %s, for %s: start it as root, or give it the capability",
				c.name, c.what))
		}
	}
	return errors.Join(missing...)
}

// firstFreePort is the first that needs no capability.
func firstFreePort() int {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_unprivileged_port_start")
	if err != nil {
		return 1024
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 1024
	}
	return n
}

// probeName is a device of no router: no interface has such a name.
const probeName = "gresh-probe"

// The ends of tunnels and SAs that are only tried: addresses for documentation
// (RFC 5737), which no packet has.
var (
	probeLocal  = netip.AddrFrom4([4]byte{192, 0, 2, 1})
	probeRemote = netip.AddrFrom4([4]byte{192, 0, 2, 2})
)

func (k *rtkernel) probeGRE() error {
	if l, err := k.handle.LinkByName(probeName); err == nil {
		_ = k.handle.LinkDel(l) // of a probe that was killed
	}
	g := link{dev: probeName, kind: forward.GRE, local: probeLocal, key: 1, hasKey: true, ttl: 1}
	req := nl.NewNetlinkRequest(unix.RTM_NEWLINK, unix.NLM_F_CREATE|unix.NLM_F_EXCL|unix.NLM_F_ACK)
	req.AddData(nl.NewIfInfomsg(unix.AF_UNSPEC))
	req.AddData(nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated(g.dev)))
	req.AddData(linkInfo(g))
	if _, err := req.Execute(unix.NETLINK_ROUTE, 0); err != nil {
		return fmt.Errorf("this kernel makes no GRE tunnels (%w): modprobe ip_gre", err)
	}
	l, err := k.handle.LinkByName(probeName)
	if err != nil {
		return err
	}
	return k.handle.LinkDel(l)
}

// probeKeys tries a policy with a GRE key. That the kernel takes one does not
// say that it tells the keys of packets apart, which only traffic shows; but
// one that does not would let nothing pass.
func (k *rtkernel) probeKeys() error {
	p := policy{out: true, local: probeLocal, peer: probeRemote, key: 1, hasKey: true}
	if err := k.doPolicy(step{set: true, over: true}, p); err != nil {
		return fmt.Errorf("this kernel has no policies for GRE keys: %w", err)
	}
	return k.doPolicy(step{}, p)
}

// probes are SAs that try every protocol and algorithm of some sets once.
func probes(sets []sadb.TransformSet) (all []state) {
	seen := map[state]bool{}
	for _, set := range sets {
		for _, s := range []state{
			{proto: sadb.AH, integrity: set.AH},
			{proto: sadb.ESP, cipher: set.Cipher, integrity: set.Auth, encKey: keyFor(set)},
		} {
			if s.proto == sadb.AH && set.AH == sadb.NoIntegrity || s.proto == sadb.ESP && set.Cipher == sadb.NoCipher || seen[s] {
				continue
			}
			seen[s] = true
			all = append(all, s)
		}
	}
	return all
}

// keyFor is a key of the length that a cipher takes, and no secret.
func keyFor(set sadb.TransformSet) string {
	octets := set.KeyBits / 8
	switch set.Cipher {
	case sadb.DES:
		octets = 8
	case sadb.TripleDES:
		octets = 24
	case sadb.GCM:
		octets += 4 // the salt
	}
	key := make([]byte, octets)
	for i := range key {
		key[i] = byte(3*i + 1) // DES takes no weak keys
	}
	return string(key)
}

var hashOctets = map[sadb.Integrity]int{sadb.MD5: 16, sadb.SHA1: 20, sadb.SHA256: 32, sadb.SHA384: 48, sadb.SHA512: 64}

// modules are what to load for an algorithm.
var (
	cipherModules    = map[sadb.Cipher]string{sadb.Null: "crypto_null", sadb.DES: "des_generic", sadb.TripleDES: "des_generic", sadb.AES: "aes_generic", sadb.GCM: "gcm"}
	integrityModules = map[sadb.Integrity]string{sadb.MD5: "md5", sadb.SHA1: "sha1_generic",
		sadb.SHA256: "sha256_generic", sadb.SHA384: "sha512_generic", sadb.SHA512: "sha512_generic"}
)

// probeState says what a kernel lacks for an SA.
func (k *rtkernel) probeState(s state) error {
	err := k.try(s)
	switch {
	case errors.Is(err, unix.EPROTONOSUPPORT):
		name := map[sadb.Protocol]string{sadb.ESP: "ESP: modprobe esp4", sadb.AH: "AH: modprobe ah4"}[s.proto]
		return fmt.Errorf("this kernel has no %s", name)
	case unknownAlgorithm(err):
		var missing []error
		for _, one := range k.blame(s) {
			missing = append(missing, fmt.Errorf("this kernel has no %s: modprobe %s", algorithms(one), modulesFor(one)))
		}
		return errors.Join(missing...)
	case err != nil:
		return fmt.Errorf("this kernel takes no SA with %s: %w", algorithms(s), err)
	}
	return nil
}

// try adds an SA and takes it back; one that a killed probe has left too.
func (k *rtkernel) try(s state) error {
	s.spi, s.src, s.dst, s.mode, s.reqid = probeSPI, probeLocal, probeRemote, sadb.TransportMode, reqidLast
	s.authKey = strings.Repeat("k", hashOctets[s.integrity])
	if err := k.sendState(nl.XFRM_MSG_NEWSA, s); err != nil && !errors.Is(err, unix.EEXIST) {
		return err
	}
	return k.doState(step{}, s)
}

func unknownAlgorithm(err error) bool {
	return errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOENT)
}

// blame tells which of the two algorithms of an SA a kernel does not know.
func (k *rtkernel) blame(s state) (some []state) {
	if s.cipher == sadb.NoCipher || s.integrity == sadb.NoIntegrity {
		return []state{s}
	}
	cipher, hash := s, s
	cipher.integrity = sadb.NoIntegrity
	hash.cipher, hash.encKey = sadb.Null, ""
	if unknownAlgorithm(k.try(cipher)) {
		some = append(some, cipher)
	}
	if unknownAlgorithm(k.try(hash)) {
		hash.cipher = sadb.NoCipher
		some = append(some, hash)
	}
	if len(some) == 0 {
		return []state{s}
	}
	return some
}

const probeSPI = 0x67726573

func modulesFor(s state) string {
	return strings.TrimSpace(cipherModules[s.cipher] + " " + integrityModules[s.integrity])
}
