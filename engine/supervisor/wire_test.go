package supervisor

import (
	"bytes"
	"testing"
)

// Both ways to read frames read the same, and nothing that is not there.
func FuzzFrames(f *testing.F) {
	f.Add(append(frame{kind: frameOutput, stream: 1, app: 7, payload: make([]byte, 5)}.appendHeader(nil), "words"...))
	f.Add([]byte{'r', 0, 0, 0, 2, 0, 0, 0, '{', '}', 'x', 0, 0, 0, 255, 255, 255, 255})
	f.Add(bytes.Repeat([]byte{'z', 0, 0, 0, 16, 0, 0, 0}, 9))
	f.Fuzz(func(t *testing.T, p []byte) {
		one, other := bytes.NewReader(p), newFrameReader(bytes.NewReader(p))
		var buffer []byte
		for total := 0; ; {
			var a frame
			var err error
			a, buffer, err = receive(one, buffer, maxPayload)
			b, otherErr := other.next()
			if (err == nil) != (otherErr == nil) {
				t.Fatalf("%v and %v", err, otherErr)
			}
			if err != nil {
				return
			}
			if a.kind != b.kind || a.stream != b.stream || a.app != b.app || !bytes.Equal(a.payload, b.payload) || a.number(1) != b.number(1) {
				t.Fatalf("%+v and %+v", a, b)
			}
			if total += headerSize + len(a.payload); total > len(p) {
				t.Fatalf("%d bytes of frames out of %d", total, len(p))
			}
		}
	})
}
