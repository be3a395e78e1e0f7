package main

import (
	"net"
	"sync"
)

// A gate is a port that is listened at for as long as the router wants to be
// reached there: SSH with a key, telnet where a line takes it. It is looked
// after by one goroutine, so that nothing that happens to the router waits for
// a socket.
type gate struct {
	address string
	wanted  func() bool               // asked after whatever may have changed it
	open    func(net.Listener) server // serves who comes
	failed  func(error)               // told when the port can't be had, once until it can

	look chan struct{}
	quit chan struct{}
	done sync.WaitGroup
}

// A server is what is behind a gate.
type server interface {
	Shut() error  // nobody gets in any more
	Close() error // and who is in is out
}

// watch looks after the gate until close.
func (g *gate) watch() {
	g.look, g.quit = make(chan struct{}, 1), make(chan struct{})
	g.done.Add(1)
	go func() {
		defer g.done.Done()
		g.run()
	}()
	g.changed()
}

// changed says that the gate may be wanted, or not wanted, any more. It does
// not block.
func (g *gate) changed() {
	select {
	case g.look <- struct{}{}:
	default: // it will be looked at anyway
	}
}

// close ends all that came through. The router must still run.
func (g *gate) close() {
	close(g.quit)
	g.done.Wait()
}

func (g *gate) run() {
	var now server // nil: shut
	var was []server
	reported := false
	defer func() {
		for _, s := range was {
			_ = s.Close()
		}
	}()
	for {
		select {
		case <-g.quit:
			return
		case <-g.look:
		}
		switch wanted := g.wanted(); {
		case wanted && now == nil:
			l, err := net.Listen("tcp", g.address)
			if err == nil {
				now = g.open(l)
				was = append(was, now)
			} else if !reported {
				g.failed(err)
			}
			reported = err != nil
		case !wanted && now != nil:
			_ = now.Shut()
			now = nil
		}
	}
}
