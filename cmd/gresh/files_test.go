package main

import "testing"

// fileDialogues are keys typed at a router's console: what deals with files.
var fileDialogues = []string{
	"enable\r", "dir\r", "copy running-config flash:\r", "one\r", "dir flash:/one\r",
	"copy run flash:one\r", "\r", "n", // it is there: not over it
	"copy run flash:/none/x\r", "\r",
	"mkdir logs\r", "\r", "copy flash:one flash:logs/\r", "\r", "cd logs\r", "pwd\r", "dir\r", "cd\r",
	"verify /md5 flash:one\r", "verify /md5 one 00112233445566778899aabbccddeeff\r",
	"more flash:/nothing\r", "more one | include ^hostname\r",
	"rename one two\r", "\r", "rename one three\r", "\r", "dir /all /recursive\r",
	"delete two\r", "\r", "n", "delete flash:two\r", "\r", "y",
	"delete /force nothing\r", "rmdir logs\r", "\r", "\r", "delete /force /recursive logs\r", "dir flash:\r",
	"delete ../../etc/passwd\r", "\x03", "copy ftp://10.0.0.1/x flash:\r",
	"copy running-config startup-config\r\r", "dir nvram:\r", "copy startup-config flash:saved\r\r",
	"copy null: flash:merge\r\r", "copy flash:merge running-config\r\r", "copy flash:\r", "copy flash: null:\r", "saved\r",
	"delete saved\r", "\x03", "show file systems\r", "copy run run\r\r",
	"configure terminal\r", "file prompt quiet\r", "end\r", "delete saved\r", "delete merge\r", "dir\r",
	"write erase\r", "\r", "show startup-config\r",
}

func TestFileDialogues(t *testing.T) {
	b := newBench(t, 1, nil)
	golden(t, "session/router/files.txt", typed(b, "Hub1", fileDialogues))
}
