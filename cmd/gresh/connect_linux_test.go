package main

import (
	"bufio"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// A telnetHost says hello to who comes and then what it is told, until "bye".
func telnetHost(t *testing.T) (port string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				fmt.Fprint(conn, "\xff\xfb\x01\xff\xfb\x03hello\r\n") // it echoes, and nothing goes ahead
				for in := bufio.NewReader(conn); ; {
					line, err := in.ReadString('\r')
					if err != nil || strings.Contains(line, "bye") {
						return
					}
					fmt.Fprintf(conn, "you say %q\r\n", line[strings.LastIndexFunc(line, func(r rune) bool { return r < '\r' || r > '~' })+1:])
				}
			}()
		}
	}()
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port
}

// A session goes to another host and comes back, by its end or by the escape
// sequence, as on IOS.
func TestTelnetToAnotherHost(t *testing.T) {
	port := telnetHost(t)
	d := newDesktop(t, newService(t).socket)
	d.must("Hub1>")
	d.send("telnet 127.0.0.1 " + port + "\r")
	d.must("Trying 127.0.0.1, " + port + " ... Open\r\n")
	d.must("hello")
	d.send("one\r")
	d.must(`you say "one\r"`)
	d.send("\x1ex")
	d.must("Hub1>")
	d.send("show sessions\r")
	d.must("Conn Host                Address             Byte  Idle Conn Name\r\n*  1 127.0.0.1           127.0.0.1 ")
	d.must("Hub1>")
	d.send("telnet 127.0.0.1 " + port + "\r")
	d.must("hello")
	d.send("\x1ex")
	d.must("Hub1>")
	d.send("resume 1\r")
	d.must("[Resuming connection 1 to 127.0.0.1 ... ]")
	d.send("two\r")
	d.must(`you say "two\r"`)
	d.send("bye\r")
	d.must("[Connection to 127.0.0.1 closed by foreign host]\r\nHub1>")
	d.send("resume 1\r")
	d.must("% Not an open connection")
	d.send("disconnect\r")
	d.must("Closing connection to 127.0.0.1 [confirm]")
	d.send("\r")
	d.must("Hub1>")
	d.send("where\r")
	d.must("% No connections open")
	d.send("telnet 127.0.0.1 " + port + "\r")
	d.must("hello")
	d.send("\x1ex")
	d.must("Hub1>")
	d.send("exit\r")
	d.must("You have open connections [confirm]")
	d.send("\r")
	d.must("Closing: 127.0.0.1 !")
	d.end(0)
}

// sshHost lets me in with a password and repeats in upper case what it is told.
func sshHost(t *testing.T, password string) (port string) {
	t.Helper()
	_, secret, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewSignerFromKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	config := &ssh.ServerConfig{PasswordCallback: func(m ssh.ConnMetadata, given []byte) (*ssh.Permissions, error) {
		if m.User() != "me" || string(given) != password {
			return nil, errors.New("wrong")
		}
		return nil, nil
	}}
	config.AddHostKey(key)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go sshHostServe(conn, config)
		}
	}()
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port
}

func sshHostServe(conn net.Conn, config *ssh.ServerConfig) {
	defer conn.Close()
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	channel, requests, err := (<-channels).Accept()
	if err != nil {
		return
	}
	go func() {
		for r := range requests {
			_ = r.Reply(true, nil)
		}
	}()
	for in := bufio.NewReader(channel); ; {
		line, err := in.ReadString('\r')
		if err != nil || strings.Contains(line, "bye") {
			return
		}
		fmt.Fprintf(channel, "you say %q\r\n", strings.ToUpper(line))
	}
}

// The password is asked for and shows nowhere; three wrong ones are enough.
func TestSSHToAnotherHost(t *testing.T) {
	port := sshHost(t, "Heim1ich")
	d := newDesktop(t, newService(t).socket)
	d.must("Hub1>")
	for _, command := range []string{"ssh -l me -p " + port + " 127.0.0.1", "ssh -p " + port + " -c aes128-ctr -v 2 -l me 127.0.0.1"} {
		d.send(command + "\r")
		d.must("Password: ")
		d.send("wrong\r")
		d.must("Password: ")
		d.send("Heim1ich\r")
		d.send("one\r")
		if shown := d.next(`you say "ONE\r"`); strings.Contains(shown, "Heim") {
			t.Errorf("shown %q", shown)
		}
		d.send("bye\r")
		d.must("[Connection to 127.0.0.1 closed by foreign host]\r\nHub1>")
	}
	d.send("ssh -l me -p " + port + " 127.0.0.1\r")
	for range 3 {
		d.must("Password: ")
		d.send("wrong\r")
	}
	d.must("[Connection to 127.0.0.1 aborted: permission denied]")
	d.must("Hub1>")
	d.send("exit\r")
	d.end(0)
}

// With hints the keys are the other host's too.
func TestTelnetWithHints(t *testing.T) {
	port := telnetHost(t)
	_, d := newHints(t)
	d.send("telnet 127.0.0.1 " + port + "\r")
	d.must("hello")
	d.send("one\r")
	d.must(`you say "one\r"`)
	d.send("\x1ex")
	d.must("Hub1>")
	d.send("resume\r")
	d.send("bye\r")
	d.must("closed by foreign host]")
	d.must("Hub1>")
	d.send("exit\r")
	d.end(0)
}

// What goes wrong is said as on IOS; a simulated router has no TCP.
func TestConnectionsThatFail(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, nobody, _ := net.SplitHostPort(l.Addr().String())
	_ = l.Close()
	s := newService(t)
	_, out, log := s.gresh(nil, "-c", "telnet 127.0.0.1 "+nobody, "-c", "telnet nowhere", "-c", "ssh 127.0.0.1",
		"-c", "ssh -p "+nobody+" -l me 127.0.0.1", "-c", "telnet 127.0.0.1 "+nobody+" /source-interface Loopback9", "-c", "resume", "-c", "disconnect 3")
	if want := "Trying 127.0.0.1, " + nobody + " ... \n"; out != want {
		t.Errorf("shown %q, want %q", out, want)
	}
	for _, want := range []string{"% Connection refused by remote host", "% Unrecognized host or address", "% No user specified nor available for SSH client",
		"% Loopback9 has no address to come from", "% No connections open"} {
		if !strings.Contains(log, want) {
			t.Errorf("%q is not said:\n%s", want, log)
		}
	}
	_, out, _ = gresh("telnet 10.0.0.12\nssh -l me 10.0.0.12\n", "lab", "dual-hub", "-node", "Spoke1")
	if n := strings.Count(out, "% Connections from a simulated router are not supported"); n != 2 {
		t.Errorf("in a lab:\n%s", out)
	}
}
