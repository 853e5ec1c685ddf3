package enginetest

import (
	"context"
	"io"
)

// ExportPod writes that it was asked for the root of an app.
func (s *Scripted) ExportPod(ctx context.Context, uuid, app string, w io.Writer, _ func(path string)) (string, error) {
	if err := s.deed(ctx, "export "+app+" of", uuid); err != nil {
		return "", err
	}
	_, err := io.WriteString(w, "the root of "+app+"\n")
	return "", err
}
