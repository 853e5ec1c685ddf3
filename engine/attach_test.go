package engine_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// watcher is somebody attached, and what came.
type watcher struct {
	*engine.Attachment
	t *testing.T

	mu   sync.Mutex
	seen map[string]*bytes.Buffer
	lost int64
}

func attach(t *testing.T, h *enginetest.Host, uuid string, o engine.AttachOptions) *watcher {
	t.Helper()
	w := &watcher{t: t, seen: map[string]*bytes.Buffer{"stdout": {}, "stderr": {}}}
	o.Output = func(stream string, p []byte) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.seen[stream].Write(p)
	}
	o.Lost = func(bytes int64) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.lost += bytes
	}
	var err error
	if w.Attachment, err = h.Attach(t.Context(), uuid, o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func (w *watcher) saw(stream string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen[stream].String()
}

func (w *watcher) sees(text string) *watcher {
	w.t.Helper()
	enginetest.Eventually(w.t, fmt.Sprintf("%q to be seen", text), func() bool { return strings.Contains(w.saw("stdout"), text) })
	return w
}

func (w *watcher) types(text string) *watcher {
	w.t.Helper()
	if n, err := w.Write([]byte(text)); err != nil || n != len(text) {
		w.t.Fatalf("typed %d of %q: %v", n, text, err)
	}
	return w
}

func (w *watcher) ends(status int) {
	w.t.Helper()
	if got, err := w.Wait(); err != nil || got != status {
		w.t.Errorf("ended with status %d (%v), expected %d", got, err, status)
	}
}

// startWith starts a pod of one app whose output nobody takes.
func startWith(t *testing.T, h *enginetest.Host, app spec.App, o engine.RunOptions) *engine.Running {
	t.Helper()
	o.SkipVerify = true
	pod := enginetest.Pod(app)
	pod.Interactive = o.Input != engine.NoInput
	running, err := h.Engine.Run(t.Context(), pod, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		running.Stop(true)
		running.Wait()
		running.Close()
	})
	return running
}

func TestAttachedSeeOutputAndTheEnd(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := startWith(t, h, enginetest.Shell(t, `read x; echo "got $x"; echo oops >&2; exit 3`), engine.RunOptions{Input: engine.PipeInput})
	first, second := attach(t, h, pod.UUID, engine.AttachOptions{Input: true}), attach(t, h, pod.UUID, engine.AttachOptions{})
	if first.Terminal || first.Pod != pod.UUID || first.App == "" {
		t.Errorf("attached to %q of %q, terminal %v", first.App, first.Pod, first.Terminal)
	}
	first.types("words\n")
	for _, w := range []*watcher{first, second} {
		w.ends(3)
		if w.saw("stdout") != "got words\n" || w.saw("stderr") != "oops\n" {
			t.Errorf("saw %q and %q", w.saw("stdout"), w.saw("stderr"))
		}
	}
	if _, err := first.Write([]byte("more")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("wrote to an app that has ended: %v", err)
	}
}

func TestInputOfManyMegabytesArrivesWholeAndEnds(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := startWith(t, h, enginetest.Shell(t, `read x; wc -c`), engine.RunOptions{Input: engine.PipeInput})
	w := attach(t, h, pod.UUID, engine.AttachOptions{Input: true})
	w.types("\n").types(strings.Repeat("0123456789abcde\n", 3<<16))
	if err := w.CloseInput(); err != nil {
		t.Fatal(err)
	}
	w.ends(0)
	if got := strings.TrimSpace(w.saw("stdout")); got != "3145728" {
		t.Errorf("the app read %s bytes", got)
	}
}

func TestStarterGivesInputAndEndsIt(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	var out bytes.Buffer
	pod := startWith(t, h, enginetest.Shell(t, `cat; exit 5`), engine.RunOptions{
		Input: engine.PipeInput, Output: func(_ int, _ string, p []byte) { out.Write(p) },
	})
	if _, err := io.WriteString(pod, "typed"); err != nil {
		t.Fatal(err)
	}
	if err := pod.CloseInput(); err != nil {
		t.Fatal(err)
	}
	if status, err := pod.Wait(); status != 5 || err != nil || out.String() != "typed" {
		t.Errorf("status %d (%v), printed %q", status, err, out.String())
	}
}

func TestTerminalHasSizeAndTakesControlKeys(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := startWith(t, h, enginetest.Shell(t, `trap 'echo interrupted' INT; until [ "$x" = q ]; do read x && stty size; done; echo over`),
		engine.RunOptions{Input: engine.TerminalInput, Rows: 33, Cols: 101})
	w := attach(t, h, pod.UUID, engine.AttachOptions{Input: true})
	if !w.Terminal {
		t.Error("no terminal")
	}
	w.types("\n").sees("33 101\r\n")
	w.Resize(12, 40)
	w.types("\n").sees("12 40\r\n").types("\x03").sees("interrupted")
	if err := w.CloseInput(); err != nil { // of no effect
		t.Fatal(err)
	}
	w.types("q\n").sees("over")
	w.ends(0)
}

// Nobody has the terminal open for a while; then it is written to, and read from,
// as before.
func TestAppClosesItsTerminalAndOpensItAgain(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := startWith(t, h, enginetest.Shell(t, `T=$(tty); read x; exec </dev/null >/dev/null 2>&1; sleep 0.3; exec <$T >$T 2>&1
		i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; read x; echo "got $x"; exit 3`), engine.RunOptions{Input: engine.TerminalInput})
	w := attach(t, h, pod.UUID, engine.AttachOptions{Input: true})
	w.types("\n").sees("line 0\r\n").types("word\n")
	w.ends(3)
	log := logText(t, h, pod.UUID)
	if got := strings.Count(log, "line "); got != 20000 || !strings.Contains(log, "got word") {
		t.Errorf("%d lines were kept, the end is %q", got, log[max(0, len(log)-50):])
	}
}

func TestInteractivePodWithoutAFrontHasATerminal(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := enginetest.Pod(enginetest.Shell(t, `read x; stty size`))
	pod.Interactive = true
	running, err := h.Engine.Run(t.Context(), pod, skipVerify(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := running.Close(); err != nil {
		t.Fatal(err)
	}
	w := attach(t, h, running.UUID, engine.AttachOptions{Input: true, Rows: 50, Cols: 132})
	w.types("\n").sees("50 132")
	w.ends(0)
	ended(t, h, running.UUID)
}

// ended waits for the end of a pod that somebody else has started.
func ended(t *testing.T, h *enginetest.Host, uuid string) {
	t.Helper()
	if _, err := h.WaitPod(t.Context(), uuid); err != nil {
		t.Error(err)
	}
	enginetest.Eventually(t, "the end of its processes", func() bool { return len(h.Leftovers()) == 0 })
}

func TestSlowViewerLosesOutputAndTheAppGoesOn(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	const size = 16 << 20
	pod := startWith(t, h, enginetest.Shell(t, `read x; head -c 16777216 /dev/zero; read x; echo end`), engine.RunOptions{Input: engine.PipeInput})
	var got, lost int64
	hold, in := make(chan struct{}), make(chan struct{}, 1)
	slow, err := h.Attach(t.Context(), pod.UUID, engine.AttachOptions{
		Output: func(_ string, p []byte) {
			select {
			case in <- struct{}{}:
			default:
			}
			<-hold
			got += int64(len(p))
		},
		Lost: func(n int64) { lost += n },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	quick := attach(t, h, pod.UUID, engine.AttachOptions{Input: true})
	quick.types("\n")
	<-in
	quick.types("\n") // waits until it was taken: the app has written all
	quick.ends(0)
	close(hold)
	if status, err := slow.Wait(); err != nil || status != 0 {
		t.Errorf("status %d (%v)", status, err)
	}
	if lost == 0 || got+lost != size+4 {
		t.Errorf("%d bytes came and %d were left out, of %d", got, lost, size+4)
	}
}

func TestWhoseOutputIsStuckDetachesAllTheSame(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := startWith(t, h, enginetest.Shell(t, `read x; echo one; echo two >&2; sleep 600`), engine.RunOptions{Input: engine.PipeInput})
	hold, in := make(chan struct{}), make(chan struct{}, 10)
	stuck, err := h.Attach(t.Context(), pod.UUID, engine.AttachOptions{Input: true, Output: func(string, []byte) {
		in <- struct{}{}
		<-hold
	}})
	if err != nil {
		t.Fatal(err)
	}
	go stuck.Write([]byte("\n"))
	<-in
	if err := stuck.Close(); err != nil {
		t.Error(err)
	}
	close(hold)
	if _, err := stuck.Wait(); !errors.Is(err, engine.ErrDetached) || len(in) > 0 {
		t.Errorf("%v, and then %d more pieces of output", err, len(in))
	}
}

func TestDetachedAppGoesOnAndKeepsItsInput(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := startWith(t, h, enginetest.Shell(t, `while read x; do echo "got $x"; done`), engine.RunOptions{Input: engine.PipeInput})
	w := attach(t, h, pod.UUID, engine.AttachOptions{Input: true})
	w.types("one\n").sees("got one")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Wait(); !errors.Is(err, engine.ErrDetached) {
		t.Errorf("detached: %v", err)
	}
	attach(t, h, pod.UUID, engine.AttachOptions{Input: true}).types("two\n").sees("got two")
}

// An app that does not read holds up who types, and nobody else.
func TestAppThatDoesNotReadHoldsUpOnlyWhoTypes(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := startWith(t, h, enginetest.Shell(t, `trap 'echo asked; exit 4' TERM; while :; do echo tick; sleep 0.02; done`), engine.RunOptions{Input: engine.PipeInput})
	typist := attach(t, h, pod.UUID, engine.AttachOptions{Input: true})
	stuck := make(chan error)
	go func() {
		_, err := typist.Write(make([]byte, 4<<20))
		stuck <- err
	}()
	attach(t, h, pod.UUID, engine.AttachOptions{Input: true}).sees("tick\ntick\n")
	typist.sees("tick")
	typist.Close()
	if err := <-stuck; !errors.Is(err, engine.ErrDetached) {
		t.Errorf("typing ended with %v", err)
	}
	pod.Stop(false)
	if status, err := pod.Wait(); status != 4 || err != nil {
		t.Errorf("status %d (%v)", status, err)
	}
}

func TestAttachRefusals(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := h.Start(enginetest.Pod(enginetest.Shell(t, `sleep 600`), enginetest.Shell(t, `sleep 600`)))
	for _, c := range []struct {
		o    engine.AttachOptions
		want string
	}{
		{engine.AttachOptions{}, "it has 2 apps; choose one: a, b"},
		{engine.AttachOptions{App: "c"}, `it has no app "c"; it has a, b`},
		{engine.AttachOptions{App: "a", Input: true}, `app "a" was started without an input`},
	} {
		_, err := h.Attach(t.Context(), pod.UUID, c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.o, err)
		}
	}
	var none *engine.NoInputError
	if _, err := h.Attach(t.Context(), pod.UUID, engine.AttachOptions{App: "b", Input: true}); !errors.As(err, &none) || none.App != "b" {
		t.Errorf("%v", err)
	}
	pod.Stop(true)
	pod.Wait()
	if _, err := h.Attach(t.Context(), pod.UUID, engine.AttachOptions{App: "a"}); err == nil || !strings.Contains(err.Error(), "not running") {
		t.Errorf("attached to a pod that has ended: %v", err)
	}
}

// Whoever comes to a pod's socket, and whatever they say or don't, orders are
// taken, and the pod lives.
func TestStrangeClientsHarmNobody(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := startWith(t, h, enginetest.Shell(t, `while read x; do echo "got $x"; done`), engine.RunOptions{Input: engine.PipeInput})
	socket := socketOf(t, h, pod.UUID)
	if info, err := os.Lstat(socket.Name); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the socket: %v (%v)", info, err)
	}
	header := func(kind byte, size uint32) []byte {
		return binary.LittleEndian.AppendUint32([]byte{kind, 0, 0, 0}, size)
	}
	asked := func(json string) []byte { return append(header('r', uint32(len(json))), json...) }
	attached := asked(`{"version":1,"what":"attach","input":true}`)
	says := map[string][]byte{
		"nothing":               nil,
		"half a header":         {'r', 0, 0},
		"too much":              header('r', 1<<31),
		"less than it promises": append(header('r', 100), "{"...),
		"no JSON":               asked(`{"what":`),
		"something unknown":     asked(`{"version":9,"what":"dance","how":"well"}`),
		"a stop in the old way": []byte("k"),
		"an event":              append(header('e', 2), "{}"...),
		"input before a word":   append(header('i', 5), "evil\n"...),
		"a frame too large":     append(bytes.Clone(attached), header('i', 1<<20)...),
		"a size of nothing":     append(append(bytes.Clone(attached), header('z', 0)...), header('z', 16)...),
		"more than may wait":    append(bytes.Clone(attached), bytes.Repeat(append(header('?', 4), "what"...), 1000)...),
	}
	for what, words := range says {
		for range 4 { // more than may be silent at once
			conn, err := net.DialUnix("unix", nil, socket)
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			defer conn.Close()
			_, _ = conn.Write(words) // it may have been thrown out for a newer one
		}
	}
	attach(t, h, pod.UUID, engine.AttachOptions{Input: true}).types("words\n").sees("got words")
	if err := h.StopPod(t.Context(), pod.UUID, engine.StopOptions{}); err != nil {
		t.Fatal(err)
	}
	if status, err := h.Pod(pod.UUID); err != nil || status.State != poddir.Exited {
		t.Errorf("after stop it is %s (%v)", status.State, err)
	}
}

func socketOf(t *testing.T, h *enginetest.Host, uuid string) *net.UnixAddr {
	t.Helper()
	// The path of a socket is short, that of a test's folder is not.
	folder, err := os.Open(filepath.Join(h.Dir, "pods", uuid))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Close() })
	return &net.UnixAddr{Net: "unix", Name: fmt.Sprintf("/proc/self/fd/%d/socket", folder.Fd())}
}

func TestAttachOutlivesTheFrontEnd(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	front := startFront(t, h, `while :; do echo tick; sleep 0.02; done`)
	uuid := onlyPod(t, h)
	w := attach(t, h, uuid, engine.AttachOptions{}).sees("tick")
	if err := unix.Kill(front.Process.Pid, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	front.Wait()
	before := len(w.saw("stdout"))
	enginetest.Eventually(t, "output after the front end's death", func() bool { return len(w.saw("stdout")) > before+10 })
	attach(t, h, uuid, engine.AttachOptions{}).sees("tick")
	if err := h.StopPod(context.Background(), uuid, engine.StopOptions{Force: true}); err != nil {
		t.Error(err)
	}
	w.ends(137)
}

func onlyPod(t *testing.T, h *enginetest.Host) (uuid string) {
	t.Helper()
	enginetest.Eventually(t, "a pod that runs", func() bool {
		pods, err := h.Pods()
		if err != nil || len(pods) != 1 {
			return false
		}
		uuid = pods[0].UUID
		return pods[0].State == poddir.Running
	})
	return uuid
}

func TestStopTakesAForcedOrderAndATimeout(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	for name, o := range map[string]engine.StopOptions{"force": {Force: true}, "timeout": {Timeout: new(time.Duration)}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pod := h.Start(enginetest.Pod(spec.App{Image: enginetest.BuildImage(t, "stubborn")}))
			pod.WaitFor(t, "ready")
			if err := h.StopPod(t.Context(), pod.UUID, o); err != nil {
				t.Error(err)
			}
			if got := pod.Wait(); got.Exit != 137 {
				t.Errorf("exit %d", got.Exit)
			}
		})
	}
}
func TestAttachedGoThroughARestartOfTheApp(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	for _, kind := range []engine.Input{engine.PipeInput, engine.TerminalInput} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			app := enginetest.Shell(t, `echo ready; read x; echo "got $x"; [ "$x" = end ] && exit 0; exit 1`)
			app.Restart = "on-failure"
			pod := startWith(t, h, app, engine.RunOptions{Input: kind})
			w := attach(t, h, pod.UUID, engine.AttachOptions{Input: true})
			newline := map[bool]string{true: "\r\n", false: "\n"}[w.Terminal]
			for _, word := range []string{"one", "two"} { // what an app did not read before its end is lost
				w.types(word + "\n").sees("got " + word + newline + "ready" + newline)
			}
			w.types("end\n").sees("got end")
			w.ends(0)
		})
	}
}
