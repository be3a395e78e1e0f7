//go:build linux

package uml

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/strongswan/govici/vici"
)

// charonConf names the plugins. The default list has one that takes ESP out of
// the kernel, and some that test themselves for seconds at every start.
const charonConf = `charon {
  load = aes md5 sha1 sha2 random nonce openssl hmac kdf gcm kernel-netlink socket-default vici updown counters
  install_routes = no
  install_virtual_ip = no
  retransmit_tries = 3
  retransmit_timeout = 2
  filelog {
    stderr {
      default = %d
      ike = %d
      cfg = %[2]d
      flush_line = yes
      time_format = %%H:%%M:%%S
    }
  }
  plugins {
    vici { socket = unix://%[3]s }
  }
}
`

const (
	charonStarts = 20 * time.Second
	charonAsked  = 20 * time.Second // the longest one request to it may take
	charonMost   = 1024             // IKE SAs in one list
	charonName   = "peer"           // of its one connection, and of the child
)

// A Charon is strongSwan's IKE daemon in a node, with one connection.
type Charon struct {
	*Proc
	t       testing.TB
	session *vici.Session
	listed  chan vici.Event // what "list-sas" lists
}

// A Connection is what charon is configured with: IKEv1 main mode with a
// pre-shared key, and GRE between the two hosts in transport mode.
type Connection struct {
	Local, Remote string        // addresses; a remote of "%any" waits for whoever comes
	Identity      string        // of the remote, if it is not its address
	IKE, ESP      string        // proposals: aes128-sha1-modp2048, aes128-sha1
	Key           string        // the pre-shared key
	Rekey         time.Duration // when it replaces a child of its own accord; 0 never
	Life          time.Duration // how long it says that a child lives; 0 forever
	Reauth        time.Duration // when it replaces the IKE SA; 0 never
	DPD           time.Duration // how often it asks a silent peer; 0 never
	Quiet         bool          // it logs what goes wrong and no more
	Start         string        // of the child: "none", "start", or "trap" at the first packet; none if empty
}

// Charon starts strongSwan's IKE daemon in the node.
func (n *Node) Charon(c Connection) *Charon {
	n.t.Helper()
	level := 1
	if c.Quiet {
		level = 0
	}
	socket, conf := filepath.Join(n.Dir, "vici"), filepath.Join(n.Dir, "strongswan.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, charonConf, level, 2*level, socket), 0o644); err != nil {
		n.t.Fatal(err)
	}
	s := &Charon{t: n.t, listed: make(chan vici.Event, charonMost)}
	s.Proc = n.Start("env", "STRONGSWAN_CONF="+conf, "/usr/lib/ipsec/charon")
	Wait(n.t, n.Name+"'s charon to listen", charonStarts, func() bool {
		session, err := vici.NewSession(vici.WithAddr("unix", socket))
		s.session = session
		return err == nil || s.Exited()
	})
	if s.session == nil {
		n.t.Fatalf("%s: charon: %v", n.Name, s.err)
	}
	n.t.Cleanup(func() { s.session.Close() })
	if err := s.session.Subscribe("list-sa"); err != nil {
		n.t.Fatalf("%s: charon: %v", n.Name, err)
	}
	s.session.NotifyEvents(s.listed)
	s.Load(c)
	return s
}

// The messages that charon takes, with its own names.
type (
	viciAuth struct {
		Auth string `vici:"auth"`
		ID   string `vici:"id"`
	}
	viciChild struct {
		Mode      string   `vici:"mode"`
		LocalTS   []string `vici:"local_ts"`
		RemoteTS  []string `vici:"remote_ts"`
		Proposals []string `vici:"esp_proposals"`
		Rekey     string   `vici:"rekey_time"`
		Rand      string   `vici:"rand_time"`
		Life      string   `vici:"life_time"`
		Start     string   `vici:"start_action"`
		DPD       string   `vici:"dpd_action"`
	}
	viciConnection struct {
		Version   string               `vici:"version"`
		Local     []string             `vici:"local_addrs"`
		Remote    []string             `vici:"remote_addrs"`
		Proposals []string             `vici:"proposals"`
		Rekey     string               `vici:"rekey_time"`
		Reauth    string               `vici:"reauth_time"`
		Over      string               `vici:"over_time"`
		Rand      string               `vici:"rand_time"`
		DPD       string               `vici:"dpd_delay"`
		Timeout   string               `vici:"dpd_timeout"`
		LocalID   viciAuth             `vici:"local"`
		RemoteID  viciAuth             `vici:"remote"`
		Children  map[string]viciChild `vici:"children"`
	}
	viciKey struct {
		ID   string `vici:"id"`
		Type string `vici:"type"`
		Data string `vici:"data"`
	}
)

// Load replaces the connection; SAs that stand are left alone.
func (s *Charon) Load(c Connection) {
	s.t.Helper()
	start, identity := c.Start, c.Identity
	if start == "" {
		start = "none"
	}
	if identity == "" {
		identity = c.Remote
	}
	child := viciChild{
		Mode: "transport", LocalTS: []string{"dynamic[gre]"}, RemoteTS: []string{"dynamic[gre]"},
		Proposals: []string{c.ESP}, Rekey: seconds(c.Rekey), Rand: "0", Life: seconds(c.Life), Start: start, DPD: "clear",
	}
	conn := viciConnection{
		Version: "1", Local: []string{c.Local}, Remote: []string{c.Remote}, Proposals: []string{c.IKE},
		Rekey: "0", Reauth: seconds(c.Reauth), Over: "10", Rand: "0", DPD: seconds(c.DPD), Timeout: seconds(3 * c.DPD),
		LocalID: viciAuth{"psk", c.Local}, RemoteID: viciAuth{"psk", identity},
		Children: map[string]viciChild{charonName: child},
	}
	s.must("load-conn", map[string]viciConnection{charonName: conn})
	s.must("load-shared", viciKey{"key", "IKE", c.Key})
}

func seconds(d time.Duration) string { return fmt.Sprint(int(d / time.Second)) }

// Initiate negotiates the child, and the IKE SA before it if there is none,
// and returns what charon says against it.
func (s *Charon) Initiate() error {
	return s.ask("initiate", map[string]string{"child": charonName, "timeout": "15000"})
}

// Rekey negotiates the child anew while it stands.
func (s *Charon) Rekey() error {
	return s.ask("rekey", map[string]string{"child": charonName})
}

// Terminate deletes the IKE SA and its children.
func (s *Charon) Terminate() error {
	return s.ask("terminate", map[string]string{"ike": charonName, "timeout": "15000"})
}

// TerminateChild deletes the children and leaves the IKE SA.
func (s *Charon) TerminateChild() error {
	return s.ask("terminate", map[string]string{"child": charonName, "timeout": "15000"})
}

// An IKE is an IKE SA as charon lists it.
type IKE struct {
	State      string           `vici:"state"`
	Remote     string           `vici:"remote-host"`
	RemotePort int              `vici:"remote-port"`
	Encryption string           `vici:"encr-alg"`
	Group      string           `vici:"dh-group"`
	Children   map[string]Child `vici:"child-sas"`
}

// A Child is a pair of ESP SAs as charon lists it.
type Child struct {
	State      string `vici:"state"`
	SPIIn      string `vici:"spi-in"`
	SPIOut     string `vici:"spi-out"`
	Encap      bool   `vici:"encap"` // in UDP
	Encryption string `vici:"encr-alg"`
	Group      string `vici:"dh-group"` // of PFS
	PacketsIn  int    `vici:"packets-in"`
}

// SAs lists the IKE SAs.
func (s *Charon) SAs() []IKE {
	s.t.Helper()
	// Not CallStreaming: it may take the answer that ends the list for the first
	// to come. An event is in its channel before the answer is read.
	s.must("list-sas", struct{}{})
	var all []IKE
	for len(s.listed) > 0 {
		event := <-s.listed
		for _, name := range event.Message.Keys() {
			var sa IKE
			if err := vici.UnmarshalMessage(event.Message.Get(name).(*vici.Message), &sa); err != nil {
				s.t.Fatalf("charon: list-sas: %v", err)
			}
			all = append(all, sa)
		}
	}
	return all
}

// Installed lists the children that carry traffic, by the SPI that charon
// receives under.
func (s *Charon) Installed() []Child {
	s.t.Helper()
	var all []Child
	for _, sa := range s.SAs() {
		for _, c := range sa.Children {
			if c.State == "INSTALLED" {
				all = append(all, c)
			}
		}
	}
	slices.SortFunc(all, func(a, b Child) int { return strings.Compare(a.SPIIn, b.SPIIn) })
	return all
}

func (s *Charon) must(command string, message any) {
	s.t.Helper()
	if err := s.ask(command, message); err != nil {
		s.t.Fatal(err)
	}
}

func (s *Charon) ask(command string, message any) error {
	in, err := vici.MarshalMessage(message)
	if err != nil {
		return fmt.Errorf("charon: %s: %w", command, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), charonAsked)
	defer cancel()
	out, err := s.session.Call(ctx, command, in)
	if err == nil && out != nil && out.Get("success") == "no" {
		err = errors.New(fmt.Sprint(out.Get("errmsg")))
	}
	if err != nil {
		return fmt.Errorf("charon: %s: %w", command, err)
	}
	return nil
}
