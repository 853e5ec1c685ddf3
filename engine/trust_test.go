package engine_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/enginetest/gpg"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// signed is an image file with its signature beside it.
func signed(t *testing.T, image string, signature []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "image.aci")
	data := read(t, enginetest.BuildImage(t, image))
	for name, content := range map[string][]byte{path: data, path + ".asc": signature} {
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestEachRefusalInItsWords is the list of the contract, section 5: none of them
// runs, and each says why.
func TestEachRefusalInItsWords(t *testing.T) {
	t.Parallel()
	home := gpg.New(t)
	data := read(t, enginetest.BuildImage(t, "busybox"))
	long := time.Now().Add(-48 * time.Hour)
	key := home.Key("Example Builds <builds@example.com>")
	old := home.Key("Old", gpg.CreatedAt(long), gpg.Expires("30d"))
	for name, c := range map[string]struct {
		trusted   gpg.Key
		prefix    string
		signature []byte
		says      []string
	}{
		"unknown key":     {old, "", key.Sign(data), []string{"unknown key " + key.KeyID()}},
		"not trusted for": {key, "example.com", key.Sign(data), []string{"not trusted for busybox.net/busybox", "example.com"}},
		"bad signature":   {key, "", key.Sign(data[1:]), []string{"bad signature"}},
		"expired":         {old, "", old.Sign(data, gpg.At(long.Add(time.Hour)), gpg.ExpiresIn("1d")), []string{"expired"}},
		"weak":            {key, "", key.Sign(data, gpg.Digest("SHA1")), []string{"weak", "SHA-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			h.Trusts(c.prefix, c.trusted.Armored())
			_, err := h.Engine.Run(t.Context(), enginetest.Pod(spec.App{Image: signed(t, "busybox", c.signature)}), engineOptions(), nil)
			var unverified *engine.UnverifiedError
			if !errors.As(err, &unverified) || engine.ExitStatus(err) != engine.StatusCannotRun || strings.Contains(err.Error(), "\n") {
				t.Fatalf("%v", err)
			}
			for _, words := range c.says {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("%v does not say %q", err, words)
				}
			}
			if images, _ := h.Images(); len(images) > 0 {
				t.Errorf("stored %v", images)
			}
		})
	}
}

// What runs is what was vouched for today, and its record says so wherever it is
// shown.
func TestWhoVouchesIsAskedAtEachRun(t *testing.T) {
	t.Parallel()
	h, key := enginetest.NewHost(t), gpg.New(t).Key("Example Builds")
	h.Trusts("busybox.net", key.Armored())
	path := signed(t, "busybox", key.Sign(read(t, enginetest.BuildImage(t, "busybox"))))
	pod := enginetest.Pod(spec.App{Image: path, Exec: "/bin/echo", Args: []string{"verified"}})
	run := func() error {
		running, err := h.Engine.Run(t.Context(), pod, engineOptions(), nil)
		if err == nil {
			_, err = running.Wait()
			running.Close()
		}
		return err
	}
	if err := run(); err != nil {
		t.Fatal(err)
	}
	images, err := h.Images()
	if err != nil || len(images) != 1 || images[0].VerifiedBy != "Example Builds" || images[0].VerifiedKey != key.Fingerprint() {
		t.Fatalf("%v %+v", err, images)
	}
	pods, _ := h.Pods()
	if len(pods) != 1 || pods[0].Apps[0].Unverified || len(pods[0].Insecure) > 0 {
		t.Errorf("%+v", pods)
	}
	removed, err := h.Distrust(key.Fingerprint(), nil)
	if err != nil || len(removed) != 1 || removed[0].Scope != "busybox.net" {
		t.Fatalf("%v %+v", err, removed)
	}
	var unverified *engine.UnverifiedError
	if err := run(); !errors.As(err, &unverified) || !strings.Contains(err.Error(), "unknown key") {
		t.Errorf("without its key: %v", err)
	}
	if images, _ := h.Images(); images[0].VerifiedBy != "" {
		t.Errorf("%+v", images)
	}
	// A consent for one image, for this run.
	options := engineOptions()
	options.Unverified = map[string]string{path: ""}
	running, err := h.Engine.Run(t.Context(), pod, options, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = running.Wait()
	running.Close()
	pods, _ = h.Pods()
	if !slices.ContainsFunc(pods, func(p poddir.Status) bool { return p.UUID == running.UUID && p.Apps[0].Unverified }) {
		t.Errorf("%+v", pods)
	}
}

// Content is approved, and taken back, by its ID.
func TestAStoredImageIsApproved(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	image := h.Fetched(enginetest.BuildImage(t, "busybox"))
	if change, err := h.Approve(image.ID, "seen"); err != nil || change != engine.TrustNew {
		t.Fatalf("%v %v", change, err)
	}
	images, err := h.Images()
	if err != nil || images[0].VerifiedPin != image.ID {
		t.Errorf("%v %+v", err, images)
	}
	if trusted, err := h.Trusted(); err != nil || len(trusted.Pins) != 1 || trusted.Pins[0].Note != "seen" {
		t.Errorf("%v %+v", err, trusted)
	}
	if err := h.Withdraw(image.ID); err != nil {
		t.Fatal(err)
	}
	if images, _ := h.Images(); images[0].VerifiedBy != "" {
		t.Errorf("%+v", images)
	}
}
