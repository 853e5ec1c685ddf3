package fetch_test

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest/registrytest"
	"github.com/podtui/podtui/store"
)

func TestEightProcessesAreServedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	data, id := big(t).build(t)
	w.File("/big.aci", data)
	r := registrytest.Start(t, registrytest.Options{})
	r.Push(t, oci(registrytest.BusyboxLayout(t)), "busybox:1", registrytest.PushOptions{})
	image := w.pushBig(r)
	for reference, want := range map[string]string{w.URL("/big.aci"): id, image: ""} {
		var group sync.WaitGroup
		for range 8 {
			cmd := w.command(reference)
			group.Go(func() {
				out, err := cmd.CombinedOutput()
				if got := strings.TrimSpace(string(out)); err != nil || want != "" && got != want {
					t.Errorf("%s: %v: %s", reference, err, out)
				}
			})
		}
		group.Wait()
	}
	if served := w.Served("/big.aci"); served != int64(len(data)) {
		t.Errorf("an ACI of %d bytes: %d served", len(data), served)
	}
	for _, q := range r.Requests("GET", "/blobs/") {
		if n := len(r.Requests("GET", q.Path)); n != 1 {
			t.Errorf("%s was asked for %d times", q.Path, n)
		}
	}
}

// pushBig pushes an image of layers that take a while, and returns its
// reference.
func (w *world) pushBig(r *registrytest.Registry) string {
	w.tb.Helper()
	blobs := registrytest.Blobs{}
	var layers [][]registrytest.Entry
	for _, name := range []string{"a", "b", "c"} {
		layers = append(layers, []registrytest.Entry{{Name: name, Body: noise(w.tb, 2<<20)}})
	}
	top, err := blobs.AddImage(registrytest.Image{Layers: layers, Config: map[string]any{"Cmd": []string{"/a"}}})
	if err != nil {
		w.tb.Fatal(err)
	}
	for digest, blob := range blobs {
		if digest != top.Digest {
			r.PushBlob(w.tb, "big", blob)
		}
	}
	r.PushManifest(w.tb, "big", "1", top.MediaType, blobs[top.Digest])
	return "docker://" + r.Host + "/big:1"
}

// kill -9 at any moment: what is listed is whole, the next fetch succeeds, and
// gc leaves nothing behind.
func TestAFetchThatIsKilledGoesOnInTheNext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	data, _ := big(t).build(t)
	w.File("/big.aci", data)
	r := registrytest.Start(t, registrytest.Options{})
	image := w.pushBig(r)
	moments := rand.New(rand.NewPCG(4, 2026))
	for _, reference := range []string{w.URL("/big.aci"), image} {
		took := w.timed(reference)
		for range 15 {
			w.emptied()
			w.killed(w.command(reference), time.Duration(moments.Int64N(int64(took))))
			w.whole()
			if out, err := w.command(reference).CombinedOutput(); err != nil {
				t.Fatalf("after a kill: %v: %s", err, out)
			}
			w.whole()
		}
	}
	w.emptied()
	for _, folder := range []string{"images", "layers", "partial", "tmp", "turns", "remembered"} {
		if left, err := os.ReadDir(filepath.Join(w.dir, "store", folder)); err == nil && len(left) > 0 {
			t.Errorf("gc left in %s: %v", folder, left)
		}
	}
}

// timed fetches once, and tells how long that takes here and now.
func (w *world) timed(reference string) time.Duration {
	w.tb.Helper()
	start := time.Now()
	if out, err := w.command(reference).CombinedOutput(); err != nil {
		w.tb.Fatalf("%v: %s", err, out)
	}
	return time.Since(start)
}

// killed lets a fetch run for a while.
func (w *world) killed(cmd *exec.Cmd, after time.Duration) {
	w.tb.Helper()
	if err := cmd.Start(); err != nil {
		w.tb.Fatal(err)
	}
	time.Sleep(after)
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // which says that it was killed
}

// emptied removes all images, and everything that belongs to none.
func (w *world) emptied() {
	w.tb.Helper()
	s := w.store()
	list, err := s.List()
	if err != nil {
		w.tb.Fatal(err)
	}
	for _, e := range list {
		if err := s.Remove(e.ID); err != nil {
			w.tb.Fatal(err)
		}
	}
	if _, err := s.GC(w.tb.Context(), store.GCOptions{}); err != nil {
		w.tb.Fatal(err)
	}
}

// whole checks that every image that is listed has all its bytes.
func (w *world) whole() {
	w.tb.Helper()
	s := w.store()
	list, err := s.List()
	if err != nil {
		w.tb.Fatal(err)
	}
	for _, e := range list {
		damage, err := s.Verify(w.tb.Context(), e.ID, nil)
		if err != nil || len(damage) > 0 {
			w.tb.Errorf("%s: %v %v", e.Name, damage, err)
		}
	}
}
