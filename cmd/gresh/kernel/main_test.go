//go:build linux

// Package kernel holds the tests of whole gresh processes on a Linux kernel:
// routers in the namespaces of a test kernel, with real peers beside them. It
// has no code but tests.
package kernel

import (
	"testing"

	"gresh/backend/linux/uml"
)

// program is what the nodes run.
const program = "gresh/cmd/gresh"

func TestMain(m *testing.M) { uml.Main(m, program) }
