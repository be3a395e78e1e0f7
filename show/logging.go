package show

import (
	"fmt"
	"io"

	"gresh/backend/syslog"
)

// Logging renders "show logging".
func Logging(w io.Writer, s syslog.Snapshot, release Release) {
	state := "enabled"
	if s.Config.Off {
		state = "disabled"
	}
	wrap := " 0 flushes"
	if release == Release12 {
		wrap = "\n                0 flushes"
	}
	printf(w, "Syslog logging: %s (0 messages dropped, %d messages rate-limited,%s, 0 overruns, xml disabled, filtering disabled)\n",
		state, s.Counts.Limited, wrap)
	if release == Release15 {
		printf(w, "\nNo Active Message Discriminator.\n\n\n\nNo Inactive Message Discriminator.\n\n\n")
	}
	place(w, "Console logging:", s.Config.Console, s.Counts.Console, 21)
	place(w, "Monitor logging:", s.Config.Monitor, s.Counts.Monitor, 21)
	place(w, map[Release]string{Release12: "Buffer logging:", Release15: "Buffer logging: "}[release], s.Config.Buffer, s.Counts.Buffer, 20)
	exceptions(w, release)
	trap(w, s, release)
	if !s.Config.Buffer.Off {
		printf(w, "\nLog Buffer (%d bytes):\n\n", s.Config.Size)
	}
	for _, l := range s.Lines {
		printf(w, "%s\n", l)
	}
}

// place is where lines go, in two lines of which the second is indented.
func place(w io.Writer, what string, sink syslog.Sink, lines uint64, indent int) {
	if sink.Off {
		printf(w, "    %s disabled, xml disabled,\n%*sfiltering disabled\n", what, indent, "")
		return
	}
	printf(w, "    %s level %v, %d messages logged, xml disabled,\n%*sfiltering disabled\n", what, sink.Level, lines, indent, "")
}

func exceptions(w io.Writer, release Release) {
	if release == Release12 {
		printf(w, "    Logging Exception size (4096 bytes)\n    Count and timestamp logging messages: disabled\n")
		return
	}
	printf(w, "    Exception Logging: size (4096 bytes)\n    Count and timestamp logging messages: disabled\n"+
		"    Persistent logging: disabled\n\nNo active filter modules.\n\n")
}

// trap is what hosts were sent.
func trap(w io.Writer, s syslog.Snapshot, release Release) {
	if s.Config.Trap.Off {
		printf(w, "    Trap logging: disabled\n")
		return
	}
	printf(w, "    Trap logging: level %v, %d message lines logged\n", s.Config.Trap.Level, s.Counts.Trap)
	for _, h := range s.Hosts {
		to := fmt.Sprintf("Logging to %v  (udp port %d, audit disabled", h.To.Addr(), h.To.Port())
		if release == Release12 {
			printf(w, "        %s, link up), %d message lines logged, xml disabled,\n               filtering disabled\n", to, h.Sent)
			continue
		}
		printf(w, "        %s,\n              link up),\n              %d message lines logged,\n"+
			"              %d message lines rate-limited,\n              0 message lines dropped-by-MD,\n"+
			"              xml disabled, sequence number disabled\n              filtering disabled\n", to, h.Sent, h.Limited)
	}
	if release == Release15 {
		printf(w, "        Logging Source-Interface:       VRF Name:\n")
	}
}
