package commands

import (
	"errors"
	"time"

	"gresh/backend"
	"gresh/backend/ike"
	"gresh/backend/nhrp"
	"gresh/backend/sadb"
	"gresh/modes"
	"gresh/modes/grammar"
)

var errBadSource = errors.New("% Invalid source. Must use same-VRF IP address or full interface name without spaces")

// clearing is a command that clears something of the router.
func clearing(f func(r *backend.Router, now time.Time, a grammar.Args), line ...grammar.Token) modes.Command[Exec] {
	return modes.Command[Exec]{
		Line:  append(grammar.Line{grammar.Word("clear", "Reset functions")}, line...),
		Level: 15,
		Run: func(e *Exec, a grammar.Args) error {
			e.with(func(r *backend.Router, now time.Time) { f(r, now, a) })
			return nil
		},
	}
}

// clearCommands reset what the router has learnt or negotiated.
func clearCommands() modes.Mode[Exec] {
	cryptoWord := grammar.Word("crypto", "Encryption subsystem")
	sa := grammar.Word("sa", "Clear all crypto SAs")
	peer, mapName := grammar.IPv4("IP address"), grammar.String("Crypto map name")
	conn, remote := grammar.Uint(1, 2147483647, "Connection id of SA"), grammar.IPv4("Remote address")
	entry := grammar.IPv4("NHRP entry to delete")
	ip := grammar.Word("ip", "IP")
	return modes.Mode[Exec]{
		clearing(func(r *backend.Router, now time.Time, a grammar.Args) {
			r.ClearSA(now, sadb.Selector{Peer: peer.From(a), SADB: mapName.From(a)})
		}, cryptoWord, sa, grammar.Opt(grammar.Alt(
			grammar.Line{grammar.Word("peer", "Clear all SAs for a given crypto peer"), peer},
			grammar.Line{grammar.Word("map", "Clear all SAs for a given crypto map"), mapName}))),
		clearing(func(r *backend.Router, _ time.Time, _ grammar.Args) { r.ClearPeerCounters() },
			cryptoWord, sa, grammar.Word("counters", "Reset the SA counters")),
		clearing(func(r *backend.Router, now time.Time, a grammar.Args) {
			r.ClearISAKMP(now, ike.Selector{ConnID: int(conn.From(a))})
		}, cryptoWord, grammar.Word("isakmp", "Clear ISAKMP database"), grammar.Opt(conn)),
		clearing(func(r *backend.Router, now time.Time, a grammar.Args) {
			r.ClearSA(now, sadb.Selector{Peer: remote.From(a)})
			r.ClearISAKMP(now, ike.Selector{Peer: remote.From(a)})
		}, cryptoWord, grammar.Word("session", "clear crypto sessions"),
			grammar.Opt(grammar.Word("remote", "Clear sessions for a remote address"), remote)),
		clearing(func(r *backend.Router, now time.Time, a grammar.Args) {
			which := nhrp.Selector{}
			if entry.In(a) {
				which.Addr, _ = entry.From(a).Prefix(32)
			}
			r.ClearNHRP(now, which)
		}, ip, grammar.Word("nhrp", "Clear NHRP cache"), grammar.Opt(entry)),
	}
}
