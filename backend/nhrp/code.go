package nhrp

// A Type is what a packet is (ar$op.type).
type Type uint8

// The packet types of RFC 2332 section 5.2, and Cisco's traffic indication.
const (
	ResolutionRequest   Type = 1
	ResolutionReply     Type = 2
	RegistrationRequest Type = 3
	RegistrationReply   Type = 4
	PurgeRequest        Type = 5
	PurgeReply          Type = 6
	ErrorIndication     Type = 7
	TrafficIndication   Type = 8

	TypeCount = 9 // the size of an array indexed by Type
)

// A Code is why a request failed: those up to 15 but 4, 5, 12, 13 and 14 stand
// in error indications, these five in client information entries.
type Code uint16

// The codes of RFC 2332 sections 5.2.0.1 and 5.2.7.
const (
	Success                 Code = 0
	UnrecognizedExtension   Code = 1
	LoopDetected            Code = 3
	AdminProhibited         Code = 4
	InsufficientResources   Code = 5
	ProtocolUnreachable     Code = 6
	ProtocolError           Code = 7
	SizeExceeded            Code = 8
	InvalidExtension        Code = 9
	InvalidReply            Code = 10
	AuthenticationFailure   Code = 11
	NoBinding               Code = 12
	BindingNotUnique        Code = 13
	UniqueAlreadyRegistered Code = 14
	HopCountExceeded        Code = 15
)
