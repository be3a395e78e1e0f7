package main

import "gresh/modes"

// quiet is a terminal that nobody looks at.
type quiet struct{}

func (quiet) Write(b []byte) (int, error)        { return len(b), nil }
func (quiet) Ask(string) (string, bool)          { return "", false }
func (quiet) Confirm(string) bool                { return true }
func (quiet) Secret(string) (string, bool)       { return "", false }
func (quiet) OnInterrupt(func()) (cancel func()) { return func() {} }
func (quiet) Settings() *modes.Settings          { return new(modes.Settings) }
func (quiet) History() []string                  { return nil }
func (quiet) Filter(modes.Filter) error          { return nil }
