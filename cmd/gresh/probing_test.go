package main

import "testing"

// probings are what is typed about ping and traceroute, and the files that
// have all that is then shown.
var probings = map[string]string{
	// All of the dialogue, with a sweep over what the tunnel can carry.
	"session/lab/ping-dialogue.txt": "enable\nping\n\n10.0.0.12\n1\n\n\ny\nEthernet0\n\ny\ny\n1234\nr\nv\n\ny\n1350\n1450\n25\n",
	// Every wrong answer there is.
	"session/lab/ping-mistakes.txt": "enable\nping ip\n10.0.0.12\nx\n0\n2\n99999999\n\n9999\n1\ny\n9.9.9.9\ntu0\n300\n\nmaybe\n" +
		"n\n\nzz\n\nw\n\n\nping\nipx\nping\n\n\nping\n\nnobody\nping\n\n10.0.0.12\n\n\n\ny\n\n\n\n\n\n\ny\n200\n100\n",
	"session/lab/traceroute-dialogue.txt": "enable\ntraceroute\n\n10.0.0.12\nTunnel0\n\n1\n2\n256\n\n2\n33500\n\n" +
		"traceroute\n\n10.0.0.12\n\n\n\n\n9\n3\n\n\n",
	// The lines that clients send, and options in other orders than declared.
	"session/lab/ping-lines.txt": "enable\nping 10.0.0.12 timeout 2 size 100 repeat 5\nping ip 10.0.0.12 repeat 2 validate data 1 df-bit size 50 timeout 1 source tu0\n" +
		"ping 10.0.0.12 source Tunnel0 tos 184 repeat 1\ntraceroute 10.0.0.12 ttl 0 255 timeout 2\n" +
		"traceroute 10.0.0.12 numeric port 40000 source 10.0.0.11 probe 1\nping nobody\nping 10.0.0.12 source 9.9.9.9\nping 10.0.0.12 repeat 0\n" +
		"disable\nping 10.0.0.12\nping\nping 10.0.0.12 repeat 2\ntraceroute 10.0.0.12\ntraceroute\n",
	// Names, which nobody here asks a server for.
	"session/lab/ping-names.txt": "enable\nping spoke2\nconfigure terminal\nip host spoke2 10.0.0.12 10.0.1.12\nip host hub.example.org 10.0.0.1\n" +
		"ip domain name example.org\nend\nping Spoke2 repeat 1\nping hub repeat 1\ntraceroute spoke2 probe 1\ntraceroute spoke2 probe 1 numeric\n" +
		"configure terminal\nno ip domain lookup\nend\nping nobody\nping 10.0.0.256\n",
}

func TestProbing(t *testing.T) {
	for name, typed := range probings {
		status, out, log := gresh(typed, "lab", "dual-hub", "-node", "Spoke1", "-after", "1m")
		if status != 0 || log != "" {
			t.Errorf("%s: exit %d: %s", name, status, log)
		}
		golden(t, name, out)
	}
}
