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
		configLogBlock(),
	}
}

// configLogBlock is "log config": who enters what is kept. Its secrets never
// are, whether "hidekeys" is said or not.
func configLogBlock() modes.Command[config.Archive] {
	logging := under(global, "logging", "Modify config logging parameters")
	plain := grammar.Opt(grammar.Word("contenttype", "Contenttype"), grammar.Word("plaintext", "Plain text"))
	return modes.Sub(modes.Block[config.Archive, config.ConfigLog]{
		Line:   grammar.Line{grammar.Word("log", "Logging commands"), grammar.Word("config", "Logging config commands")},
		Title:  "Archive log config commands:",
		Prompt: "config-archive-log-cfg",
		Mode: modes.Mode[config.ConfigLog]{
			modes.Flag(under(logging, "enable", "Enable the config logger"), func(l *config.ConfigLog) *bool { return &l.Enabled }),
			modes.Number(under(logging, "size", "Set maximum size of the config log"), grammar.Uint(1, 1000, "Maximum number of entries in the config log"),
				func(l *config.ConfigLog) *uint16 { return &l.Size }),
			modes.Flag(append(under(global, "notify", "Notification of logged commands"),
				grammar.Word("syslog", "Send logged commands to the syslog"), plain), func(l *config.ConfigLog) *bool { return &l.Notify }),
			modes.Flag(under(global, "hidekeys", "suppress output (e.g. passwords) when displaying logged commands"),
				func(l *config.ConfigLog) *bool { return &l.HideKeys }),
		},
		Find: func(a *config.Archive, _ grammar.Args) *config.ConfigLog {
			if !a.Log.Said {
				return nil
			}
			return &a.Log
		},
		Create: func(a *config.Archive, _ grammar.Args) (*config.ConfigLog, error) {
			a.Log.Said = true
			return &a.Log, nil
		},
		Remove: func(a *config.Archive, _ grammar.Args) error { a.Log = config.ConfigLog{}; return nil },
		All: func(a *config.Archive) iter.Seq2[grammar.Args, *config.ConfigLog] {
			return func(yield func(grammar.Args, *config.ConfigLog) bool) {
				if a.Log.Said {
					yield(nil, &a.Log)
				}
			}
		},
	})
}

var errArchivePath = errors.New("% Archives are kept in flash: enter a path like flash:backup")
