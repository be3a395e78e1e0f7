package commands

import (
	"fmt"
	"strings"
	"time"

	"gresh/backend"
	"gresh/modes"
	"gresh/modes/grammar"
)

// The places that "copy" knows. Others than these two come with the file
// systems.
const (
	fileRunning = "running-config"
	fileStartup = "startup-config"
)

func file(role string) *grammar.Param[string] {
	return grammar.Enum(
		grammar.Choice[string]{Name: fileRunning, Help: role + " current system configuration", Value: fileRunning},
		grammar.Choice[string]{Name: fileStartup, Help: role + " startup configuration", Value: fileStartup},
	)
}

// fileCommands keep the configuration and start the router again.
func fileCommands() modes.Mode[Exec] {
	from, to := file("Copy from"), file("Copy to")
	write := grammar.Word("write", "Write running configuration to memory, network, or terminal")
	saving := func(e *Exec, _ grammar.Args) error { return e.save() }
	erasing := func(e *Exec, _ grammar.Args) error { return e.eraseStartup() }
	return modes.Mode[Exec]{
		{Line: grammar.Line{write, grammar.Opt(grammar.Word("memory", "Write to NV memory"))}, Level: 15, Run: saving},
		{Line: grammar.Line{write, grammar.Word("erase", "Erase NV memory")}, Level: 15, Run: erasing},
		viewingAt(15, grammar.Line{write, grammar.Word("terminal", "Write to terminal")}, runningConfig),
		{
			Line: grammar.Line{grammar.Word("erase", "Erase a filesystem"),
				grammar.Word("startup-config", "Erase contents of configuration memory")},
			Level: 15, Run: erasing,
		},
		{
			Line:  grammar.Line{grammar.Word("copy", "Copy from one file to another"), from, to},
			Level: 15,
			Run:   func(e *Exec, a grammar.Args) error { return e.copy(from.From(a), to.From(a)) },
		},
		{
			Line:  grammar.Line{grammar.Word("reload", "Halt and perform a cold restart")},
			Level: 15,
			Run:   func(e *Exec, _ grammar.Args) error { return e.reload() },
		},
	}
}

// save writes the running configuration to NVRAM.
func (e *Exec) save() error {
	e.printf("Building configuration...\n")
	var err error
	e.with(func(r *backend.Router, _ time.Time) {
		err = r.Store().SetStartup([]byte(configText(r.Running())))
	})
	if err != nil {
		return fmt.Errorf("%%Error writing nvram:startup-config (%v)", err)
	}
	e.printf("[OK]\n")
	return nil
}

func (e *Exec) eraseStartup() error {
	if !e.Confirm("Erasing the nvram filesystem will remove all configuration files! Continue? [confirm]") {
		return nil
	}
	var err error
	e.with(func(r *backend.Router, _ time.Time) { err = r.Store().SetStartup(nil) })
	if err != nil {
		return fmt.Errorf("%%Error erasing nvram (%v)", err)
	}
	e.printf("[OK]\nErase of nvram: complete\n")
	return nil
}

func (e *Exec) copy(from, to string) error {
	answer, ok := e.Ask(fmt.Sprintf("Destination filename [%s]? ", to))
	switch {
	case !ok:
		return nil
	case answer != "" && answer != to:
		return fmt.Errorf("%%Error opening %s (Invalid argument)", answer)
	case from == to:
		return fmt.Errorf("%%Error copying %s (Source and destination are the same)", from)
	case to == fileStartup:
		return e.save()
	}
	return e.merge()
}

// merge enters the startup configuration line by line, as if it were typed.
func (e *Exec) merge() error {
	var text []byte
	var err error
	e.with(func(r *backend.Router, _ time.Time) { text, err = r.Store().Startup() })
	if err != nil || len(text) == 0 {
		return fmt.Errorf("%%Error opening nvram:startup-config (No such file or directory)")
	}
	at := e.session.root.Config()
	for line := range strings.Lines(string(text)) {
		next, err := e.session.carryOut(at, strings.TrimRight(line, "\r\n"), e)
		if err != nil {
			e.printf("%s%v\n", line, err)
			continue
		}
		at = next
	}
	e.printf("%d bytes copied in 0.1 secs\n", len(text))
	return nil
}

// reload starts the router again, after asking what to do with what is not
// saved.
func (e *Exec) reload() error {
	var saved bool
	e.with(func(r *backend.Router, _ time.Time) {
		text, err := r.Store().Startup()
		saved = err == nil && string(text) == configText(r.Running())
	})
	for !saved {
		answer, ok := e.Ask("System configuration has been modified. Save? [yes/no]: ")
		if !ok {
			return nil
		}
		switch answer = strings.ToLower(answer); {
		case answer != "" && strings.HasPrefix("yes", answer):
			if err := e.save(); err != nil {
				return err
			}
			saved = true
		case answer != "" && strings.HasPrefix("no", answer):
			saved = true
		default:
			e.printf("%% Please answer 'yes' or 'no'.\n")
		}
	}
	if !e.Confirm("Proceed with reload? [confirm]") {
		return nil
	}
	e.with(func(r *backend.Router, now time.Time) { r.Reload(now) })
	e.session.restart()
	return nil
}
