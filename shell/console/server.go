package console

import (
	"bufio"
	"errors"
	"net"
	"time"

	"gresh/shell"
	"gresh/shell/door"
)

const (
	// helloPatience is how long a client may take to say what it wants.
	helloPatience = 10 * time.Second
	// farewell is how long a client may take to close a session that is over.
	farewell = time.Second
)

// Options are what a Server serves.
type Options struct {
	// Take finds a line for a session. Its error is told to the client.
	Take func() (shell.Guest, error)
	// Logs are seen by who comes with a terminal.
	Logs door.Logs
}

// A Server is the consoles of a running router: one session for each
// connection, and each on a line of its own.
type Server struct {
	options Options
	door    *door.Door
}

// Serve serves who connects, until Close.
func Serve(l *Listener, o Options) *Server {
	s := &Server{options: o}
	s.door = door.Open(admission{l}, func(c net.Conn) { s.serve(c.(*net.UnixConn)) })
	return s
}

// Close takes the consoles away, and returns when all sessions have ended. The
// router must still run.
func (s *Server) Close() error { return s.door.Close() }

// admission is a Listener that turns away who may not come in.
type admission struct{ *Listener }

// Accept is part of net.Listener.
func (a admission) Accept() (net.Conn, error) {
	for {
		conn, err := a.Listener.Accept()
		if !errors.Is(err, ErrDenied) {
			return conn, err
		}
		dismiss(conn, err)
	}
}

// Addr is part of net.Listener.
func (a admission) Addr() net.Addr { return a.net.Addr() }

// dismiss ends a connection with the reason.
func dismiss(conn net.Conn, why error) {
	_ = conn.SetWriteDeadline(time.Now().Add(farewell))
	_ = writeFrame(conn, kindOver, []byte(why.Error()))
	_ = conn.Close()
}

// serve is one connection, from its hello on.
func (s *Server) serve(conn *net.UnixConn) {
	in := bufio.NewReader(conn)
	_ = conn.SetReadDeadline(time.Now().Add(helloPatience))
	k, body, err := readFrame(in)
	if err != nil || k != kindHello {
		return
	}
	h, err := parseHello(body)
	if err != nil {
		dismiss(conn, err)
		return
	}
	guest, err := s.options.Take()
	if err != nil {
		dismiss(conn, err)
		return
	}
	_ = conn.SetReadDeadline(time.Time{})
	s.session(conn, in, h, guest)
}

// session runs a session on a line and tells the client when it is over.
func (s *Server) session(conn *net.UnixConn, in *bufio.Reader, h Hello, guest shell.Guest) {
	screen := &screen{conn: conn, patience: door.Patience}
	line := door.NewLine(guest, func() { _ = conn.Close() })
	o := shell.Options{Out: screen, Interpreter: line, Width: h.Width, Length: h.Length, Monitor: h.Terminal}
	if !h.Terminal {
		o.Length = -1
	}
	if h.Script {
		gate := &script{Interpreter: line, out: screen, refused: screen.refused}
		o.Out, o.Interpreter = gate, gate
	}
	var assistant *hinted
	if h.Hints {
		assistant = newHinted(line, guest, screen)
		o.Out, o.Interpreter = assistant, assistant
	}
	session := shell.New(o)
	var seat door.Seat = session
	if assistant != nil {
		assistant.session, seat = session, assistant
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		feed(session, line, assistant, in)
	}()
	logs := s.options.Logs
	if h.Script {
		logs = nil
	}
	_ = line.Hold(seat, logs, session.Run)
	screen.over()
	_ = conn.SetReadDeadline(time.Now().Add(farewell))
	<-read
}

// feed passes on what the client says, until it is gone.
func feed(session *shell.Session, l *door.Line, assistant *hinted, in *bufio.Reader) {
	for {
		k, body, err := readFrame(in)
		if err != nil {
			l.Cut(session)
			return
		}
		switch {
		case l.Gone(): // the session is over, and the client does not know yet
		case assistant != nil && assistant.heard(k, body):
		case k == kindKeys:
			session.Feed(body)
		case k == kindWindow:
			session.Resize(parseWindow(body))
		case k == kindEnd:
			session.Hangup()
		}
	}
}
