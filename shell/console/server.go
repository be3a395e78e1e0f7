package console

import (
	"bufio"
	"errors"
	"net"
	"sync"
	"time"

	"gresh/shell"
)

const (
	// helloPatience is how long a client may take to say what it wants.
	helloPatience = 10 * time.Second
	// patience is how long a terminal may leave what it is shown unread until
	// it is given up: as long as IOS lets a session idle.
	patience = 10 * time.Minute
	// farewell is how long a client may take to close a session that is over.
	farewell = time.Second
)

// Options are what a Server serves.
type Options struct {
	// Take finds a line for a session. Its error is told to the client.
	Take func() (shell.Guest, error)
	// Logs has show see every line of the log until cancel is called. show
	// does not block. Without Logs, no log is seen.
	Logs func(show func(line string)) (cancel func())
}

// A Server is the consoles of a running router: one session for each
// connection, and each on a line of its own.
type Server struct {
	options  Options
	listener *Listener
	running  sync.WaitGroup

	mu     sync.Mutex
	conns  map[net.Conn]bool
	closed bool
}

// Serve serves who connects, until Close.
func Serve(l *Listener, o Options) *Server {
	s := &Server{options: o, listener: l, conns: map[net.Conn]bool{}}
	s.running.Add(1)
	go func() {
		defer s.running.Done()
		s.accept()
	}()
	return s
}

// Close takes the consoles away, and returns when all sessions have ended. The
// router must still run.
func (s *Server) Close() error {
	err := s.listener.Close()
	s.mu.Lock()
	s.closed = true
	for c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
	return err
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case errors.Is(err, ErrDenied):
			dismiss(conn, err)
			continue
		case err != nil:
			time.Sleep(100 * time.Millisecond) // no descriptors: others must end first
			continue
		}
		if !s.enter(conn) {
			_ = conn.Close()
			return
		}
		go func() {
			defer s.leave(conn)
			s.serve(conn)
		}()
	}
}

// enter takes a connection into account, unless the server is being closed.
func (s *Server) enter(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.conns[conn] = true
		s.running.Add(1)
	}
	return !s.closed
}

func (s *Server) leave(conn net.Conn) {
	_ = conn.Close()
	s.mu.Lock()
	delete(s.conns, conn)
	s.mu.Unlock()
	s.running.Done()
}

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
	screen := &screen{conn: conn, patience: patience}
	line := &line{Interpreter: guest}
	o := shell.Options{Out: screen, Interpreter: line, Width: h.Width, Length: h.Length, Monitor: h.Terminal}
	if !h.Terminal {
		o.Length = -1
	}
	if h.Script {
		gate := &script{Interpreter: line, out: screen, refused: screen.refused}
		o.Out, o.Interpreter = gate, gate
	}
	session := shell.New(o)
	guest.Attach(session)
	read := make(chan struct{})
	go func() {
		defer close(read)
		feed(session, line, in)
	}()
	unlog := s.log(session, h)
	_ = session.Run()
	unlog()
	line.gone.Store(true)
	session.Hangup()
	guest.Release()
	screen.over()
	_ = conn.SetReadDeadline(time.Now().Add(farewell))
	<-read
}

// interrupt is the key that ends a command.
var interrupt = []byte{0x1e}

// feed passes on what the client says, until it is gone: then nothing more is
// carried out, and what runs is interrupted.
func feed(session *shell.Session, l *line, in *bufio.Reader) {
	for {
		k, body, err := readFrame(in)
		if err != nil {
			l.gone.Store(true)
			session.Hangup()
			session.Feed(interrupt)
			return
		}
		switch {
		case l.gone.Load(): // the session is over, and the client does not know yet
		case k == kindKeys:
			session.Feed(body)
		case k == kindWindow:
			session.Resize(parseWindow(body))
		case k == kindEnd:
			session.Hangup()
		}
	}
}

// log shows the log to a session until unlog is called. A script sees none.
func (s *Server) log(session *shell.Session, h Hello) (unlog func()) {
	if s.options.Logs == nil || h.Script {
		return func() {}
	}
	b := newBacklog()
	go b.drain(session.Log)
	cancel := s.options.Logs(b.add)
	return func() {
		cancel()
		b.close()
	}
}
