package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// soaked is what a podtui has got at some time.
type soaked struct {
	Pods        int // that it has run by then
	Descriptors int
	Goroutines  int
	Watches     int // of inotify
	Children    int // zombies too
	Cgroups     int
	Mounts      int
	Heap        int // bytes
}

// A podtui that stays open for long runs many pods, and has no more for it.
func TestManyPodsLeaveNothingBehindInWhoRunsThem(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	h := enginetest.NewHost(t)
	image := h.Fetched(enginetest.BuildImage(t, "busybox"))
	soak := exec.Command(os.Args[0], image.ID)
	soak.Env = append(os.Environ(), soakRole+"="+h.Dir)
	var stderr bytes.Buffer
	soak.Stderr = &stderr
	out, err := soak.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.Bytes())
	}
	var had []soaked
	for line := range bytes.Lines(out) {
		var s soaked
		if err := json.Unmarshal(line, &s); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		t.Logf("%+v", s)
		had = append(had, s)
	}
	if len(had) != 3 {
		t.Fatalf("%d looks", len(had))
	}
	for _, s := range had[1:] {
		few := had[0]
		if s.Descriptors > few.Descriptors || s.Goroutines > few.Goroutines || s.Watches > few.Watches ||
			s.Children > 0 || s.Cgroups > 0 || s.Mounts > 0 {
			t.Errorf("after %d pods it had %+v, after %d %+v", few.Pods, few, s.Pods, s)
		}
		if grown := s.Heap - few.Heap; grown > 1<<19 {
			t.Errorf("after %d pods it needs %d bytes more than after %d", s.Pods, grown, few.Pods)
		}
	}
	for _, left := range h.Leftovers() {
		t.Errorf("left: %s", left)
	}
}

// soakRole is this test binary as a podtui that runs many pods, in a process that
// no other test is in.
const soakRole = "PODTUI_TEST_SOAK"

func soakMain(dir string) {
	e, err := engine.Open(engine.Options{Dir: dir})
	if err == nil {
		err = (&soak{Engine: e, dir: dir, image: os.Args[1]}).run()
		err = errors.Join(err, e.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

type soak struct {
	*engine.Engine
	dir, image string

	known atomic.Int32 // pods that who follows them knows of

	mu    sync.Mutex
	uuids []string
}

// run runs 200 pods, some 20 at a time and some one after the other, while somebody
// follows the pods as the screen of all pods does. By the first look both have been.
func (s *soak) run() error {
	ctx, cancel := context.WithCancel(context.Background())
	followed := make(chan error, 1)
	go func() { followed <- s.FollowPods(ctx, s.count()) }()
	var err error
	for _, pods := range []struct{ atOnce, inTurn int }{{20, 30}, {0, 100}, {50, 0}} {
		err = errors.Join(s.batch(ctx, pods.atOnce, 20), s.batch(ctx, pods.inTurn, 1))
		if err == nil {
			err = s.look(ctx)
		}
		if err != nil {
			break
		}
	}
	cancel()
	if followErr := <-followed; !errors.Is(followErr, context.Canceled) {
		err = errors.Join(err, followErr)
	}
	return err
}

// count keeps count of the pods that are told of.
func (s *soak) count() func(engine.PodsChange) error {
	known := make(map[string]bool)
	return func(c engine.PodsChange) error {
		if c.All {
			clear(known)
		}
		for _, pod := range c.Changed {
			known[pod.UUID] = true
		}
		for _, uuid := range c.Gone {
			delete(known, uuid)
		}
		s.known.Store(int32(len(known)))
		return nil
	}
}

// batch runs pods and collects them.
func (s *soak) batch(ctx context.Context, pods, atOnce int) error {
	var all errgroup.Group
	all.SetLimit(atOnce)
	for n := range pods {
		all.Go(func() error { return s.pod(ctx, n%20 == 0) })
	}
	if err := all.Wait(); err != nil {
		return err
	}
	c, err := s.GC(ctx, engine.GCOptions{})
	if err == nil && len(c.Pods) != pods {
		err = fmt.Errorf("%d of %d pods were collected", len(c.Pods), pods)
	}
	return err
}

// pod runs one pod and looks at it in every way.
func (s *soak) pod(ctx context.Context, follow bool) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	o := skipVerify()
	o.Output = func(int, string, []byte) {}
	running, err := s.Run(ctx, spec.Pod{Apps: []spec.App{{Image: s.image, Exec: "/bin/echo", Args: []string{"said"}}}}, o, nil)
	if err != nil {
		return err
	}
	defer running.Close()
	s.mu.Lock()
	s.uuids = append(s.uuids, running.UUID)
	s.mu.Unlock()
	if _, err := s.WaitPod(ctx, running.UUID); err != nil {
		return err
	}
	lines := 0
	count := func(l []poddir.LogLine) error { lines += len(l); return nil }
	if err := s.Logs(ctx, running.UUID, engine.LogOptions{Follow: follow}, count); err != nil || lines != 1 {
		return fmt.Errorf("%d lines were logged (%v)", lines, err) //nolint:errorlint // it may be nil
	}
	exit, err := running.Wait()
	if err == nil && exit != 0 {
		err = fmt.Errorf("exit %d", exit)
	}
	return err
}

// look tells what this process has got, once who follows the pods has let go of
// those that are gone.
func (s *soak) look(ctx context.Context) error {
	for s.known.Load() > 0 {
		time.Sleep(10 * time.Millisecond)
	}
	if _, err := s.Pods(); err != nil {
		return err
	}
	now := s.have()
	for range 20 { // what is on its way out is out by then
		time.Sleep(20 * time.Millisecond)
		again := s.have()
		now.Descriptors = min(now.Descriptors, again.Descriptors)
		now.Goroutines = min(now.Goroutines, again.Goroutines)
		now.Watches = min(now.Watches, again.Watches)
		now.Children = min(now.Children, again.Children)
		now.Heap = min(now.Heap, again.Heap)
	}
	return errors.Join(json.NewEncoder(os.Stdout).Encode(now), ctx.Err())
}

func (s *soak) have() soaked {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := soaked{
		Pods: len(s.uuids), Goroutines: runtime.NumGoroutine(),
		Descriptors: len(glob("/proc/self/fd/*")),
		Watches:     words(glob("/proc/self/fdinfo/*"), "inotify wd:"),
		Mounts:      words([]string{"/proc/self/mountinfo"}, s.dir),
		Heap:        heap(),
	}
	for _, file := range glob("/proc/self/task/*/children") {
		children, _ := os.ReadFile(file)
		h.Children += len(strings.Fields(string(children)))
	}
	there := strings.Join(append(glob("/sys/fs/cgroup/*/podtui-*"), glob("/sys/fs/cgroup/podtui-*")...), " ")
	for _, uuid := range s.uuids {
		if strings.Contains(there, uuid) {
			h.Cgroups++
		}
	}
	return h
}

// heap is what is in use once what pools held is gone.
func heap() int {
	var memory runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&memory)
	return int(memory.HeapAlloc + memory.StackInuse)
}

func glob(pattern string) []string {
	paths, _ := filepath.Glob(pattern)
	return paths
}

// words counts a word in files.
func words(files []string, word string) (n int) {
	for _, file := range files {
		text, _ := os.ReadFile(file)
		n += strings.Count(string(text), word)
	}
	return n
}
