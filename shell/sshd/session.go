package sshd

import (
	"io"
	"net"
	"time"

	"golang.org/x/crypto/ssh"

	"gresh/shell"
	"gresh/shell/door"
)

const (
	// farewell is how long a client may take to close what is over.
	farewell = 2 * time.Second
	// sizeMost bounds a terminal, as "terminal width" does.
	sizeMost = 512
)

// A visit is one connection whose visitor has logged in. One goroutine serves
// it, one more runs the session.
type visit struct {
	options  *Options
	conn     *ssh.ServerConn
	raw      net.Conn
	visitor  Visitor
	patience time.Duration
	late     *time.Timer // cuts off who logs in, or begins, too late

	channel       ssh.Channel
	terminal      bool
	width, length int

	begun   bool
	line    *door.Line
	session *shell.Session
	over    chan struct{} // closed when the session is; nil: there is none
	refused bool          // a command was, or the visitor himself
}

// serve serves the connection to its end, which is that of its first session.
func (v *visit) serve(channels <-chan ssh.NewChannel, globals <-chan *ssh.Request) {
	var requests <-chan *ssh.Request
	for {
		select {
		case c, ok := <-channels:
			if !ok {
				v.end()
				return
			}
			if r := v.open(c); r != nil {
				requests = r
			}
		case r, ok := <-globals:
			if !ok {
				globals = nil
				continue
			}
			_ = r.Reply(false, nil) // a keepalive wants no more
		case r, ok := <-requests:
			if !ok {
				v.end()
				return
			}
			v.request(r)
		case <-v.over:
			v.over = nil
			v.late = time.AfterFunc(farewell, func() { _ = v.raw.Close() })
			defer v.late.Stop()
			v.finish()
		}
	}
}

// end cuts a session off whose client has gone, and waits for it.
func (v *visit) end() {
	_ = v.raw.Close() // what is being written will not be read
	if v.line != nil {
		v.line.Cut(v.session)
	}
	if v.over != nil {
		<-v.over
	}
}

// open opens a channel: the first, if it is for a session.
func (v *visit) open(c ssh.NewChannel) <-chan *ssh.Request {
	switch {
	case c.ChannelType() != "session":
		_ = c.Reject(ssh.Prohibited, "administratively prohibited")
		return nil
	case v.channel != nil:
		_ = c.Reject(ssh.ResourceShortage, "one session only")
		return nil
	}
	channel, requests, err := c.Accept()
	if err != nil {
		return nil
	}
	v.channel = channel
	return requests
}

// request carries out a request of the session's channel.
func (v *visit) request(r *ssh.Request) {
	ok := false
	switch r.Type {
	case "pty-req":
		ok = !v.begun && v.pty(r.Payload)
	case "window-change":
		ok = v.resize(r.Payload)
	case "shell":
		if ok = !v.begun; ok {
			_ = r.Reply(true, nil)
			v.begin("")
			return
		}
	case "exec":
		var p struct{ Command string }
		if ok = !v.begun && ssh.Unmarshal(r.Payload, &p) == nil; ok {
			_ = r.Reply(true, nil)
			v.visitor.Command = true
			v.begin(p.Command)
			return
		}
	}
	if r.WantReply {
		_ = r.Reply(ok, nil)
	}
}

// pty is a terminal, by its size; 0 is one that it does not say.
func (v *visit) pty(payload []byte) (ok bool) {
	var p struct {
		Term                      string
		Width, Length, Wide, High uint32
		Modes                     string
	}
	if ssh.Unmarshal(payload, &p) != nil {
		return false
	}
	v.terminal, v.width, v.length = true, size(p.Width), size(p.Length)
	return true
}

func (v *visit) resize(payload []byte) (ok bool) {
	var p struct{ Width, Length, Wide, High uint32 }
	if v.session == nil || ssh.Unmarshal(payload, &p) != nil {
		return false
	}
	v.session.Resize(size(p.Width), size(p.Length))
	return true
}

func size(n uint32) int { return int(min(n, sizeMost)) }

// begin begins the session: of one command, or a shell. Without a terminal
// there are no pages, and lines are as wide as they can be.
func (v *visit) begin(command string) {
	v.begun, v.over = true, make(chan struct{})
	v.late.Stop()
	out := &screen{v.channel, v.raw, v.patience}
	if c, ok := parseCopying(command); ok && v.options.Copy != nil {
		go func() {
			defer close(v.over)
			v.refused = v.copy(c, out) != nil
		}()
		return
	}
	guest, err := v.options.Take(v.visitor)
	if err != nil {
		v.refused = true
		go func() {
			defer close(v.over)
			_, _ = io.WriteString(out, err.Error()+"\r\n")
		}()
		return
	}
	if !v.terminal {
		v.width, v.length = sizeMost, -1
	}
	v.line = door.NewLine(guest, func() { _ = v.raw.Close() })
	v.session = shell.New(shell.Options{In: v.channel, Out: out, Interpreter: v.line,
		Width: v.width, Length: v.length})
	run := v.session.Run
	if v.visitor.Command {
		run = func() error { return v.session.Execute(command) }
	}
	go func() {
		defer close(v.over)
		v.refused = v.line.Hold(v.session, v.options.Logs, run) != nil && v.visitor.Command
	}()
}

// finish tells the client how it went, and that nothing follows. The connection
// stays until he has closed his side: what he has typed ahead would have it
// reset, and with it what is on its way to him.
func (v *visit) finish() {
	var status struct{ Status uint32 }
	if v.refused {
		status.Status = 1
	}
	_, _ = v.channel.SendRequest("exit-status", false, ssh.Marshal(status))
	_ = v.channel.CloseWrite()
	_ = v.channel.Close()
}

// A patient connection gives up what the other side does not take.
type patient struct {
	net.Conn
	patience time.Duration
}

// Write is part of net.Conn.
func (p patient) Write(b []byte) (int, error) {
	_ = p.SetWriteDeadline(time.Now().Add(p.patience))
	return p.Conn.Write(b)
}

// A screen is where a session's output goes. Who does not open the channel's
// window holds up his own session until patience ends, then loses it.
type screen struct {
	channel  ssh.Channel
	raw      net.Conn
	patience time.Duration
}

// Write is part of io.Writer.
func (s *screen) Write(b []byte) (int, error) {
	late := time.AfterFunc(s.patience, func() { _ = s.raw.Close() })
	defer late.Stop()
	return s.channel.Write(b)
}
