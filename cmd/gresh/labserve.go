package main

import (
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
	"time"

	"gresh/backend"
	"gresh/backend/sim"
)

// served is a lab that programs log in to: it boots, says where its routers
// are, and runs until a signal, or until the pipe that is its input is closed.
func served(w *sim.World, o labOptions, in io.Reader, out io.Writer) error {
	boot(w, func(time.Duration) {})
	for _, s := range o.steps {
		w.Run(s.after)
	}
	runner := sim.NewRunner(w, o.pace)
	defer runner.Close()
	a := newAccess(w, func(n *sim.Node) backend.Loop { return runner.Loop(n) })
	defer func() { _ = a.close() }()
	if err := a.listen(w, o); err != nil {
		return err
	}
	runner.Do(func(w *sim.World) { nodeTable(out, w, a) })
	untilEnd(in)
	return nil
}

// untilEnd returns when the process is told to end, by a signal or by the end
// of what is piped in.
func untilEnd(in io.Reader) {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	defer signal.Stop(ended)
	closed := make(chan struct{})
	if isPipe(in) {
		go func() {
			defer close(closed)
			_, _ = io.Copy(io.Discard, in)
		}()
	}
	select {
	case <-ended:
	case <-closed:
	}
}

// isPipe says whether somebody is at the other end of in. What runs in the
// background has /dev/null there, which ends before it begins.
func isPipe(in io.Reader) bool {
	f, ok := in.(*os.File)
	if !ok {
		return true
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) != 0
}
