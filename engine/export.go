package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/podroot"
	"github.com/podtui/podtui/store"
)

// ExportPod writes the root of an app of a pod that does not run, with what it
// changed there, as a gzipped ACI, and returns the ID that the image has. app may
// be "" where the pod has one. What is on volumes is not in it. Left is told of
// what no archive can hold.
func (e *Engine) ExportPod(ctx context.Context, word, app string, w io.Writer, left func(path string)) (id string, err error) {
	at := PodPath{Pod: word, App: app}
	dir, status, n, err := e.app(at)
	if err != nil {
		return "", err
	}
	if status.State == poddir.Running {
		return "", fmt.Errorf("pod %s is running: what it writes while it is exported would be torn; stop it first", dir.UUID)
	}
	manifest, err := e.wholeManifest(status.Apps[n].ImageID)
	if err != nil {
		return "", fmt.Errorf("pod %s: %w", dir.UUID, err)
	}
	err = e.withEndedRoot(ctx, dir, n, func(_ *poddir.Dir, root *podroot.Root) error {
		z := gzip.NewWriter(w)
		id, err = store.Pack(ctx, z, manifest, root.Path(), left)
		if err != nil {
			return err
		}
		return z.Close()
	})
	return id, err
}

// wholeManifest is an image's manifest for a root that is whole: it stands on no
// other image, and nothing of it is left out.
func (e *Engine) wholeManifest(id string) ([]byte, error) {
	manifest, err := e.store.ManifestJSON(id)
	if err != nil {
		return nil, err
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(manifest, &parts); err != nil {
		return nil, fmt.Errorf("image %s: %w", id, err)
	}
	delete(parts, "dependencies")
	delete(parts, "pathWhitelist")
	var whole bytes.Buffer
	encoder := json.NewEncoder(&whole)
	encoder.SetEscapeHTML(false)
	err = encoder.Encode(parts)
	return whole.Bytes(), err
}
