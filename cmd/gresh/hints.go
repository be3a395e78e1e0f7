package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"

	"gresh/commands"
	"gresh/shell"
	"gresh/shell/console"
	"gresh/shell/hints"
)

// hintsWord has gresh be the process that shows hints at its terminal. It is
// not for people to type: "console -hints" and "lab -hints" do.
const hintsWord = "hints"

// withHints has a session with the router behind a socket, with hints, and
// gives the terminal back, however that ends. It is left to another process,
// for one that is killed cannot tidy up behind itself, and the library that
// lists the hints has no other way of being rid of. That process is this very
// program: no shell is asked, and nothing is searched for.
func withHints(t *console.Terminal, socket string) error {
	program, err := os.Executable()
	if err == nil {
		err = t.Keep()
	}
	if err != nil {
		return fmt.Errorf("hints: %w", err)
	}
	defer t.Restore()
	front := exec.Command(program, hintsWord, "-socket", socket)
	front.Stdin, front.Stdout, front.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := front.Start(); err != nil {
		return fmt.Errorf("hints: %w", err)
	}
	stop := t.Watch(func(int, int) {}, func(s os.Signal) { _ = front.Process.Signal(s) })
	defer stop()
	err = front.Wait()
	var died *exec.ExitError
	if !errors.As(err, &died) {
		return err
	}
	if status := died.Sys().(syscall.WaitStatus); status.Signaled() {
		tidy(os.Stdout)
		return exitError(128 + int(status.Signal()))
	}
	return exitError(died.ExitCode())
}

// tidy takes away what an editor of lines leaves that was killed: colours, a
// hidden cursor, a list below it.
func tidy(terminal io.Writer) { _, _ = io.WriteString(terminal, "\x1b[0m\x1b[?25h\r\n\x1b[J") }

// An exitError is the exit status of a process that has said why itself.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// showHints is that process.
func showHints(args []string, in io.Reader, out io.Writer) error {
	o, err := parseAttach(args)
	if err != nil {
		return err
	}
	t, ok := ownTerminal(in, out)
	if !ok {
		return errNoTerminal
	}
	hello := helloOf(t)
	hello.Hints = true
	c, err := o.dial(hello)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := t.Raw(); err != nil {
		return unreachableError{err}
	}
	defer t.Restore()
	front := hints.New(c, t, in, out)
	stop := t.Watch(front.Resize, exitBy)
	defer stop()
	if err := front.Run(); err != nil {
		return unreachableError{fmt.Errorf("console: %w", err)}
	}
	return nil
}

// exitBy ends the process that a signal was for.
func exitBy(s os.Signal) {
	number, _ := s.(syscall.Signal)
	os.Exit(128 + int(number))
}

var errNoTerminal = usageError{errors.New("-hints is for a terminal")}

// connectWithHints is connect with hints: the console is served to that process
// on a socket of its own, where only the user gets at it.
func (u *seated) connectWithHints(node string) error {
	dir, err := os.MkdirTemp("", "gresh-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "console.sock")
	l, err := console.Listen(path, "")
	if err != nil {
		return err
	}
	v := u.access[node]
	server := console.Serve(l, console.Options{
		Take: func() (shell.Guest, error) { return v.lines.Take(commands.Origin{Way: commands.Console}) },
		Logs: v.log.Attach,
	})
	u.fronted.Store(true)
	defer u.fronted.Store(false)
	err = withHints(u.terminal, path)
	var status exitError
	if errors.As(err, &status) && !slices.Contains(toEnd, int(status)) {
		err = nil // it has said why, or could not: the lab's own prompt is left
	}
	return errors.Join(err, server.Close())
}

// toEnd are the exit statuses of a front end that was told to end.
var toEnd = []int{128 + int(syscall.SIGHUP), 128 + int(syscall.SIGINT), 128 + int(syscall.SIGTERM)}

// promptAfterHints is prompt for a terminal that nobody reads meanwhile.
func (u *seated) promptAfterHints() (node string, err error) {
	typed, err := os.Open("/dev/tty")
	if err != nil {
		return "", err
	}
	defer typed.Close() // which ends the reading
	u.typed = newKeyboard(typed)
	return u.prompt()
}
