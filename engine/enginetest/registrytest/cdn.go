package registrytest

import (
	"net/http"
	"path/filepath"
	"strings"
)

// signature is what a CDN wants to see in a URL, and nothing else.
const signature = "X-Signature=of-this-test"

// toCDN sends who may have a blob to where it is.
func (r *Registry) toCDN(w http.ResponseWriter, q *http.Request, answer http.Handler) {
	if q.Method != http.MethodGet {
		answer.ServeHTTP(w, q)
		return
	}
	// docker-registry decides; only its yes becomes a redirect.
	head := q.Clone(q.Context())
	head.Method = http.MethodHead
	answer.ServeHTTP(redirecting{w, r.CDN.URL + q.URL.Path + "?" + signature}, head)
}

// redirecting turns a success, which has no body, into a redirect.
type redirecting struct {
	http.ResponseWriter
	to string
}

func (r redirecting) WriteHeader(status int) {
	h := r.Header()
	for _, name := range []string{"Content-Length", "Content-Type"} {
		h.Del(name)
	}
	if status < http.StatusBadRequest {
		h.Del("Etag")
		h.Del("Docker-Content-Digest")
		h.Set("Location", r.to)
		status = http.StatusTemporaryRedirect
	}
	r.ResponseWriter.WriteHeader(status)
}

// serveBlob is the content delivery network: the registry's files, with ranges,
// for everybody who has the signature, and as those of the large clouds for
// nobody who brings other credentials.
func (r *Registry) serveBlob(w http.ResponseWriter, q *http.Request) {
	_, digits, ok := strings.Cut(q.URL.Path, "/blobs/sha256:")
	switch {
	case !ok || len(digits) != 64:
		http.NotFound(w, q)
	case q.URL.RawQuery != signature || q.Header.Get("Authorization") != "":
		http.Error(w, "one signature, and no other credentials", http.StatusBadRequest)
	default:
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeFile(w, q, r.BlobFile("sha256:"+digits))
	}
}

// BlobFile is where docker-registry keeps a blob.
func (r *Registry) BlobFile(digest string) string {
	digits := strings.TrimPrefix(digest, "sha256:")
	return filepath.Join(r.storage, "docker/registry/v2/blobs/sha256", digits[:2], digits, "data")
}
