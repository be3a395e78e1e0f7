package ike

// The assigned numbers of ISAKMP (RFC 2408), its IPsec DOI (RFC 2407), IKE
// (RFC 2409 appendix A) and NAT traversal (RFC 3947), as far as they are used.

type payloadType uint8

const (
	payloadNone         payloadType = 0
	payloadSA           payloadType = 1
	payloadProposal     payloadType = 2
	payloadTransform    payloadType = 3
	payloadKeyExchange  payloadType = 4
	payloadID           payloadType = 5
	payloadHash         payloadType = 8
	payloadNonce        payloadType = 10
	payloadNotification payloadType = 11
	payloadDelete       payloadType = 12
	payloadVendorID     payloadType = 13
	payloadNATD         payloadType = 20
	payloadNATOA        payloadType = 21
	payloadPrivate      payloadType = 128 // the first of private use
	payloadFragment     payloadType = 132 // a fragment of a message, by a vendor's extension
)

// known says whether a payload of this type may stand in a message at all:
// those of RFC 2408 but the ones that stand inside others, those of NAT
// traversal, and the private ones. The numbers of IKEv2 are not among them.
func (t payloadType) known() bool {
	return t == payloadSA || t >= payloadKeyExchange && t <= payloadVendorID ||
		t == payloadNATD || t == payloadNATOA || t >= payloadPrivate && t != payloadFragment
}

type exchangeType uint8

const (
	mainMode      exchangeType = 2 // "Identity Protection"
	aggressive    exchangeType = 4
	informational exchangeType = 5
	quickMode     exchangeType = 32
)

const (
	flagEncrypted = 1 << 0

	version1 = 0x10
)

const (
	doiIPsec     = 1
	identityOnly = 1 // the situation, RFC 2407 section 4.2.1
)

// Protocols of proposals, notifications and deletes (RFC 2407 section 4.4.1).
const (
	protoISAKMP uint8 = 1
	protoAH     uint8 = 2
	protoESP    uint8 = 3
)

// Phase 1 attributes and their values.
const (
	attrEncryption   = 1
	attrHash         = 2
	attrAuth         = 3
	attrGroup        = 4
	attrLifeType     = 11
	attrLifeDuration = 12
	attrKeyLength    = 14

	transformKeyIKE = 1
	authPreShared   = 1
	lifeSeconds     = 1
	lifeKilobytes   = 2
)

// Phase 2 attributes and their values (RFC 2407 section 4.5).
const (
	attrSALifeType     = 1
	attrSALifeDuration = 2
	attrSAGroup        = 3
	attrSAMode         = 4
	attrSAAuth         = 5
	attrSAKeyLength    = 6

	modeTunnel       = 1
	modeTransport    = 2
	modeUDPTunnel    = 3 // RFC 3947 section 5.1
	modeUDPTransport = 4
)

// Kinds of identities (RFC 2407 section 4.6.2.1).
const (
	idIPv4     = 1
	idFQDN     = 2
	idUserFQDN = 3
	idSubnet   = 4
	idKeyID    = 11
)

// Notifications (RFC 2408 section 3.14.1, RFC 2407 section 4.6.3, RFC 3706).
const (
	noteNoProposalChosen  = 14
	noteInvalidKey        = 17
	noteInvalidID         = 18
	noteErrors            = 16384 // below: errors
	noteResponderLifetime = 24576
	noteInitialContact    = 24578
	noteAreYouThere       = 36136
	noteIAmHere           = 36137
)

// noteNames are the names of RFC 2408 section 3.14.1, from 1 on.
var noteNames = [...]string{"",
	"INVALID-PAYLOAD-TYPE", "DOI-NOT-SUPPORTED", "SITUATION-NOT-SUPPORTED", "INVALID-COOKIE",
	"INVALID-MAJOR-VERSION", "INVALID-MINOR-VERSION", "INVALID-EXCHANGE-TYPE", "INVALID-FLAGS",
	"INVALID-MESSAGE-ID", "INVALID-PROTOCOL-ID", "INVALID-SPI", "INVALID-TRANSFORM-ID",
	"ATTRIBUTES-NOT-SUPPORTED", "NO-PROPOSAL-CHOSEN", "BAD-PROPOSAL-SYNTAX", "PAYLOAD-MALFORMED",
	"INVALID-KEY-INFORMATION", "INVALID-ID-INFORMATION", "INVALID-CERT-ENCODING",
	"INVALID-CERTIFICATE", "CERT-TYPE-UNSUPPORTED", "INVALID-CERT-AUTHORITY",
	"INVALID-HASH-INFORMATION", "AUTHENTICATION-FAILED", "INVALID-SIGNATURE",
	"ADDRESS-NOTIFICATION", "NOTIFY-SA-LIFETIME", "CERTIFICATE-UNAVAILABLE",
	"UNSUPPORTED-EXCHANGE-TYPE", "UNEQUAL-PAYLOAD-LENGTHS",
}

// noteName names a notification; those without a name are told by number.
func noteName(t uint16) string {
	if t > 0 && int(t) < len(noteNames) {
		return noteNames[t]
	}
	return "notification " + itoa(uint32(t))
}

// Vendor IDs: what both must send before an extension is used.
var (
	// vendorNATT is the MD5 of "RFC 3947".
	vendorNATT = []byte("\x4a\x13\x1c\x81\x07\x03\x58\x45\x5c\x57\x28\xf2\x0e\x95\x45\x2f")
	// vendorDPD is dead peer detection 1.0 (RFC 3706 section 5.1).
	vendorDPD = []byte("\xaf\xca\xd7\x13\x68\xa1\xf1\xc9\x6b\x86\x96\xfc\x77\x57\x01\x00")
)
