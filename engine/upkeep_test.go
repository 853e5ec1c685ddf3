package engine_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
)

// What is removed while it is read is read to its end.
func TestAnImageThatIsVerifiedStaysWhileItIs(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	image := h.Fetched(enginetest.BuildImage(t, "busybox"))
	removed := false
	damage, err := h.VerifyImage(t.Context(), image.ID, func(int64, int64) {
		if !removed {
			removed = true
			if err := h.Open().RemoveImage(image.ID); err != nil {
				t.Error(err)
			}
		}
	})
	if err != nil || len(damage) > 0 || !removed {
		t.Errorf("%v, %v", damage, err)
	}
	if _, err := h.VerifyImage(t.Context(), image.ID, nil); !errors.Is(err, engine.ErrNoImage) {
		t.Errorf("later: %v", err)
	}
	if _, err := h.GCImages(t.Context(), 0); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(filepath.Join(h.Dir, "store", "layers")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestADamagedImageDoesNotRunWhereItIsVerified(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	image := h.Fetched(enginetest.BuildImage(t, "busybox"))
	passwd := filepath.Join(h.Dir, "store", "layers", image.ID, "rootfs", "etc", "passwd")
	text, err := os.ReadFile(passwd)
	if err != nil {
		t.Fatal(err)
	}
	text[0] ^= 1
	if err := os.WriteFile(passwd, text, 0o644); err != nil {
		t.Fatal(err)
	}
	pod := enginetest.Pod(spec.App{Image: image.ID, Exec: "/bin/true"})
	if got := h.Run(pod); got.Err != nil || got.Exit != 0 {
		t.Errorf("unasked: %v", got.Err)
	}
	pod.VerifyImage = true
	if got := h.Run(pod); got.Exit != 125 || !strings.Contains(got.Err.Error(), "damaged: /etc/passwd: ") {
		t.Errorf("asked: %d, %v", got.Exit, got.Err)
	}
}
