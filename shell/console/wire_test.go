package console

import (
	"bufio"
	"bytes"
	"io"
	"testing"
)

func TestFrames(t *testing.T) {
	for _, size := range []int{0, 1, bodyMost - 1, bodyMost, bodyMost + 1, 5 * bodyMost} {
		var wire bytes.Buffer
		body := bytes.Repeat([]byte("x"), size)
		if err := writeFrame(&wire, kindShown, body); err != nil {
			t.Fatal(err)
		}
		cut := wire.Bytes()[:wire.Len()-1]
		var got []byte
		frames, in := 0, bufio.NewReader(&wire)
		for {
			k, part, err := readFrame(in)
			if err == io.EOF {
				break
			}
			if err != nil || k != kindShown {
				t.Fatalf("%d octets: %c, %v", size, k, err)
			}
			got = append(got, part...)
			frames++
		}
		if want := max(1, (size+bodyMost-1)/bodyMost); !bytes.Equal(got, body) || frames != want {
			t.Errorf("%d octets: %d in %d frames, want %d", size, len(got), frames, want)
		}
		for in = bufio.NewReader(bytes.NewReader(cut)); ; {
			_, _, err := readFrame(in)
			if err == io.EOF {
				t.Errorf("%d octets, cut: passes for whole", size)
			}
			if err != nil {
				break
			}
		}
	}
}

func TestHello(t *testing.T) {
	for _, h := range []Hello{{}, {Terminal: true, Width: 80, Length: 24}, {Script: true, Width: 512}, {Width: 65535, Length: 1}} {
		got, err := parseHello(h.body())
		if err != nil || got != h {
			t.Errorf("%+v comes as %+v, %v", h, got, err)
		}
	}
	if got, _ := parseHello(Hello{Width: 1 << 20, Length: -1}.body()); got.Width != 65535 || got.Length != 0 {
		t.Errorf("sizes out of range come as %+v", got)
	}
}
