package config

import "time"

// An Archive is "archive": copies of the configuration that are kept.
type Archive struct {
	Path        string // "flash:backup"; "": none are
	Maximum     uint8  // 0: 10
	WriteMemory bool   // a copy with each "write memory"
	Period      uint32 // minutes between copies; 0: none by themselves
	Log         ConfigLog
}

// A ConfigLog is "log config": who enters what is kept.
type ConfigLog struct {
	Said     bool // the block is there
	Enabled  bool
	Size     uint16 // lines; 0: 100
	HideKeys bool   // which are hidden anyway
	Notify   bool   // the log has it, too
}

// archiveMost is how many copies there are unless it is said.
const archiveMost = 10

// Most is how many copies there may be.
func (a *Archive) Most() int {
	if a.Maximum == 0 {
		return archiveMost
	}
	return int(a.Maximum)
}

// ArchivePeriod is the time between copies; 0: none are made by themselves.
func (c *Config) ArchivePeriod() time.Duration {
	if c.Archive == nil || c.Archive.Path == "" {
		return 0
	}
	return time.Duration(c.Archive.Period) * time.Minute
}
