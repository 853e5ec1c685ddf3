package registrytest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// PushOptions says how skopeo is to write an image.
type PushOptions struct {
	Format      string // "v2s2" or "oci"; "" is what the source has
	Compression string // "gzip" or "zstd"; "" is what the source has
	All         bool   // an index with all that is in it
}

// Push copies an image into the registry with skopeo. The source is written as
// skopeo does: oci:FOLDER:TAG, docker-archive:FILE. The name is REPOSITORY[:TAG].
// The copy goes past the server before the registry, and no log keeps it.
func (r *Registry) Push(tb testing.TB, source, name string, o PushOptions) {
	tb.Helper()
	need(tb, "skopeo")
	args := []string{"--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false"}
	if o.Format != "" {
		args = append(args, "--format="+o.Format)
	}
	if o.Compression != "" {
		args = append(args, "--dest-compress-format="+o.Compression)
	}
	if o.All {
		args = append(args, "--all")
	}
	if r.options.User != "" {
		args = append(args, "--dest-creds="+r.options.User+":"+r.options.Password)
	}
	skopeo := exec.Command("skopeo", append(args, source, "docker://"+r.Direct+"/"+name)...)
	// What it remembers of blobs would stay on this host, and let a later push
	// take a blob of another compression: it is told to be no root, with a home
	// that goes with the test.
	skopeo.Env = append(os.Environ(), "_CONTAINERS_ROOTLESS_UID=65534", "XDG_DATA_HOME="+tb.TempDir())
	if out, err := skopeo.CombinedOutput(); err != nil {
		tb.Fatalf("skopeo: %v: %s", err, out)
	}
	r.forget()
}

// forget leaves out of the logs what a push has asked the token service for.
func (r *Registry) forget() {
	if r.Tokens != nil {
		r.Tokens.Forget()
	}
}

// PushBlob stores a blob, and returns its digest.
func (r *Registry) PushBlob(tb testing.TB, repo string, blob []byte) (digest string) {
	tb.Helper()
	digest = Digest(blob)
	begun := r.ask(tb, repo, http.MethodPost, "/v2/"+repo+"/blobs/uploads/", "", nil)
	to, err := url.Parse(begun.Get("Location"))
	if err != nil {
		tb.Fatal(err)
	}
	q := to.Query()
	q.Set("digest", digest)
	r.ask(tb, repo, http.MethodPut, to.Path+"?"+q.Encode(), "application/octet-stream", blob)
	return digest
}

// PushManifest stores a manifest or an index under a tag or its digest, and
// returns its digest. docker-registry refuses what names blobs or manifests
// that it does not have: for lies there is Inject.
func (r *Registry) PushManifest(tb testing.TB, repo, tag, mediaType string, manifest []byte) (digest string) {
	tb.Helper()
	r.ask(tb, repo, http.MethodPut, "/v2/"+repo+"/manifests/"+tag, mediaType, manifest)
	return Digest(manifest)
}

// ask asks docker-registry itself, as who may do everything.
func (r *Registry) ask(tb testing.TB, repo, method, path, contentType string, body []byte) http.Header {
	tb.Helper()
	q, err := http.NewRequest(method, r.scheme()+"://"+r.Direct+path, bytes.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	if contentType != "" {
		q.Header.Set("Content-Type", contentType)
	}
	switch {
	case r.Tokens != nil:
		q.Header.Set("Authorization", "Bearer "+r.Tokens.Token(repo, "pull", "push"))
	case r.options.User != "":
		q.SetBasicAuth(r.options.User, r.options.Password)
	}
	answer, err := (&http.Client{Transport: r.transport}).Do(q)
	if err != nil {
		tb.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= http.StatusBadRequest {
		tb.Fatalf("%s %s: %s: %s (%v)", method, path, answer.Status, strings.TrimSpace(string(text)), err)
	}
	return answer.Header
}

// Digest is the sha256 digest of a blob, as registries write it.
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}
