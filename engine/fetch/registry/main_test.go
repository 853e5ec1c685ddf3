package registry

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/podtui/podtui/engine/enginetest/registrytest"
	"github.com/podtui/podtui/engine/fetch/credential"
	"github.com/podtui/podtui/engine/fetch/oci"
	"github.com/podtui/podtui/engine/fetch/transfer"
	"github.com/podtui/podtui/engine/imageref"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// logins are what config.json has for a host.
type logins map[string]map[string]string

func login(user, password string) map[string]string {
	return map[string]string{"auth": base64.StdEncoding.EncodeToString([]byte(user + ":" + password))}
}

// client is one whose credentials are these, and who waits for nobody.
func client(t *testing.T, o transfer.Options, l logins) *Client {
	t.Helper()
	config, err := json.Marshal(map[string]any{"auths": l})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		t.Fatal(err)
	}
	return clientOf(t, o, credential.Sources{DockerConfig: file})
}

func clientOf(t *testing.T, o transfer.Options, s credential.Sources) *Client {
	t.Helper()
	o.Backoff = func(int) time.Duration { return time.Millisecond }
	if o.Attempts == 0 {
		o.Attempts = 2
	}
	web := transfer.New(o)
	t.Cleanup(web.Close)
	return New(web, credential.Load(s), Options{AllowHTTP: o.AllowHTTP})
}

// repository is one of a registry of the test.
func (c *Client) at(t *testing.T, host, rest string) *Repository {
	t.Helper()
	ref, err := imageref.Parse("docker://"+host+"/"+rest, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c.Repository(ref.Registry)
}

func platform() oci.Platform { return oci.Platform{OS: "linux", Architecture: runtime.GOARCH} }

// fetch reads all of an image, each layer downloaded.
func fetch(t *testing.T, r *Repository) (*oci.Image, error) {
	t.Helper()
	top, _, _, err := r.Top(t.Context(), "")
	if err != nil {
		return nil, err
	}
	img, err := oci.Read(t.Context(), r, top, platform())
	if err != nil {
		return nil, err
	}
	for _, l := range img.Layers {
		if err := download(t, r, l.Descriptor); err != nil {
			return nil, err
		}
	}
	return img, nil
}

func download(t *testing.T, r *Repository, d oci.Descriptor) error {
	t.Helper()
	_, err := r.host.c.http.Download(t.Context(), r.Blob(d), &memory{}, transfer.Wanted{Size: d.Size, Digest: string(d.Digest)})
	return r.Explain(err)
}

// memory keeps a download of a test.
type memory struct {
	bytes.Buffer
	validator transfer.Validator
}

func (m *memory) Size() int64 { return int64(m.Len()) }

func (m *memory) Restart() error {
	m.Reset()
	m.validator = transfer.Validator{}
	return nil
}

func (m *memory) Validator() transfer.Validator { return m.validator }

func (m *memory) SetValidator(v transfer.Validator) error {
	m.validator = v
	return nil
}

func (m *memory) ReadAt(p []byte, at int64) (int, error) {
	return bytes.NewReader(m.Bytes()).ReadAt(p, at)
}

// wantError looks at the words of an error, and at its kind where it is one of
// ours.
func wantError(t *testing.T, err error, kind Kind, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; wanted one with %q", words)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q does not say %q", err, word)
		}
	}
	if strings.ContainsAny(err.Error(), "\n\x1b") || len(err.Error()) > 500 {
		t.Errorf("error is no line: %q", err)
	}
	var no *Error
	if errors.As(err, &no) && no.Kind != kind {
		t.Errorf("error %q is of kind %d, not %d", err, no.Kind, kind)
	}
}

// noCredentials fails if a server has seen any.
func noCredentials(t *testing.T, s *registrytest.Server) {
	t.Helper()
	for _, r := range s.Requests("", "") {
		if r.Authorization != "" || r.Form != "" {
			t.Errorf("%s %s at %s has credentials: %s %s", r.Method, r.Path, s.Host, r.Authorization, r.Form)
		}
	}
}
