package enginetest

import (
	"context"
	"errors"
	"io"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
)

// ExportPod writes that it was asked for the root of an app.
func (s *Scripted) ExportPod(ctx context.Context, uuid, app string, w io.Writer, _ func(path string)) (string, error) {
	if err := s.deed(ctx, "export "+app+" of", uuid); err != nil {
		return "", err
	}
	_, err := io.WriteString(w, "the root of "+app+"\n")
	return "", err
}

// Import imports nothing.
func (s *Scripted) Import(context.Context, string, io.Reader, int64, event.Sink) (engine.Image, error) {
	return engine.Image{}, errors.New("nothing is imported here")
}
