package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"gresh/commands"
)

// check is "gresh check FILE…".
func check(files []string, out io.Writer) error {
	if len(files) == 0 {
		return usageError{errors.New("check: which file?")}
	}
	refused := false
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return usageError{fmt.Errorf("check: %w", err)}
		}
		report := commands.Check(name, string(text))
		for _, remarks := range [][]commands.Remark{report.Refused, report.Held, report.Kept} {
			for _, r := range remarks {
				fmt.Fprintf(out, "%v\n", r)
			}
		}
		fmt.Fprintf(out, "%s: %d refused, %d held down or noted, %d kept without effect\n",
			name, len(report.Refused), len(report.Held), len(report.Kept))
		refused = refused || len(report.Refused) > 0
	}
	if refused {
		return errRefused
	}
	return nil
}
