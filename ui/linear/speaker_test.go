package linear

import (
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
)

// talk is a conversation whose clock stands still.
type talk struct {
	*Speaker
	at   time.Time
	said strings.Builder
}

func newTalk() *talk {
	t := &talk{at: time.Unix(1, 0)}
	t.Speaker = New(&t.said, func() time.Time { return t.at })
	return t
}

// heard is what was said since the last time.
func (t *talk) heard() string {
	defer t.said.Reset()
	return t.said.String()
}

func images(key, item string, at int) screen.Spoken {
	return screen.Spoken{Name: "images", About: "3 images", Key: key, Item: item, At: at, Of: 3}
}

func TestOnlyWhatChangedIsSaid(t *testing.T) {
	tk := newTalk()
	for _, step := range []struct {
		what  string
		heard Heard
		asked bool
		want  string
	}{
		{"the first screen", Heard{Screen: images("a", "image a", 1)}, false, "images: 3 images\nimage a, 1 of 3\n"},
		{"the same", Heard{Screen: images("a", "image a", 1)}, false, ""},
		{"an age that passes", Heard{Screen: images("a", "image a, age 2 s", 1)}, false, ""},
		{"another row", Heard{Screen: images("b", "image b", 2)}, true, "image b, 2 of 3\n"},
		{"the row, selected", Heard{Screen: images("b", "selected, image b", 2)}, true, "selected, image b, 2 of 3\n"},
		{"a notice", Heard{Screen: images("b", "selected, image b", 2), Notice: "done"}, true, "done\n"},
		{"the notice that stays", Heard{Screen: images("b", "selected, image b", 2), Notice: "done"}, false, ""},
		{"a question", Heard{Screen: images("b", "selected, image b", 2), Dialog: 1, Asks: &dialog.Said{Title: "Remove b?", Choices: []string{"cancel", "remove"}}}, true,
			"Remove b?\nchoices: 1 cancel (chosen), 2 remove\n"},
		{"another choice", Heard{Screen: images("b", "selected, image b", 2), Dialog: 1, Asks: &dialog.Said{Title: "Remove b?", Choices: []string{"cancel", "remove"}, Chosen: 1}}, true,
			"remove\n"},
		{"its end", Heard{Screen: images("c", "image c", 2)}, true, "image c, 2 of 3\n"},
	} {
		tk.Tell(step.heard, step.asked)
		if got := tk.heard(); got != step.want {
			t.Errorf("%s: said %q, want %q", step.what, got, step.want)
		}
	}
}

// What only counts is heard every few seconds, and its end at once.
func TestProgressIsSaidNowAndThen(t *testing.T) {
	tk := newTalk()
	tell := func(words string) string {
		tk.Tell(Heard{Screen: screen.Spoken{Name: "s", Going: []screen.Going{{Key: "f", Words: words}}}}, false)
		return tk.heard()
	}
	if got := tell("fetch 1 of 40 MB, 1 MB/s"); !strings.Contains(got, "fetch 1 of") {
		t.Errorf("the beginning: %q", got)
	}
	for range 4 {
		tk.at = tk.at.Add(time.Second)
		if got := tell("fetch " + tk.at.Format("5") + " of 40 MB, 900 kB/s"); got != "" {
			t.Errorf("too soon: %q", got)
		}
	}
	tk.at = tk.at.Add(time.Second)
	if got := tell("fetch 30 of 40 MB, 2 MB/s"); got != "fetch 30 of 40 MB, 2 MB/s\n" {
		t.Errorf("in time: %q", got)
	}
	if got := tell("fetched 40 MB"); got != "fetched 40 MB\n" {
		t.Errorf("the end: %q", got)
	}
}

// That a pod runs is no news to who comes to the list; that it ended is.
func TestWhatIsKnownIsSaidOnlyWhenItChanges(t *testing.T) {
	tk := newTalk()
	tell := func(words string) string {
		tk.Tell(Heard{Screen: screen.Spoken{Name: "pods", Going: []screen.Going{{Key: "p", Words: words, Known: true}}}}, false)
		return tk.heard()
	}
	if got := tell("pod a running"); got != "pods\n" {
		t.Errorf("at first: %q", got)
	}
	if got := tell("pod a exited 3"); got != "pod a exited 3\n" {
		t.Errorf("its end: %q", got)
	}
}

func TestTextsThatGrowAreSaidByWhatIsNew(t *testing.T) {
	tk := newTalk()
	tell := func(lines ...string) string {
		tk.Tell(Heard{Screen: screen.Spoken{Name: "events", Text: lines}}, false)
		return tk.heard()
	}
	if got := tell("one"); got != "events\none\n" {
		t.Errorf("at first: %q", got)
	}
	if got := tell("one", "two", "two"); got != "two\ntwo\n" {
		t.Errorf("more: %q", got)
	}
	if got := tell("other"); got != "other\n" {
		t.Errorf("another: %q", got)
	}
}

func TestNothingThatIsSaidReachesTheTerminalAsItIs(t *testing.T) {
	tk := newTalk()
	evil := "a\x1b[2Jb\nc\u202e"
	tk.Tell(Heard{Screen: screen.Spoken{Name: evil, About: evil, Item: evil, Key: evil, Text: []string{evil}, Going: []screen.Going{{Key: "x", Words: evil}}},
		Notice: evil, Problem: evil, Output: []string{evil}}, true)
	tk.Tell(Heard{Dialog: 1, Asks: &dialog.Said{Title: evil, Body: []string{evil}, Choices: []string{evil}}}, true)
	tk.Repeat(Heard{Screen: screen.Spoken{Name: evil, Field: &screen.SpokenField{Name: evil, Value: evil, Note: evil, Fits: []string{evil}}}})
	if got := tk.heard(); strings.ContainsAny(got, "\x1b\u202e") || strings.Contains(got, "b\nc") {
		t.Errorf("said %q", got)
	}
}
