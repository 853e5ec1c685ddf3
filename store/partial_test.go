package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func partial(t *testing.T, s *Store, key string) *Partial {
	t.Helper()
	p, err := s.Partial(context.Background(), key, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func put(t *testing.T, p *Partial, text string) {
	t.Helper()
	if n, err := p.Write([]byte(text)); err != nil || n != len(text) {
		t.Fatal(n, err)
	}
}

func contentOf(p *Partial) string {
	b, _ := io.ReadAll(io.NewSectionReader(p, 0, p.Size()))
	return string(b)
}

func TestPartialGoesOnWhereItWasCut(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := Validator{ETag: `"a"`, LastModified: "then", Total: 10, URL: "https://example.com/a"}
	p := partial(t, s, "a")
	if p.Size() != 0 || p.Validator() != (Validator{}) {
		t.Errorf("begins with %d bytes of %+v", p.Size(), p.Validator())
	}
	if err := p.SetValidator(v); err != nil {
		t.Fatal(err)
	}
	put(t, p, "half ")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	p = partial(t, s, "a")
	if p.Size() != 5 || p.Validator() != v || contentOf(p) != "half " {
		t.Errorf("goes on with %q of %+v", contentOf(p), p.Validator())
	}
	put(t, p, "whole")
	if contentOf(p) != "half whole" {
		t.Errorf("has %q", contentOf(p))
	}
	if other := partial(t, s, "b"); other.Size() != 0 {
		t.Error("another key has the same bytes")
	}
	if err := p.Restart(); err != nil || p.Size() != 0 || p.Validator() != (Validator{}) {
		t.Errorf("restarted with %d bytes, %v", p.Size(), err)
	}
	put(t, p, "anew")
	if contentOf(p) != "anew" {
		t.Errorf("has %q", contentOf(p))
	}
	if err := p.Remove(); err != nil {
		t.Fatal(err)
	}
	if p = partial(t, s, "a"); p.Size() != 0 {
		t.Error("what was removed is there")
	}
}

// Of what can't be trusted nothing is used, and it is no error.
func TestPartialThatIsTornBeginsAnew(t *testing.T) {
	t.Parallel()
	const another = "another boot"
	change := func(f func(*partialAbout)) func(dir string) error {
		return func(dir string) error {
			a, err := readPartialAbout(dir)
			if err != nil {
				return err
			}
			f(&a)
			return (&Partial{dir: dir}).writeAbout(a)
		}
	}
	for name, test := range map[string]struct {
		durable string // was there when the download was closed before
		harm    func(dir string) error
		want    string
	}{
		"nothing happened":                        {"", func(string) error { return nil }, "data"},
		"nothing happened, nor to what was there": {"old ", func(string) error { return nil }, "old data"},
		"a power cut":                             {"", change(func(a *partialAbout) { a.Boot = another }), ""},
		"a power cut, later":                      {"old ", change(func(a *partialAbout) { a.Boot = another }), "old "},
		"a power cut that took about back":        {"old ", change(func(a *partialAbout) { a.Boot = "" }), "old "},
		"a power cut that took durable bytes":     {"old ", func(dir string) error { return os.Truncate(filepath.Join(dir, dataFile), 3) }, ""},
		"about torn":                              {"old ", func(dir string) error { return os.Truncate(filepath.Join(dir, aboutFile), 90) }, ""},
		"about empty":                             {"old ", func(dir string) error { return os.Truncate(filepath.Join(dir, aboutFile), 0) }, ""},
		"about gone":                              {"old ", func(dir string) error { return os.Remove(filepath.Join(dir, aboutFile)) }, ""},
		"data gone":                               {"", func(dir string) error { return os.Remove(filepath.Join(dir, dataFile)) }, ""},
		"data gone, that was sure":                {"old ", func(dir string) error { return os.Remove(filepath.Join(dir, dataFile)) }, ""},
		"another key's":                           {"old ", change(func(a *partialAbout) { a.Key = "b" }), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			p := partial(t, s, "a")
			if err := p.SetValidator(Validator{ETag: "x"}); err != nil {
				t.Fatal(err)
			}
			if test.durable != "" {
				put(t, p, test.durable)
				if err := p.Close(); err != nil {
					t.Fatal(err)
				}
				p = partial(t, s, "a")
			}
			put(t, p, "data")
			die := func() { // as its process's death would
				p.lock.Close()
				p.closed = true
				p.data.Close()
			}
			die()
			if err := test.harm(p.dir); err != nil {
				t.Fatal(err)
			}
			p = partial(t, s, "a")
			if contentOf(p) != test.want {
				t.Errorf("goes on with %q, want %q", contentOf(p), test.want)
			}
			if (p.Validator() != Validator{}) != (test.want != "") && name != "data gone" {
				t.Errorf("and with %+v", p.Validator())
			}
			put(t, p, "more")
			die()
			if err := change(func(a *partialAbout) { a.Boot = another })(p.dir); err != nil {
				t.Fatal(err)
			}
			want := ""
			if strings.HasPrefix(test.want, "old ") {
				want = "old "
			}
			if p = partial(t, s, "a"); contentOf(p) != want {
				t.Errorf("after a power cut goes on with %q, want %q", contentOf(p), want)
			}
		})
	}
}

// What Close has kept outlasts every boot.
func TestPartialThatWasClosedIsDurable(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, want := range []string{"", "one", "oneone"} {
		p := partial(t, s, "a")
		if contentOf(p) != want {
			t.Errorf("goes on with %q, want %q", contentOf(p), want)
		}
		put(t, p, "one")
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		if a, err := readPartialAbout(p.dir); err != nil || a.Durable != int64(len(want)+3) || a.Boot != "" {
			t.Errorf("its about is %+v, %v", a, err)
		}
	}
}

func TestPartialIsOneProcessAtATime(t *testing.T) {
	t.Parallel()
	s := open(t)
	first := partial(t, s, "a")
	if err := first.SetValidator(Validator{Total: 9}); err != nil {
		t.Fatal(err)
	}
	put(t, first, "123456")
	ctx, cancel := context.WithCancel(context.Background())
	_, err := s.Partial(ctx, "a", func(bytes, total int64) {
		if bytes != 6 || total != 9 {
			t.Errorf("is told %d of %d", bytes, total)
		}
		cancel()
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	told := make(chan bool, 1)
	got := make(chan int64)
	go func() {
		p, err := s.Partial(context.Background(), "a", func(int64, int64) {
			select {
			case told <- true:
			default:
			}
		})
		if err != nil {
			t.Error(err)
		}
		got <- p.Size()
		p.Close()
	}()
	<-told
	put(t, first, "789")
	first.Close()
	if n := <-got; n != 9 {
		t.Errorf("goes on with %d bytes", n)
	}
}

// Whoever waits for a download that its holder removes begins it anew, however
// many do.
func TestPartialThatIsRemovedUnderThoseWhoWait(t *testing.T) {
	t.Parallel()
	s := open(t)
	var group sync.WaitGroup
	var holders, most, turns int
	var lock sync.Mutex
	count := func(n int) {
		lock.Lock()
		defer lock.Unlock()
		holders += n
		most, turns = max(most, holders), turns+max(n, 0)
	}
	for range 8 {
		group.Go(func() {
			for range 5 {
				p, err := s.Partial(context.Background(), "a", nil)
				if err != nil {
					t.Error(err)
					return
				}
				count(1)
				if p.Size() != 0 {
					t.Errorf("begins with %d bytes", p.Size())
				}
				p.Write([]byte("x"))
				count(-1)
				if err := p.Remove(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if most != 1 || turns != 40 {
		t.Errorf("%d had it at once, %d had it", most, turns)
	}
}

func TestTailReadsWhatComesWhileItComes(t *testing.T) {
	t.Parallel()
	s := open(t)
	p := partial(t, s, "a")
	put(t, p, "0123")
	want := []byte("0123")
	results := make(chan []byte, 3)
	for range 3 {
		tail := p.Tail(context.Background())
		go func() {
			got, err := io.ReadAll(tail)
			if err != nil {
				t.Error(err)
			}
			results <- got
		}()
	}
	for i := range 500 {
		piece := bytes.Repeat([]byte{byte(i)}, i)
		want = append(want, piece...)
		put(t, p, string(piece))
	}
	p.Finish(nil)
	for range 3 {
		if got := <-results; !bytes.Equal(got, want) {
			t.Errorf("read %d bytes of %d", len(got), len(want))
		}
	}
}

func TestTailEndsAsTheDownloadDoes(t *testing.T) {
	t.Parallel()
	trouble := errors.New("trouble")
	for name, test := range map[string]struct {
		end  func(p *Partial, cancel func())
		want error
	}{
		"failed":    {func(p *Partial, _ func()) { p.Finish(trouble) }, trouble},
		"cancelled": {func(_ *Partial, cancel func()) { cancel() }, context.Canceled},
		"restarted": {func(p *Partial, _ func()) { p.Restart() }, ErrRestarted},
		"closed":    {func(p *Partial, _ func()) { p.Close() }, os.ErrClosed},
		"removed":   {func(p *Partial, _ func()) { p.Remove() }, os.ErrClosed},
		"complete":  {func(p *Partial, _ func()) { p.Finish(nil); p.Finish(trouble) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := partial(t, open(t), "a")
			put(t, p, "some")
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			tail := p.Tail(ctx)
			if _, err := io.ReadFull(tail, make([]byte, 4)); err != nil {
				t.Fatal(err)
			}
			done := make(chan error)
			go func() {
				_, err := io.ReadAll(tail)
				done <- err
			}()
			test.end(p, cancel)
			if err := <-done; !errors.Is(err, test.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestCollectionTakesDownloadsThatNobodyHas(t *testing.T) {
	t.Parallel()
	s := open(t)
	held, left, fresh := partial(t, s, "held"), partial(t, s, "left"), partial(t, s, "fresh")
	for _, p := range []*Partial{held, left, fresh} {
		put(t, p, "12345")
	}
	left.Close()
	fresh.Close()
	old := time.Now().Add(-2 * time.Hour)
	for _, p := range []*Partial{held, left} {
		if err := os.Chtimes(filepath.Join(p.dir, dataFile), old, old); err != nil {
			t.Fatal(err)
		}
	}
	c, err := s.GC(context.Background(), GCOptions{Grace: time.Hour})
	if err != nil || c.Partials != 1 || c.Bytes != 5 || exists(left.dir) || !exists(fresh.dir) || !exists(held.dir) {
		t.Errorf("%+v, %v", c, err)
	}
	if c = collect(t, s); c.Partials != 1 || exists(fresh.dir) || !exists(held.dir) {
		t.Errorf("%+v", c)
	}
	put(t, held, "6")
}

// What is in the way of a download is said in one line, and no reason to begin it
// anew once it is gone.
func TestPartialOnAFullDisk(t *testing.T) {
	t.Parallel()
	s := onSmallDisk(t, "1m")
	p := partial(t, s, "a")
	if err := p.SetValidator(Validator{ETag: "x"}); err != nil {
		t.Fatal(err)
	}
	var n int
	var err error
	for err == nil {
		var k int
		k, err = p.Write(make([]byte, 100<<10))
		n += k
	}
	if !errors.Is(err, unix.ENOSPC) {
		t.Errorf("got %v", err)
	}
	if err := p.Close(); err != nil {
		t.Logf("closing: %v", err) // there is no room for anything
	}
	grow(t, s, "20m")
	if p = partial(t, s, "a"); p.Size() != int64(n) || p.Validator().ETag != "x" {
		t.Errorf("goes on with %d bytes of %d", p.Size(), n)
	}
	put(t, p, "more")
}
