package console

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"gresh/modes"
)

// Suggest is part of Suggester.
func (c *clerk) Suggest(line string) []modes.Suggestion {
	return []modes.Suggestion{{Text: line + "!", Name: "louder", Help: "Say it louder"}, {Name: "LINE"}}
}

// heard is what a client with hints hears until a line is asked for, or the
// session is over.
func heard(t *testing.T, c *Client) (shown string, asking Asking) {
	t.Helper()
	for {
		said, err := c.Receive()
		switch said := said.(type) {
		case Shown:
			shown += string(said)
		case Asking:
			return shown, said
		}
		if err != nil {
			return fmt.Sprintf("%s<%v>", shown, errors.Is(err, ErrLeft)), Asking{}
		}
	}
}

func hintedClient(t *testing.T, b *box) *Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	serveBox(t, path, b)
	c, err := Dial(path, Hello{Terminal: true, Hints: true, Width: 80, Length: 24})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if shown, asking := heard(t, c); shown != "" || !strings.HasSuffix(asking.Prompt, ">") {
		t.Fatalf("it begins with %q, %+v", shown, asking)
	}
	return c
}

// A client that edits lines sees neither prompt nor echo, but all that commands
// print; what is typed for them gets to them.
func TestHintedShowsWhatCommandsPrint(t *testing.T) {
	c := hintedClient(t, newBox())
	c.Line("say hello\r")
	if shown, _ := heard(t, c); shown != "hello\r\n" {
		t.Errorf("shown %q", shown)
	}
	c.Line("ask\r")
	c.Type([]byte("me\rmore"))
	if shown, asking := heard(t, c); shown != "Name? me\r\n\"me\" true\r\n" || asking.Received-len(asking.Unread) != len("me\r") {
		t.Errorf("shown %q, then %+v", shown, asking)
	}
	c.Line("say wh?")
	if shown, _ := heard(t, c); !strings.HasPrefix(shown, "say, flood, wait") {
		t.Errorf("help is %q", shown)
	}
	c.Line("say no more of what help was about\r")
	if shown, _ := heard(t, c); shown != "no more of what help was about\r\n" {
		t.Errorf("shown %q", shown)
	}
	c.Line("exit\r")
	if shown, _ := heard(t, c); shown != "<true>" {
		t.Errorf("at the end %q", shown)
	}
}

// Keys that come while a line is asked for are not received, whatever the
// client thought.
func TestHintedKeysAtThePrompt(t *testing.T) {
	c := hintedClient(t, newBox())
	c.Type([]byte("say nothing\r"))
	c.Line("say something\r")
	if shown, asking := heard(t, c); shown != "something\r\n" || asking.Received != 0 || len(asking.Unread) > 0 {
		t.Errorf("shown %q, then %+v", shown, asking)
	}
}

// A question is answered by the session's own grammar, and never while a
// command runs.
func TestHintedSuggests(t *testing.T) {
	b := newBox()
	c := hintedClient(t, b)
	answer := func(id uint16, text string) string {
		c.Suggest(id, text)
		said, err := c.Receive()
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%+v", said)
	}
	if got, want := answer(7, "go"), "{ID:7 Suggestions:[{Text:go! Name:louder Help:Say it louder} {Text: Name:LINE Help:}]}"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	c.Line("wait\r")
	<-b.running
	if got, want := answer(8, "go"), "{ID:8 Suggestions:[]}"; got != want {
		t.Errorf("while a command runs: %s", got)
	}
	c.Type([]byte{0x1e})
	<-b.running
	heard(t, c)
	if got := answer(9, "go"); !strings.Contains(got, "louder") {
		t.Errorf("after it: %s", got)
	}
}

// The log passes while a line is asked for, and so does what is said to all.
func TestHintedShowsTheLog(t *testing.T) {
	b := newBox()
	c := hintedClient(t, b)
	b.log("%TEST-5-LOG: a line")
	said, err := c.Receive()
	if shown, ok := said.(Shown); err != nil || !ok || !strings.Contains(string(shown), "%TEST-5-LOG: a line") {
		t.Errorf("%T %v, %v", said, said, err)
	}
}

// Whatever is sent for a question or for keys, the session lives.
func TestHintedBadFrames(t *testing.T) {
	c := hintedClient(t, newBox())
	for _, k := range []kind{kindSuggest, kindKeys, kindWindow, kindAnswer, kindAsking, '?'} {
		for _, body := range []string{"", "x", "\x00\x00"} {
			if err := writeFrame(c.conn, k, []byte(body)); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.Type([]byte(strings.Repeat("x", aheadMost+1)))
	c.Line("say still here\r")
	if shown, _ := heard(t, c); shown != "still here\r\n" {
		t.Errorf("shown %q", shown)
	}
	c.Line("ask\r")
	c.Type([]byte("me\r" + strings.Repeat("y", 2*aheadMost)))
	if _, asking := heard(t, c); asking.Received > aheadMost+3 {
		t.Errorf("%d octets were received ahead", asking.Received)
	}
}

func FuzzHintedFrames(f *testing.F) {
	f.Add(Asking{"Hub1#", 7, []byte("more")}.body())
	f.Add(Answer{7, []modes.Suggestion{{Text: "a", Name: "b", Help: "c"}, {}}}.body())
	f.Fuzz(func(t *testing.T, b []byte) {
		a, n := parseAsking(b), parseAnswer(b)
		if again := parseAsking(a.body()); again.Prompt != a.Prompt || string(again.Unread) != string(a.Unread) {
			t.Errorf("%+v is read as %+v", a, again)
		}
		if again := parseAnswer(n.body()); len(again.Suggestions) != len(n.Suggestions) {
			t.Errorf("%+v is read as %+v", n, again)
		}
	})
}
