package sim

import (
	"cmp"
	"io"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// A Capture writes what is put on a link as pcapng, with the times of the
// world.
type Capture struct {
	writer *pcapgo.NgWriter
	err    error
}

// NewCapture begins a capture of the link.
func NewCapture(l *Link, w io.Writer) (*Capture, error) {
	face := pcapgo.DefaultNgInterface
	face.Name, face.LinkType = l.name, layers.LinkTypeEthernet
	face.OS = ""
	options := pcapgo.NgWriterOptions{SectionInfo: pcapgo.NgSectionInfo{Application: "gresh"}}
	writer, err := pcapgo.NewNgWriterInterface(w, face, options)
	if err != nil {
		return nil, err
	}
	c := &Capture{writer: writer}
	l.Tap(c.take)
	return c, nil
}

func (c *Capture) take(now time.Time, frame []byte) {
	if c.err == nil {
		c.err = c.writer.WritePacket(gopacket.CaptureInfo{Timestamp: now, CaptureLength: len(frame), Length: len(frame)}, frame)
	}
}

// Close ends the capture, and has everything written that it took.
func (c *Capture) Close() error {
	if c.err == nil {
		c.err = c.writer.Flush()
	}
	err := c.err
	c.err = cmp.Or(c.err, io.ErrClosedPipe) // nothing more is taken
	return err
}
