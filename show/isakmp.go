package show

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"gresh/backend/config"
	"gresh/backend/ike"
	"gresh/backend/sadb"
)

// ISAKMPSAs renders "show crypto isakmp sa".
func ISAKMPSAs(w io.Writer, s ike.Snapshot, release Release) {
	printf(w, "IPv4 Crypto ISAKMP SA\n")
	if release == Release12 {
		printf(w, "%-15s %-15s %-14s %7s %4s %s\n", "dst", "src", "state", "conn-id", "slot", "status")
	} else {
		printf(w, "%-15s %-15s %-14s %7s %s\n", "dst", "src", "state", "conn-id", "status")
	}
	for _, sa := range s.SAs {
		status := "ACTIVE"
		if sa.Deleted {
			status += " (deleted)"
		}
		slot := " "
		if release == Release12 {
			slot = "    0 "
		}
		printf(w, "%-15v %-15v %-14s %7d%s%s\n", sa.Destination(), sa.Source(), sa.State, sa.ConnID, slot, status)
	}
	printf(w, "\nIPv6 Crypto ISAKMP SA\n\n")
}

// ISAKMPSAsDetail renders "show crypto isakmp sa detail".
func ISAKMPSAsDetail(w io.Writer, s ike.Snapshot, now time.Time) {
	printf(w, "Codes: C - IKE configuration mode, D - Dead Peer Detection\n"+
		"       K - Keepalives, N - NAT-traversal\n"+
		"       T - cTCP encapsulation, X - IKE Extended Authentication\n"+
		"       psk - Preshared key, rsig - RSA signature\n"+
		"       renc - RSA encryption\nIPv4 Crypto ISAKMP SA\n\n"+
		"C-id  Local           Remote          I-VRF  Status Encr Hash   Auth DH Lifetime Cap.\n\n")
	for _, sa := range s.SAs {
		status, life := "ACTIVE", "0"
		if !sa.Expires.IsZero() && !sa.Deleted {
			life = clock(sa.Expires.Sub(now))
		}
		caps := ""
		if sa.DPD {
			caps += "D"
		}
		if sa.NAT {
			caps += "N"
		}
		printf(w, "%-5d %-15v %-15v        %-6s %-4s %-6s %-4s %-2d %-8s %s\n       Engine-id:Conn-id =  SW:%d\n\n",
			sa.ConnID, sa.Local.Addr(), sa.Remote.Addr(), status, encryptionNames[sa.Encryption], ikeHashNames[sa.Hash],
			"psk", sa.Group, life, caps, sa.ConnID)
	}
	printf(w, "IPv6 Crypto ISAKMP SA\n\n")
}

var encryptionNames = map[ike.Encryption]string{ike.DES: "des", ike.TripleDES: "3des", ike.AES128: "aes", ike.AES192: "aes", ike.AES256: "aes"}

var ikeHashNames = map[ike.Hash]string{ike.SHA1: "sha", ike.MD5: "md5", ike.SHA256: "sha256", ike.SHA384: "sha384", ike.SHA512: "sha512"}

// CryptoCallAdmission renders "show crypto call admission statistics".
func CryptoCallAdmission(w io.Writer, a ike.Admissions) {
	rule := strings.Repeat("-", 69)
	printf(w, "%s\n%15sCrypto Call Admission Control Statistics\n%s\n", rule, "", rule)
	line := func(format string, values ...any) { printf(w, format+"\n", values...) }
	line("System Resource Limit: %8d Max IKE SAs: %5d Max in nego: %5d", 0, a.Limits.SAs, a.Limits.Negotiating)
	line("Total IKE SA Count:    %8d active:      %5d negotiating: %5d", a.Active+a.Negotiating, a.Active, a.Negotiating)
	line("Incoming IKE Requests: %8d accepted:    %5d rejected:    %5d", a.In.Accepted+a.In.Denied, a.In.Accepted, a.In.Denied)
	line("Outgoing IKE Requests: %8d accepted:    %5d rejected:    %5d", a.Out.Accepted+a.Out.Denied, a.Out.Accepted, a.Out.Denied)
	line("Rejected IKE Requests: %8d rsrc low:    %5d SA limit:    %5d", a.In.Denied+a.Out.Denied, 0, a.DeniedSAs)
	line("%45s In-neg limit: %4d", "", a.DeniedNegotiating)
}

// ISAKMPPolicies renders "show crypto isakmp policy".
func ISAKMPPolicies(w io.Writer, policies []config.ISAKMPPolicy, release Release) {
	printf(w, "\nGlobal IKE policy\n")
	for _, p := range policies {
		printf(w, "Protection suite of priority %d\n", p.Priority)
		isakmpPolicy(w, p)
	}
	if release == Release12 {
		printf(w, "Default protection suite\n")
		isakmpPolicy(w, config.ISAKMPPolicy{})
	}
}

var encryptionTexts = map[config.Encryption]string{
	config.EncryptionDES:    "DES - Data Encryption Standard (56 bit keys).",
	config.Encryption3DES:   "Three key triple DES",
	config.EncryptionAES128: "AES - Advanced Encryption Standard (128 bit keys).",
	config.EncryptionAES192: "AES - Advanced Encryption Standard (192 bit keys).",
	config.EncryptionAES256: "AES - Advanced Encryption Standard (256 bit keys).",
}

var hashTexts = map[config.Hash]string{
	config.HashSHA: "Secure Hash Standard", config.HashMD5: "Message Digest 5",
	config.HashSHA256: "Secure Hash Standard 2 (256 bit)", config.HashSHA384: "Secure Hash Standard 2 (384 bit)",
	config.HashSHA512: "Secure Hash Standard 2 (512 bit)",
}

var groupBits = map[uint8]int{1: 768, 2: 1024, 5: 1536, 14: 2048, 15: 3072, 16: 4096, 19: 256, 20: 384, 21: 521}

func isakmpPolicy(w io.Writer, p config.ISAKMPPolicy) {
	auth := "Rivest-Shamir-Adleman Signature"
	if p.Authentication == config.AuthPreShare {
		auth = "Pre-Shared Key"
	}
	group := cmp.Or(p.Group, 1)
	printf(w, "\tencryption algorithm:\t%s\n", encryptionTexts[p.Encryption])
	printf(w, "\thash algorithm:\t\t%s\n", hashTexts[p.Hash])
	printf(w, "\tauthentication method:\t%s\n", auth)
	printf(w, "\tDiffie-Hellman group:\t#%d (%d bit)\n", group, groupBits[group])
	printf(w, "\tlifetime:\t\t%d seconds, no volume limit\n", cmp.Or(p.Lifetime, 86400))
}

// TransformSets renders "show crypto ipsec transform-set".
func TransformSets(w io.Writer, sets []sadb.TransformSet) {
	for _, s := range sets {
		mode := "Tunnel"
		if s.Mode == sadb.TransportMode {
			mode = "Transport"
		}
		printf(w, "Transform set %s: { %s  } \n   will negotiate = { %s,  }, \n   \n", s.Name, strings.Join(Transforms(s), " "), mode)
	}
}

// IPsecProfiles renders "show crypto ipsec profile" from the policies that
// follow from the profiles.
func IPsecProfiles(w io.Writer, profiles []sadb.Policy, release Release) {
	line := func(format string, args ...any) { printf(w, "        %s\n", fmt.Sprintf(format, args...)) }
	for _, p := range profiles {
		printf(w, "IPSEC profile %s\n", p.Profile)
		if p.ISAKMPProfile != "" {
			line("ISAKMP Profile: %s", p.ISAKMPProfile)
		}
		lifetime(line, p.Lifetime)
		if release == Release15 {
			line("Responder-Only (Y/N): N")
		}
		forwardSecrecy(line, p.PFS)
		if release == Release15 {
			line("Mixed-mode : Disabled")
		}
		line("Transform sets={ ")
		for _, s := range p.Sets {
			if release == Release15 {
				line("        %s:  { %s  } , ", s.Name, strings.Join(Transforms(s), " "))
			} else {
				line("        %s, ", s.Name)
			}
		}
		line("}")
		printf(w, "\n")
	}
}
