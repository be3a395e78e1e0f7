package commands

import (
	"errors"
	"iter"
	"strings"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

var archiveGlobal = modes.Mode[config.Config]{archiveBlock()}

// archiveBlock is "archive": where copies of the configuration are kept.
func archiveBlock() modes.Command[config.Config] {
	return modes.Sub(modes.Block[config.Config, config.Archive]{
		Line:    under(global, "archive", "Archive the configuration"),
		Title:   "Archive configuration commands:",
		Prompt:  "config-archive",
		Mode:    archiveMode(),
		Section: modes.Apart,
		Find:    func(c *config.Config, _ grammar.Args) *config.Archive { return c.Archive },
		Create: func(c *config.Config, _ grammar.Args) (*config.Archive, error) {
			c.Archive = new(config.Archive)
			return c.Archive, nil
		},
		Remove: func(c *config.Config, _ grammar.Args) error { c.Archive = nil; return nil },
		All: func(c *config.Config) iter.Seq2[grammar.Args, *config.Archive] {
			return func(yield func(grammar.Args, *config.Archive) bool) {
				if c.Archive != nil {
					yield(nil, c.Archive)
				}
			}
		},
	})
}

func archiveMode() modes.Mode[config.Archive] {
	path := modes.Value(under(global, "path", "path for backups"), grammar.String("Path for backups: flash:NAME; $h is the host name, $t the time"),
		func(a *config.Archive) *string { return &a.Path })
	set := path.Set
	path.Set = func(a *config.Archive, args grammar.Args) error {
		if err := set(a, args); err != nil {
			return err
		}
		l, err := parseLocation(strings.NewReplacer("$h", "h", "$H", "h", "$t", "t", "$T", "t").Replace(a.Path), location{fsFlash, ""})
		if err != nil || l.system != fsFlash || l.path == "" {
			return errArchivePath
		}
		return nil
	}
	return modes.Mode[config.Archive]{
		path,
		modes.Number(under(global, "maximum", "maximum number of backup copies"), grammar.Uint(1, 14, "Maximum number of backup copies"),
			func(a *config.Archive) *uint8 { return &a.Maximum }),
		modes.Flag(under(global, "write-memory", "Enable automatic backup generation during write memory"),
			func(a *config.Archive) *bool { return &a.WriteMemory }),
		modes.Value(under(global, "time-period", "Period of time in minutes to automatically archive the running-config"),
			grammar.Uint(1, 525600, "Number of minutes to wait between archive creation"),
			func(a *config.Archive) *uint32 { return &a.Period }),
	}
}

var errArchivePath = errors.New("% Archives are kept in flash: enter a path like flash:backup")
