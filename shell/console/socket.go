package console

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// ErrRunning says that another process serves the socket.
var ErrRunning = errors.New("gresh is already running")

// ErrDenied says that who connected is neither root, nor the owner of the
// socket, nor in its group.
var ErrDenied = errors.New("permission denied: the console is for root, its owner and its group")

// A Listener is a router's socket, in the file system.
type Listener struct {
	net   *net.UnixListener
	path  string
	lock  *os.File
	owner int
	group int // -1: the owner alone
}

// Listen makes the socket: for the owner of this process alone, or for a group
// too. A socket that a dead process left behind is replaced; beside a living
// one there is no other. Who serves holds a lock on a file beside the socket,
// which falls with the process, however it ends.
func Listen(path, group string) (*Listener, error) {
	gid, err := groupID(group)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	lock, err := locked(path)
	if err != nil {
		return nil, err
	}
	l := &Listener{path: path, lock: lock, owner: os.Geteuid(), group: gid}
	if err := l.bind(); err != nil {
		_ = lock.Close()
		return nil, err
	}
	return l, nil
}

func groupID(group string) (int, error) {
	if group == "" {
		return -1, nil
	}
	g, err := user.LookupGroup(group)
	if err != nil {
		return 0, fmt.Errorf("the group of the console: %w", err)
	}
	return strconv.Atoi(g.Gid)
}

func locked(path string) (*os.File, error) {
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = lock.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w (%s)", ErrRunning, path)
		}
		return nil, fmt.Errorf("%s.lock: %w", path, err)
	}
	return lock, nil
}

// bind replaces what a dead process left. Who connects before the permissions
// stand gets no further than Accept.
func (l *Listener) bind() error {
	switch was, err := os.Lstat(l.path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case was.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("%s is there and is no socket", l.path)
	default:
		if err := os.Remove(l.path); err != nil {
			return err
		}
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: l.path, Net: "unix"})
	if err != nil {
		return err
	}
	mode := fs.FileMode(0o600)
	if l.group >= 0 {
		mode, err = 0o660, os.Chown(l.path, -1, l.group)
	}
	if err := errors.Join(err, os.Chmod(l.path, mode)); err != nil {
		return errors.Join(err, listener.Close())
	}
	l.net = listener
	return nil
}

// Accept waits for who connects. With ErrDenied, the connection is that of
// somebody who may be told so and no more.
func (l *Listener) Accept() (*net.UnixConn, error) {
	conn, err := l.net.AcceptUnix()
	if err != nil {
		return nil, err
	}
	p, err := peerOf(conn)
	if err != nil || !l.admits(p) {
		return conn, ErrDenied
	}
	return conn, nil
}

// A peer is a process at the other end, as it was when it connected.
type peer struct {
	uid    int
	groups []int
}

func (l *Listener) admits(p peer) bool {
	if p.uid == 0 || p.uid == l.owner {
		return true
	}
	for _, g := range p.groups {
		if l.group >= 0 && g == l.group {
			return true
		}
	}
	return false
}

// Close removes the socket. The lock goes last: its file stays, for removing
// it could take it from who has just opened it.
func (l *Listener) Close() error { return errors.Join(l.net.Close(), l.lock.Close()) }
