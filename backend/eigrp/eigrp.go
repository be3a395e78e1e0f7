// Package eigrp is EIGRP (RFC 7868) for IPv4 with classic metrics as a pure
// engine: its packets, neighbours, reliable transport and DUAL. It is told the
// time and what came in, and says which routes to use, what to log and what to
// send.
//
// It is not a routing table: its routes are candidates for one. It knows no
// interface but those it is given, and replicates no multicast.
package eigrp
