package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gresh/backend"
	"gresh/backend/config"
	"gresh/backend/event"
	"gresh/backend/nvram"
	"gresh/backend/sim"
	"gresh/commands"
	"gresh/testdata/labs"
)

// labStart is where the clock of a lab stands when it begins, as that of a
// router does which nobody has set.
var labStart = time.Date(2002, 3, 1, 0, 0, 0, 0, time.UTC)

const topologySuffix = ".clab.yml"

// newNetwork makes the network of a topology, and switches it on. More may be
// said of what its routers are made with.
func newNetwork(topology sim.Topology, seed uint64, state string, more ...func(*backend.Options)) (*sim.World, error) {
	w := sim.New(seed, labStart)
	err := topology.Build(w, func(n sim.TopologyNode) (sim.NodeConfig, error) {
		c := sim.NodeConfig{Options: backend.Options{Store: nvram.NewMemory([]byte(n.Startup)), Load: load, Text: commands.Text, Words: commands.Words, Kept: commands.Kept}}
		for _, f := range more {
			f(&c.Options)
		}
		if state != "" {
			dir, err := nvram.NewDir(state, n.Name, []byte(n.Startup))
			if err != nil {
				return c, err
			}
			c.Options.Store = dir
		}
		return c, nil
	})
	if err != nil {
		return nil, err
	}
	for _, n := range w.Nodes() {
		n.PowerOn()
	}
	return w, nil
}

// load reads a startup configuration as a router does.
func load(text string) (*config.Config, []event.LineRefused) {
	c, refused, _ := commands.Load("startup-config", text)
	var all []event.LineRefused
	for _, r := range refused {
		all = append(all, event.LineRefused{Number: r.Line, Line: r.Text, Message: r.Message})
	}
	return c, all
}

// readTopology finds a topology: a file, a folder that has one, or the name of
// a lab that comes with gresh.
func readTopology(name string) (sim.Topology, error) {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return readFolder(os.DirFS(name), name)
	case err == nil:
		t, err := sim.ReadTopology(os.DirFS(filepath.Dir(name)), filepath.Base(name))
		return t, placed(err, filepath.Dir(name))
	case !strings.ContainsAny(name, `/\.`):
		if folder, err := fs.Sub(labs.FS, name); err == nil {
			if t, err := readFolder(folder, name); err == nil {
				return t, nil
			}
		}
	}
	return sim.Topology{}, usageError{fmt.Errorf("lab: there is no topology %q, and no lab of that name comes with gresh", name)}
}

// readFolder reads the one topology file of a folder.
func readFolder(folder fs.FS, name string) (sim.Topology, error) {
	files, err := fs.Glob(folder, "*"+topologySuffix)
	if err == nil && len(files) != 1 {
		err = fmt.Errorf("%s: there must be one file *%s, and there are %d", name, topologySuffix, len(files))
	}
	if err != nil {
		return sim.Topology{}, usageError{fmt.Errorf("lab: %w", err)}
	}
	t, err := sim.ReadTopology(folder, files[0])
	return t, placed(err, name)
}

// placed says where the file is that an error is about.
func placed(err error, folder string) error {
	var t *sim.TopologyError
	if errors.As(err, &t) {
		t.File = filepath.Join(folder, t.File)
		return usageError{t}
	}
	return err
}
