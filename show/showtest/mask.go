// Package showtest helps to compare views with printed ones: it masks what
// cannot repeat, and nothing else.
package showtest

import (
	"regexp"
	"strings"
)

// What of a view depends on when it was taken, and on dice: SPIs, counters,
// times, what is left of lifetimes, connection ids.
var masks = []struct {
	found *regexp.Regexp
	shown string
}{
	{regexp.MustCompile(`0x[0-9A-F]+\([0-9]+\)`), "0xSPI(SPI)"},
	{regexp.MustCompile(`(#pkts (?:encaps|encrypt|digest|decaps|decrypt|verify):) [0-9]+`), "$1 N"},
	{regexp.MustCompile(`(#(?:send|recv) errors) [0-9]+`), "$1 N"},
	{regexp.MustCompile(`(conn id:) [0-9]+, (flow_id: SW:)[0-9]+`), "$1 N, ${2}N"},
	{regexp.MustCompile(`(remaining key lifetime \(k/sec\): )\([0-9]+/[0-9]+\)`), "${1}(K/S)"},
	{regexp.MustCompile(`(created|expire) [0-9]{2}:[0-9]{2}:[0-9]{2}`), "$1 HH:MM:SS"},
}

// Mask masks what of a view cannot repeat.
func Mask(view string) string {
	for _, m := range masks {
		view = m.found.ReplaceAllString(view, m.shown)
	}
	return view
}

// Guide is what a device prints for what the documentation of the feature
// shows, masked: its editor has put "IPsec" also where devices print
// ipsec-isakmp and IPSec Profile, and its router calls Ethernet0 by another
// name. The prints have no lines before the first and after the last that are
// blank.
func Guide(printed string) string {
	return strings.NewReplacer("IPsec-isakmp", "ipsec-isakmp", "IPsec Profile:", "IPSec Profile:",
		"Ethernet0/0", "Ethernet0").Replace(Mask(printed))
}
