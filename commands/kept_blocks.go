package commands

import (
	"iter"
	"slices"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

// keptBlocks are blocks that real configurations have and that mean nothing
// here, with the lines that stand in them.
var (
	keptVoice = modes.Mode[config.Config]{
		keptBlock("voice-card", "Configure a specific voice-card", "config-voicecard", grammar.Uint(0, 63, "Voice interface slot number"),
			keptIn("dspfarm", "DSP farm"), keptIn("codec", "Configure codec parameters"), keptIn("dsp", "Configure DSP")),
		keptBlock("redundancy", "Enter redundancy mode", "config-red", nil,
			keptIn("mode", "redundancy mode for this chassis"), keptIn("main-cpu", "Enter main-cpu mode")),
		keptBlock("call-home", "Enter call-home configuration mode", "cfg-call-home", nil,
			keptIn("contact-email-addr", "System Contact's email address"), keptIn("sender", "Call-home message's sender"),
			keptIn("source-interface", "Source interface name"), keptIn("profile", "Enter profile configuration mode"),
			keptIn("active", "Activate the current profile"), keptIn("destination", "Message destination related configuration"),
			keptIn("reporting", "Type of data reported"), keptIn("subscribe-to-alert-group", "Subscribe to alert-group")),
	}
	keptGatekeeper = modes.Mode[config.Config]{
		keptBlock("gatekeeper", "Enter gatekeeper configuration mode", "config-gk", nil, keptIn("shutdown", "Do not start")),
	}
)

func keptIn(text, help string) modes.Command[config.KeptBlock] {
	return kept(func(b *config.KeptBlock) *[]string { return &b.Kept }, text, help)
}

// keptBlock is a block of which there is one for each number, or one.
func keptBlock(word, help, prompt string, number *grammar.Param[uint32], lines ...modes.Command[config.KeptBlock]) modes.Command[config.Config] {
	line := under(global, word, help)
	if number != nil {
		line = with(line, number)
	} else {
		number = grammar.Uint(0, 0, "")
	}
	is := func(a grammar.Args) func(config.KeptBlock) bool {
		return func(b config.KeptBlock) bool { return b.Word == word && b.Number == number.From(a) }
	}
	c := modes.Sub(modes.Block[config.Config, config.KeptBlock]{
		Line: line, Title: word + " configuration commands:", Prompt: prompt, Mode: lines, Section: modes.Around,
		Find: func(c *config.Config, a grammar.Args) *config.KeptBlock {
			if at := slices.IndexFunc(c.KeptBlocks, is(a)); at >= 0 {
				return &c.KeptBlocks[at]
			}
			return nil
		},
		Create: func(c *config.Config, a grammar.Args) (*config.KeptBlock, error) {
			c.KeptBlocks = append(c.KeptBlocks, config.KeptBlock{Word: word, Number: number.From(a)})
			return &c.KeptBlocks[len(c.KeptBlocks)-1], nil
		},
		Remove: func(c *config.Config, a grammar.Args) error {
			c.KeptBlocks = emptied(slices.DeleteFunc(c.KeptBlocks, is(a)))
			return nil
		},
		All: func(c *config.Config) iter.Seq2[grammar.Args, *config.KeptBlock] {
			return func(yield func(grammar.Args, *config.KeptBlock) bool) {
				for i := range c.KeptBlocks {
					if b := &c.KeptBlocks[i]; b.Word == word && !yield(number.Is(b.Number), b) {
						return
					}
				}
			}
		},
	})
	c.Kept = true
	return c
}
