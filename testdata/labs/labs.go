// Package labs is the labs that come with gresh, as files. It only holds them.
package labs

import "embed"

// FS has a folder for each lab, with the topology file NAME.clab.yml in it and
// the startup configurations beside that.
//
//go:embed dual-hub
var FS embed.FS
