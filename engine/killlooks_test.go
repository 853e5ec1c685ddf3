package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
)

// killLooks looks at the pods of a data folder all the time, and reads their logs.
type killLooks struct {
	host *crashHost
	name string // of the round
	said string // the folder in which the app says how far it is

	truth   atomic.Int32
	cancel  context.CancelFunc
	looking sync.WaitGroup

	mu      sync.Mutex
	readers []*shown
	samples []sample
	written int // what must be in the log

	// Who looks has these alone.
	followed map[string]bool
	lies     map[string]bool
}

// What is known for certain of the pod, whatever is said of it.
const (
	notKnown int32 = iota
	itRuns
	itRunsNoMore
)

// sample is how far the app was, at a time.
type sample struct {
	at  time.Time
	far int
}

func newKillLooks(h *crashHost, said, name string) *killLooks {
	return &killLooks{host: h, name: name, said: said, followed: make(map[string]bool), lies: make(map[string]bool)}
}

func (l *killLooks) unknown()    { l.truth.Store(notKnown) }
func (l *killLooks) runsNow()    { l.truth.Store(itRuns) }
func (l *killLooks) runsNoMore() { l.truth.Store(itRunsNoMore) }

// begin begins to look.
func (l *killLooks) begin() {
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	l.looking.Go(func() {
		for ctx.Err() == nil {
			l.look(ctx)
			time.Sleep(5 * time.Millisecond)
		}
	})
	l.looking.Go(func() {
		for ctx.Err() == nil {
			now := time.Now()
			far := l.far()
			l.mu.Lock()
			l.samples = append(l.samples, sample{now, far})
			l.mu.Unlock()
			time.Sleep(5 * time.Millisecond)
		}
	})
}

// end ends all looks. The pods are still there.
func (l *killLooks) end() {
	l.cancel()
	l.looking.Wait()
}

// fact is what can be seen of a pod from outside.
type fact struct {
	owned bool
	state unix.Stat_t // of its state file
}

func (l *killLooks) facts() map[string]fact {
	facts := make(map[string]fact)
	uuids, _ := poddir.List(l.host.pods())
	for _, uuid := range uuids {
		dir := filepath.Join(l.host.pods(), uuid)
		var f fact
		_ = unix.Lstat(filepath.Join(dir, "state"), &f.state)
		f.state.Atim = unix.Timespec{}
		if lock, err := os.Open(filepath.Join(dir, "lock")); err == nil {
			asked := unix.Flock_t{Type: unix.F_WRLCK}
			f.owned = unix.FcntlFlock(lock.Fd(), unix.F_OFD_GETLK, &asked) != nil || asked.Type != unix.F_UNLCK
			lock.Close()
		}
		facts[uuid] = f
	}
	return facts
}

// look asks how the pods are, and holds that against what was so before and after.
func (l *killLooks) look(ctx context.Context) {
	truth, before := l.truth.Load(), l.facts()
	pods, err := l.host.Pods()
	if err != nil {
		l.host.t.Errorf("%s: list: %v", l.name, err)
	}
	listed := make(map[string]poddir.Status, len(pods))
	for _, pod := range pods {
		listed[pod.UUID] = pod
		l.follow(ctx, pod.UUID)
	}
	alone, named := make(map[string]poddir.Status), make(map[string]error)
	for uuid := range before {
		var err error
		if alone[uuid], err = l.host.Pod(uuid); err != nil && !errors.Is(err, poddir.ErrNotFound) {
			l.host.t.Errorf("%s: pod: %v", l.name, err)
		}
		if name := listed[uuid].Name; name != "" {
			_, named[uuid] = l.host.Pod(name)
		}
	}
	after := l.facts()
	if l.truth.Load() != truth {
		truth = notKnown
	}
	for uuid, was := range before {
		is, there := after[uuid]
		if !there {
			continue
		}
		if err := named[uuid]; err != nil {
			l.host.t.Errorf("%s: by its name: %v", l.name, err)
		}
		nobody := !was.owned && !is.owned && was.state == is.state
		for how, pod := range map[string]poddir.Status{"listed": listed[uuid], "alone": alone[uuid]} {
			if lie := lieOf(pod, nobody, truth); lie != "" && !l.lies[lie] {
				l.lies[lie] = true // once is enough
				l.host.t.Errorf("%s: %s: %s: %+v; its lock is open in %q", l.name, how, lie, pod, l.holders(uuid))
			}
		}
	}
}

// holders are the processes that have a pod's lock open, as ps shows them.
func (l *killLooks) holders(uuid string) (commands []string) {
	lock := filepath.Join(l.host.pods(), uuid, "lock")
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		if to, err := os.Readlink(link); err == nil && to == lock {
			process := filepath.Dir(filepath.Dir(link))
			line, _ := os.ReadFile(filepath.Join(process, "cmdline"))
			stat, _ := os.ReadFile(filepath.Join(process, "stat"))
			commands = append(commands, fmt.Sprintf("%s %.40s", strings.ReplaceAll(string(line), "\x00", " "), stat))
		}
	}
	return commands
}

// lieOf tells what is not true of what is said of a pod that is there.
func lieOf(pod poddir.Status, nobody bool, truth int32) string {
	alive := pod.State == poddir.Running || pod.State == poddir.Preparing
	switch {
	case pod.UUID == "":
		return "a pod is hidden"
	case pod.Cause == "its state file is damaged":
		return "nobody damages it"
	case alive && nobody:
		return "nobody owns it"
	case pod.State != poddir.Running && truth == itRuns:
		return "it runs"
	case pod.State == poddir.Running && truth == itRunsNoMore:
		return "its supervisor is dead"
	}
	return ""
}

// far is how far the app says it is.
func (l *killLooks) far() int {
	word, _ := os.ReadFile(filepath.Join(l.said, "far"))
	n, _ := strconv.Atoi(strings.TrimSpace(string(word)))
	return n
}

// aboutToKill notes what the app had written 100 ms ago, unless this machine was so
// busy that nobody could know: we did not get our turn either.
func (l *killLooks) aboutToKill() {
	l.unknown()
	l.mu.Lock()
	defer l.mu.Unlock()
	next := time.Now()
	for _, s := range slices.Backward(l.samples) {
		if next.Sub(s.at) > 40*time.Millisecond {
			return
		}
		if next = s.at; time.Since(s.at) >= 100*time.Millisecond && s.far > 0 {
			l.written = s.far
			return
		}
	}
}

// shown is what a reader was shown.
type shown struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *shown) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// reads has one more reader.
func (l *killLooks) reads() *shown {
	l.mu.Lock()
	defer l.mu.Unlock()
	reader := &shown{}
	l.readers = append(l.readers, reader)
	return reader
}

// lines are the whole ones.
func (s *shown) lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := strings.Split(s.b.String(), "\n")
	return slices.DeleteFunc(lines, func(line string) bool { return !strings.HasPrefix(line, "line ") || !strings.HasSuffix(line, " end") })
}

// follow has another reader follow a pod's log.
func (l *killLooks) follow(ctx context.Context, uuid string) {
	if l.followed[uuid] {
		return
	}
	l.followed[uuid] = true
	reader := l.reads()
	l.looking.Go(func() {
		err := l.host.Logs(ctx, uuid, engine.LogOptions{Follow: true}, reader.take)
		gone := errors.Is(err, poddir.ErrNotFound) || errors.Is(err, fs.ErrNotExist)
		if err != nil && ctx.Err() == nil && !gone {
			l.host.t.Errorf("%s: follow: %v", l.name, err)
		}
	})
}

func (s *shown) take(lines []poddir.LogLine) error {
	for _, line := range lines {
		if line.Lost() {
			continue
		}
		s.Write([]byte(line.Text))
		if !line.Partial {
			s.Write([]byte("\n"))
		}
	}
	return nil
}

// account holds what was shown, and what was written in time, against the log. If
// the pod was removed, so was its log.
func (l *killLooks) account(m *killMatrix) {
	status, err := l.host.Pod("killed")
	removed := strings.Contains(l.name, "(rm)") || strings.Contains(l.name, "(gc)")
	if errors.Is(err, poddir.ErrNotFound) && removed {
		return
	}
	log := &shown{}
	if err == nil {
		err = l.host.Logs(context.Background(), status.UUID, engine.LogOptions{}, log.take)
	}
	there := log.lines()
	l.mu.Lock()
	defer l.mu.Unlock()
	seen, lines := 0, 0
	for n, reader := range l.readers {
		got := reader.lines()
		lines += len(got)
		if len(got) > 0 {
			seen++
		}
		if !contains(there, got) {
			l.host.t.Errorf("%s: reader %d was shown %d lines, %s … %s, of which the log of %d (%v) has not all", l.name, n, len(got), got[0], got[len(got)-1], len(there), err)
		}
	}
	if l.written > 0 && !slices.Contains(there, "line "+strconv.Itoa(l.written)+" end") {
		l.host.t.Errorf("%s: line %d was written 100 ms before, and is not in the log of %d (%v)", l.name, l.written, len(there), err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.accounted += seen
	if l.written > 0 {
		m.onTime++
	}
}

// contains tells whether lines are in the log, one after the other.
func contains(log, lines []string) bool {
	for i := range log {
		if len(log)-i >= len(lines) && (len(lines) == 0 || log[i] == lines[0]) && slices.Equal(log[i:i+len(lines)], lines) {
			return true
		}
	}
	return len(lines) == 0
}
