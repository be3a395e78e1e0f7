package show

import (
	"strings"
	"testing"
	"time"
)

// TestConnections: the columns of "show sessions".
func TestConnections(t *testing.T) {
	var b strings.Builder
	Connections(&b, []Connection{
		{Number: 1, Host: "hub1", Address: addr("10.0.0.1"), Idle: 3 * time.Minute},
		{Number: 2, Host: "10.0.0.12", Address: addr("10.0.0.12"), Unseen: 17, Last: true},
	})
	want := `Conn Host                Address             Byte  Idle Conn Name
   1 hub1                10.0.0.1               0     3 hub1
*  2 10.0.0.12           10.0.0.12             17     0 10.0.0.12

`
	if b.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", b.String(), want)
	}
}
