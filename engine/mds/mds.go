// Package mds is the metadata service of ace.md ("App Container Metadata
// Service"). Over HTTP an app learns what its pod is and what its images say, has
// content signed in its pod's name, and has what other pods signed verified. A
// pod is told by the token in the path of its URL, which no other pod can know.
//
// It answers out of a pod's record (engine/poddir), and keeps one thing of its
// own: the key of a data folder, of which tokens and signatures are made. It
// doesn't know where it is heard, or which pods run: that is its owner's, which is
// a pod's supervisor for that pod alone, or "podtui metadata-service" for all pods
// of a data folder.
//
// Who asks is not trusted, and need not be an app: on the host's network every
// process can connect. What connections can cost is bounded; who has no token
// learns nothing, and has no body read.
package mds

import (
	"io"
	"sync"

	"github.com/podtui/podtui/engine/poddir"
)

// Source is where answers come from.
type Source struct {
	Key *Key

	// Record returns what is executed of a pod that runs. The error says that there
	// is no such pod.
	Record func(uuid string) (poddir.Record, error)

	// ImageManifest returns the manifest of an image of such a pod, byte for byte.
	ImageManifest func(imageID string) ([]byte, error)
}

// handler answers requests.
type handler struct {
	Source
	turn sync.Mutex // one answer is made at a time: what the apps of a pod can cost us is bounded
}

// respond answers a request, whose body comes from in. A client that waits to send
// it is told to through out. It calls known when the client has shown its token.
func (h *handler) respond(r request, in io.Reader, out io.Writer, known func()) (answer, error) {
	token, at, ok := route(r.path)
	if !ok {
		return answer{}, errNotFound
	}
	pod, ok := h.Key.podOf(token)
	if !ok {
		return answer{}, errNotFound
	}
	if !at.takes(r.method) {
		return answer{}, &refusal{status: 405, message: "use the method " + at.method(), allow: at.method()}
	}
	q := question{Source: h.Source, pod: pod}
	var err error
	if q.record, err = h.recordOf(pod); err != nil {
		return answer{}, errNotFound
	}
	known()
	if at.method() == methodPost {
		q.record = poddir.Record{} // it isn't kept while a form comes, which may take its time
		if q.form, err = readForm(r, in, out); err != nil {
			return answer{}, err
		}
	}
	h.turn.Lock()
	defer h.turn.Unlock()
	return q.answer(at)
}

func (h *handler) recordOf(pod string) (poddir.Record, error) {
	h.turn.Lock()
	defer h.turn.Unlock()
	return h.Record(pod)
}
