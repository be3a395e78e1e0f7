// Package event is the events of a router that belong to none of its engines.
// They are values; package show makes them lines of a log.
package event

import (
	"net/netip"
	"time"
)

// InterfaceChanged: an interface came up or went down.
type InterfaceChanged struct {
	Name  string
	Up    bool
	Admin bool // down because it was shut down
}

// TunnelHeld: a rule keeps a tunnel down.
type TunnelHeld struct {
	Name   string
	Reason string
}

// ISAKMPSwitched: IKE is needed, or needed no more.
type ISAKMPSwitched struct{ On bool }

// Configured: a session has left configuration mode.
type Configured struct {
	From string // "console"
	By   string // "console", or "cisco on vty0 (192.0.2.1)"
}

// RevertScheduled: the configuration will come back unless it is confirmed.
type RevertScheduled struct {
	By      string
	Minutes uint32
}

// RevertConfirmed: it will not.
type RevertConfirmed struct{ By string }

// Reverting: nobody has confirmed the configuration, and the old one comes back.
type Reverting struct{}

// RevertFailed: the old configuration could not come back.
type RevertFailed struct{ Reason string }

// CommandLogged: somebody entered a line into the configuration.
type CommandLogged struct {
	User string // "" if nobody knows
	Line string // "console", "vty0"
	Text string // without its secrets
}

// LogHost: a host is sent the log from now on, or no longer.
type LogHost struct {
	To      netip.AddrPort
	Started bool
}

// UserLog: somebody wrote something into the log.
type UserLog struct {
	Severity uint8
	Line     int    // the number of his line
	User     string // "" if nobody knows
	Text     string
}

// Restarted: the router has booted.
type Restarted struct{ Version string }

// LineRefused: a line of the startup configuration was not understood, or not
// possible.
type LineRefused struct {
	Number  int
	Line    string
	Message string
}

// LinesKept: some lines of the startup configuration have no effect.
type LinesKept struct{}

// SyncFailed: the Host could not reach the forwarding state that was wanted.
type SyncFailed struct{ Reason string }

// InputPanicked: an engine failed on an input, which was dropped.
type InputPanicked struct {
	Input  string
	Reason string
}

// ReloadScheduled: somebody has ordered a reload for later.
type ReloadScheduled struct {
	At     time.Time
	By     string
	Reason string
}

// ReloadCancelled: there will be no reload.
type ReloadCancelled struct{}

// Reloading: the router is about to start again.
type Reloading struct{ By, Reason string }

// ShutdownNear: in so much time the router will start again. It is for all who
// are on its lines, and not for the log, like ShutdownAborted.
type ShutdownNear struct{ In time.Duration }

// ShutdownAborted: the router will not start again after all.
type ShutdownAborted struct{}

// SSHSwitched: there is a key pair for SSH, or none any more.
type SSHSwitched struct {
	On      bool
	Version string // of the protocol
}

// ListenFailed: the port of a way in could not be had.
type ListenFailed struct {
	What   string // "SSH"
	Reason string
}

// KeysUnreadable: what is kept as the router's key pairs is none.
type KeysUnreadable struct{ Reason string }

// SSHSession is a step of an SSH session, for "ip ssh logging events".
type SSHSession struct {
	Step      SSHStep
	User      string
	Remote    string
	Line      int
	Cipher    string
	MAC       string
	Succeeded bool
}

// An SSHStep is one that is logged.
type SSHStep uint8

// The steps.
const (
	SSHRequested SSHStep = iota
	SSHLoggedIn
	SSHClosed
)
