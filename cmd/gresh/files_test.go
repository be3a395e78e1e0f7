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
	"configure terminal\r", "file prompt alert\r", "end\r", "copy run flash:a\r", "copy run flash:a\r", "y", "delete a\r", "\x1e", "delete a\r", "n",
	"configure terminal\r", "no file prompt\r", "end\r", "write erase\r", "\x1b", "erase startup-config\r", "n", "erase nvram:\r", "\x03", "show startup-config | count .\r",
	"copy run flash:b\r", "\x03", "copy run flash:b\r", "\x1e", "mkdir c\r", "\x03", "rename a d\r", "\x03", "rmdir c\r", "\x03", "dir\r",
	"copy flash:a null:\r", "copy flash:\r", "copy flash: flash:\r", "\x03", "write erase\r", "\r", "show startup-config\r",
}

func TestFileDialogues(t *testing.T) {
	b := newBench(t, 1, nil)
	golden(t, "session/router/files.txt", typed(b, "Hub1", fileDialogues))
}
