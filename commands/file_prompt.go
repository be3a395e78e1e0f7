package commands

import (
	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

// filePromptGlobal is how much "copy" and its like ask.
var filePromptGlobal = modes.Mode[config.Config]{filePrompt()}

func filePrompt() modes.Command[config.Config] {
	how := grammar.Enum(
		choice("alert", "Prompt only for destructive file operations", "alert"),
		choice("noisy", "Confirm all file operation parameters", ""),
		choice("quiet", "Seldom prompt for file operations", "quiet"),
	)
	line := under(under(global, "file", "Adjust file system parameters"), "prompt", "Prompt for file operations")
	c := modes.Value(line, how, func(c *config.Config) *string { return &c.FilePrompt })
	c.Line = with(line, grammar.Opt(how))
	return c
}
