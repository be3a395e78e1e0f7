// Package telnetd is the way in by telnet (RFC 854): the server echoes (RFC
// 857), nobody goes ahead (RFC 858), and the client says how large his window is
// (RFC 1073). All else is refused. It knows no command, no user and no router:
// whoever has come is asked who he is by his session.
package telnetd

import (
	"bytes"
	"net"
	"net/netip"
	"time"

	"gresh/shell"
	"gresh/shell/door"
)

// farewell is how long a client may take to close a session that is over.
const farewell = 2 * time.Second

// Options are what a Server serves.
type Options struct {
	// Take finds a line for a session. Its error is told to who wanted one.
	Take func(remote netip.AddrPort) (shell.Guest, error)
	// Logs are seen by who wants to.
	Logs door.Logs
}

// A Server is the telnet server of a router.
type Server struct {
	*door.Door
	options Options
}

// Serve serves who connects, until Close.
func Serve(l net.Listener, o Options) *Server {
	s := &Server{options: o}
	s.Door = door.Open(l, s.serve)
	return s
}

// serve is one connection.
func (s *Server) serve(conn net.Conn) {
	out := &screen{conn}
	guest, err := s.options.Take(door.Remote(conn))
	if err != nil {
		_, _ = out.Write([]byte(err.Error() + "\r\n"))
		return
	}
	_ = out.send(offer)
	line := door.NewLine(guest, func() { _ = conn.Close() })
	session := shell.New(shell.Options{Out: out, Interpreter: line})
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = line.Hold(session, s.options.Logs, session.Run)
		hangup(conn)
	}()
	listen(conn, out, session, line)
	line.Cut(session)
	<-over
}

// hangup says that nothing follows, and gives the client a moment to hear it.
func hangup(conn net.Conn) {
	if c, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite()
	}
	_ = conn.SetReadDeadline(time.Now().Add(farewell))
}

// listen passes on what is typed until the client has gone.
func listen(conn net.Conn, out *screen, session *shell.Session, line *door.Line) {
	var d decoder
	var chunk [4096]byte
	for {
		n, err := conn.Read(chunk[:])
		if err != nil {
			return
		}
		for _, heard := range d.decode(chunk[:n]) {
			switch {
			case heard.reply != nil:
				_ = out.send(heard.reply)
			case heard.sized:
				session.Resize(heard.width, heard.length)
			case !line.Gone():
				session.Feed(heard.typed)
			}
		}
	}
}

// A screen is where a session's output goes. Who does not read holds up his own
// session until patience ends, then loses it.
type screen struct{ conn net.Conn }

// Write is part of io.Writer. An octet that would be a command is said twice.
func (s *screen) Write(b []byte) (int, error) {
	return len(b), s.send(bytes.ReplaceAll(b, []byte{iac}, []byte{iac, iac}))
}

func (s *screen) send(b []byte) error {
	_ = s.conn.SetWriteDeadline(time.Now().Add(door.Patience))
	_, err := s.conn.Write(b)
	return err
}
