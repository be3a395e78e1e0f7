package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"gresh/backend/sim"
	"gresh/commands"
	"gresh/shell"
)

// A shelf is a commands.Remote: the files of one host, where carl comes in with
// the password "right".
type shelf struct {
	files map[string]string
	key   string
	asked []string // how it was come to
}

func (s *shelf) come(f commands.RemoteFile) error {
	way := map[bool]string{true: "sftp", false: "scp"}[f.SFTP]
	s.asked = append(s.asked, way+" "+f.User+"@"+f.Addr.String()+" "+f.Path)
	if err := f.Trust(f.Name, []byte(s.key)); err != nil {
		return err
	}
	for {
		switch password, ok := f.Password(); {
		case !ok:
			return commands.ErrBrokenOff
		case f.User == "carl" && password == "right":
			return nil
		case password == "":
			return errors.New("Authentication failed")
		}
	}
}

func (s *shelf) Read(_ context.Context, f commands.RemoteFile, most int) ([]byte, error) {
	if err := s.come(f); err != nil {
		return nil, err
	}
	text, ok := s.files[f.Path]
	if !ok {
		return nil, errors.New(f.Path + ": No such file or directory")
	}
	return []byte(text), nil
}

func (s *shelf) Write(_ context.Context, f commands.RemoteFile, data []byte) error {
	if err := s.come(f); err != nil {
		return err
	}
	s.files[f.Path] = string(data)
	return nil
}

// remoteDialogues are keys typed at a router's console that has a way to other
// hosts. A piece that begins with "@" changes the key of the other host.
var remoteDialogues = []string{
	"enable\r", "copy scp: flash:\r", "172.16.0.9\r", "carl\r", "r1.cfg\r", "\r", "wrong\r", "right\r",
	"copy scp://carl@172.16.0.9/r1.cfg flash:\r", "\r", "\r", "\r", "\r", "n", // over it: no
	"copy scp://carl@172.16.0.9/r1.cfg flash:two\r", "\r", "\r", "\r", "\r", "\x03", // no password is said
	"copy scp://carl@172.16.0.9/none flash:\r", "\r", "\r", "\r", "\r", "right\r",
	"copy running-config sftp:\r", "172.16.0.9\r", "\r", "copy scp: flash:\r", "172.16.0.9\r", "\x1e",
	"copy running-config sftp:\r", "172.16.0.9\r", "carl\r", "mine\r", "right\r",
	"copy flash:r1.cfg scp://carl@172.16.0.9:2222//tmp/r1.cfg\r", "\r", "\r", "\r", "right\r",
	"copy scp://carl@172.16.0.9/r1.cfg running-config\r", "\r", "\r", "\r", "\r", "right\r", "show running-config | include ^hostname\r",
	"more scp://carl@172.16.0.9/r1.cfg\r", "right\r", "verify /md5 scp://carl@172.16.0.9/r1.cfg\r", "right\r",
	"configure terminal\r", "file prompt quiet\r", "end\r", "copy scp://carl@172.16.0.9/r1.cfg flash:three\r", "right\r",
	"@another", "copy scp://carl@172.16.0.9/r1.cfg flash:three\r", "clear ssh known-host 172.16.0.9\r", "clear ssh known-host 172.16.0.9\r",
	"copy scp://carl@172.16.0.9/r1.cfg flash:three\r", "right\r",
	"copy scp://carl:right@172.16.0.9/r1.cfg flash:three\r", "copy scp://carl@172.16.0.9:0/r1.cfg flash:three\r", "copy scp://carl@nowhere/x flash:three\r",
	"dir scp://carl@172.16.0.9/\r", "cd sftp:\r", "delete /force scp://carl@172.16.0.9/r1.cfg\r", "copy scp: flash:\r", "\r",
	"show clock | redirect scp://carl@172.16.0.9/clock\r",
}

func TestRemoteDialogues(t *testing.T) {
	b := newBench(t, 1, nil)
	host := &shelf{files: map[string]string{"r1.cfg": "hostname Afar\n"}, key: "one"}
	lines := commands.NewLines(sim.Stepped{World: b.World}.Loop(b.Node("Hub1")), commands.LinesOptions{Open: true})
	lines.Reach(host)
	var screen bytes.Buffer
	s := shell.New(shell.Options{Out: &screen, Length: -1, Width: 80, Interpreter: atLine(lines, commands.Script)})
	go func() { _ = s.Run() }()
	s.Ready()
	for _, keys := range remoteDialogues {
		if key, changed := strings.CutPrefix(keys, "@"); changed {
			host.key = key
			continue
		}
		s.Type(keys)
	}
	s.Hangup()
	golden(t, "session/router/remote.txt", strings.ReplaceAll(screen.String(), "\r\n", "\n")+
		"\n\nThe other host has seen:\n"+strings.Join(host.asked, "\n")+"\n")
	if want := "version 12.4"; !strings.Contains(host.files["mine"], want) || host.files["/tmp/r1.cfg"] != "hostname Afar\n" {
		t.Errorf("the other host has %q", host.files)
	}
}

func TestLabHasNoWayOut(t *testing.T) {
	b := newBench(t, 1, nil)
	if said := typed(b, "Hub1", []string{"enable\r", "copy scp://a@10.0.0.1/x flash:\r", "\r", "\r", "\r", "\r"}); !strings.Contains(said,
		"%Error opening scp://a@10.0.0.1/x (no way to other hosts: the routers of a lab have no TCP)\n") {
		t.Error(said)
	}
}
