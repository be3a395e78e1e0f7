package commands

import (
	"cmp"

	"gresh/backend/config"
	"gresh/backend/event"
)

// noteSSH logs what a session has come to, if it came by SSH and "ip ssh
// logging events" wants it.
func (i *Interpreter) noteSSH(c *config.Config, steps ...event.SSHStep) {
	if i.origin.Way != SSH || !c.SSH.Log {
		return
	}
	for _, step := range steps {
		i.lines.note(event.SSHSession{Step: step, User: i.origin.User, Remote: i.origin.Remote.Addr().String(), Line: i.number,
			Cipher: i.origin.Cipher, MAC: cmp.Or(i.origin.MAC, "none"), Succeeded: true})
	}
}
