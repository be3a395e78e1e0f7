//go:build linux

package linux

import (
	"testing"

	"gresh/backend/linux/uml"
)

func TestMain(m *testing.M) { uml.Main(m) }
