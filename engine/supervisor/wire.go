package supervisor

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// All that is said to a supervisor and by it are frames. It has two kinds of
// connections: the socket pair to the front end that started it, and those that
// come to the socket in the pod's folder. On either, a request is a frame of JSON.
// Whoever is left when the other goes sees the end of the stream, and goes on.
const (
	// To the front end.
	frameEvent = 'e' // one event as JSON
	frameOver  = '.' // nothing more comes, and nothing of the pod is left

	// To the front end and to those that are attached.
	frameOutput = 'o' // output as the app wrote it

	// To those that are attached.
	frameLost  = 'l' // a number: so many bytes of output were left out here
	frameTaken = 't' // a number: the app took so many bytes of input
	frameExit  = 'x' // a number: the app has ended for good, with this status

	// From the front end.
	frameGo = 'g' // the record is written. Who goes without a word takes an unstarted pod with it

	// From anybody.
	frameRequest = 'r'
	frameAnswer  = 'a' // to a request on the socket

	// From those that are attached.
	frameInput  = 'i' // as it was typed
	frameClose  = 'c' // no more input comes
	frameResize = 'z' // two numbers: rows and columns

	headerSize = 8 // kind, stream, app (2 bytes), length (4 bytes)
)

// Bounds of a payload, by who sends it.
const (
	maxPayload = 1 << 20 // a supervisor: an event with a long message, at the most
	maxAsked   = 16 << 10
)

// requestVersion is what a request says it is written in. A supervisor answers
// what it understands of a newer one's, since podtui can be replaced while pods
// run: fields are only added, and a request of a new kind gets an error.
const requestVersion = 1

// request is the first frame on a connection to the socket.
type request struct {
	Version int    `json:"version"`
	What    string `json:"what"` // "stop" or "attach"

	// Of stop.
	Force   bool           `json:"force,omitempty"`
	Timeout *time.Duration `json:"timeout,omitempty"` // nanoseconds

	// Of attach.
	App    string `json:"app,omitempty"` // "": the only one
	Input  bool   `json:"input,omitempty"`
	Silent bool   `json:"silent,omitempty"` // output is not wanted
	Rows   int    `json:"rows,omitempty"`
	Cols   int    `json:"cols,omitempty"`
}

// answer says what became of a request.
type answer struct {
	Error    string `json:"error,omitempty"`
	NoInput  bool   `json:"noInput,omitempty"` // with Error: the app was started without
	App      string `json:"app,omitempty"`
	Terminal bool   `json:"terminal,omitempty"`
}

// streamNames numbers the streams of an app on the wire.
var streamNames = [...]string{"stdout", "stderr"}

// frame is one message.
type frame struct {
	kind    byte
	stream  uint8
	app     uint16
	payload []byte
}

func (f frame) appendHeader(to []byte) []byte {
	to = append(to, f.kind, f.stream)
	to = binary.LittleEndian.AppendUint16(to, f.app)
	return binary.LittleEndian.AppendUint32(to, uint32(len(f.payload)))
}

// send sends one frame with one system call. Frames of two goroutines are not
// kept apart.
func send(conn net.Conn, f frame) error {
	buffers := net.Buffers{f.appendHeader(make([]byte, 0, headerSize)), f.payload}
	_, err := buffers.WriteTo(conn)
	return err
}

func sendJSON(conn net.Conn, kind byte, v any) error {
	payload, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return send(conn, frame{kind: kind, payload: payload})
}

// receive reads one frame of at most so many bytes. The payload is valid until
// the next call.
func receive(r io.Reader, buffer []byte, most int) (frame, []byte, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return frame{}, buffer, err
	}
	size := int(binary.LittleEndian.Uint32(header[4:]))
	if size > most {
		return frame{}, buffer, fmt.Errorf("a frame of %d bytes", size)
	}
	if size > cap(buffer) {
		buffer = make([]byte, size)
	}
	payload := buffer[:size]
	_, err := io.ReadFull(r, payload)
	return frame{kind: header[0], stream: header[1], app: binary.LittleEndian.Uint16(header[2:]), payload: payload}, buffer, err
}

// frameReader reads frames without copying them once more, where they fit into
// its buffer.
type frameReader struct {
	r      *bufio.Reader
	used   int // bytes of the last frame, which are still in r
	buffer []byte
}

func newFrameReader(r io.Reader) *frameReader {
	return &frameReader{r: bufio.NewReaderSize(r, 256<<10)}
}

// next reads one frame. The payload is valid until the next call.
func (r *frameReader) next() (frame, error) {
	_, _ = r.r.Discard(r.used)
	r.used = 0
	header, err := r.r.Peek(headerSize)
	if err != nil {
		return frame{}, err
	}
	size := headerSize + int(binary.LittleEndian.Uint32(header[4:]))
	if size > r.r.Size() {
		var f frame
		f, r.buffer, err = receive(r.r, r.buffer, maxPayload)
		return f, err
	}
	p, err := r.r.Peek(size)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return frame{}, err
	}
	r.used = size
	return frame{kind: p[0], stream: p[1], app: binary.LittleEndian.Uint16(p[2:]), payload: p[headerSize:]}, nil
}

// numbers are the payload of a frame that has nothing but these.
func numbers(n ...int64) []byte {
	var p []byte
	for _, n := range n {
		p = binary.LittleEndian.AppendUint64(p, uint64(n))
	}
	return p
}

// number is the payload's number at a place, or 0.
func (f frame) number(at int) int64 {
	if len(f.payload) < 8*(at+1) {
		return 0
	}
	return int64(binary.LittleEndian.Uint64(f.payload[8*at:]))
}
