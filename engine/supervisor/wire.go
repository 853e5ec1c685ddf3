package supervisor

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Between a supervisor and the front end that started it runs a socket pair.
// The supervisor sends frames; the front end sends orders of one byte. Whoever
// is left when the other goes sees the end of the stream, and goes on.
const (
	frameEvent  = 'e' // payload: one event as JSON
	frameOutput = 'o' // payload: output as it came out of the pipe
	frameOver   = '.' // nothing more comes, and nothing of the pod is left

	headerSize = 8 // kind, stream, app (2 bytes), length (4 bytes)
	maxPayload = 1 << 20
)

// Order is what a front end can ask for.
type Order byte

// The orders. A supervisor takes the same ones on the socket in its folder.
const (
	OrderStop Order = 's' // SIGTERM to every app, SIGKILL after StopTimeout
	OrderKill Order = 'k' // SIGKILL now

	// orderGo says that the pod's record is written. A front end that goes
	// without a word takes an unstarted pod with it.
	orderGo Order = 'g'
)

// streams numbers the streams of an app on the wire.
var streams = [...]string{"stdout", "stderr"}

// frame is one message of the supervisor.
type frame struct {
	kind    byte
	stream  uint8
	app     uint16
	payload []byte
}

func (f frame) header() []byte {
	header := []byte{f.kind, f.stream}
	header = binary.LittleEndian.AppendUint16(header, f.app)
	return binary.LittleEndian.AppendUint32(header, uint32(len(f.payload)))
}

// receive reads one frame. The payload is valid until the next call.
func receive(r io.Reader, buffer []byte) (frame, []byte, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return frame{}, buffer, err
	}
	size := int(binary.LittleEndian.Uint32(header[4:]))
	if size > maxPayload {
		return frame{}, buffer, fmt.Errorf("a frame of %d bytes", size)
	}
	if size > cap(buffer) {
		buffer = make([]byte, size)
	}
	payload := buffer[:size]
	_, err := io.ReadFull(r, payload)
	return frame{kind: header[0], stream: header[1], app: binary.LittleEndian.Uint16(header[2:]), payload: payload}, buffer, err
}
