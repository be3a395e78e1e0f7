package modes

import "gresh/modes/grammar"

const expression = "Regular Expression"

var (
	pattern = grammar.Rest(expression)

	lineFilter = grammar.Enum(
		grammar.Choice[FilterKind]{Name: "begin", Help: "Begin with the line that matches", Value: Begin},
		grammar.Choice[FilterKind]{Name: "count", Help: "Count number of lines which match regexp", Value: Count},
		grammar.Choice[FilterKind]{Name: "exclude", Help: "Exclude lines that match", Value: Exclude},
		grammar.Choice[FilterKind]{Name: "include", Help: "Include lines that match", Value: Include},
	)

	sectionFilter = grammar.Flag("section", "Filter a section of output")

	sectionKind = grammar.Enum(
		grammar.Choice[FilterKind]{Name: "exclude", Help: "Exclude section(s) of output", Value: SectionExclude},
		grammar.Choice[FilterKind]{Name: "include", Help: "Include section(s) of output", Value: Section},
	)

	destination = grammar.New("URL", "Uniform Resource Locator",
		func(w string) (string, bool) { return w, true }, func(s string) string { return s })

	fileFilter = grammar.Enum(
		grammar.Choice[FilterKind]{Name: "append", Help: "Append redirected output to URL", Value: Append},
		grammar.Choice[FilterKind]{Name: "redirect", Help: "Redirect output to URL", Value: Redirect},
		grammar.Choice[FilterKind]{Name: "tee", Help: "Copy output to URL", Value: Tee},
		grammar.Choice[FilterKind]{Name: "tee /append", Help: "Append to the file, if there is one", Value: TeeAppend},
	)

	// filters is what may stand after a command whose output can be filtered.
	filters = grammar.Opt(grammar.Pipe("Output Modifiers"), grammar.Alt(
		grammar.Line{lineFilter, pattern},
		grammar.Line{fileFilter, destination},
		grammar.Line{sectionFilter, grammar.Opt(sectionKind), pattern},
	))
)

// filterOf returns the output modifier of a line, nil if it has none.
func filterOf(a grammar.Args) *Filter {
	switch {
	case fileFilter.In(a):
		return &Filter{Kind: fileFilter.From(a), URL: destination.From(a)}
	case !pattern.In(a):
		return nil
	case lineFilter.In(a):
		return &Filter{Kind: lineFilter.From(a), Pattern: pattern.From(a)}
	case sectionKind.In(a):
		return &Filter{Kind: sectionKind.From(a), Pattern: pattern.From(a)}
	}
	return &Filter{Kind: Section, Pattern: pattern.From(a)}
}
