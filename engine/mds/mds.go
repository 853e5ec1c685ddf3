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
	"errors"
	"net/http"
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

// The content types of ace.md, to the letter: clients compare them.
const (
	typeJSON = "application/json"
	typeText = "text/plain; charset=us-ascii"
)

// answer is what an endpoint says.
type answer struct {
	contentType string
	body        []byte
}

// refusal is an error that a client is told.
type refusal struct {
	status  int
	message string
}

func (r *refusal) Error() string { return r.message }

var errNotFound = &refusal{http.StatusNotFound, "there is nothing here"}

// handler answers requests.
type handler struct {
	Source
	turn sync.Mutex // one answer is made at a time: what the apps of a pod can cost us is bounded
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, err := h.respond(w, r)
	write(w, a, err)
}

func (h *handler) respond(w http.ResponseWriter, r *http.Request) (answer, error) {
	token, at, ok := route(r.URL.Path)
	if !ok {
		return answer{}, errNotFound
	}
	pod, ok := h.Key.podOf(token)
	if !ok {
		return answer{}, errNotFound
	}
	if !at.takes(r.Method) {
		w.Header().Set("Allow", at.method())
		return answer{}, &refusal{http.StatusMethodNotAllowed, "use the method " + at.method()}
	}
	q := question{Source: h.Source, pod: pod}
	var err error
	if q.record, err = h.recordOf(pod); err != nil {
		return answer{}, errNotFound
	}
	if at.method() == http.MethodPost {
		q.record = poddir.Record{} // it isn't kept while a form comes, which may take its time
		if q.form, err = readForm(w, r); err != nil {
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

// write sends an answer, or why there is none.
func write(w http.ResponseWriter, a answer, err error) {
	status := http.StatusOK
	if err != nil {
		told := &refusal{http.StatusInternalServerError, "podtui can't read what was asked for"}
		_ = errors.As(err, &told)
		a, status = answer{typeText, []byte(told.message + "\n")}, told.status
	}
	w.Header().Set("Content-Type", a.contentType)
	w.WriteHeader(status)
	_, _ = w.Write(a.body) // who has gone needs no answer
}
