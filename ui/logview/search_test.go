package logview

import (
	"fmt"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/theme"
)

func TestSearchFindsMarksAndGoesRound(t *testing.T) {
	v := New()
	v.Times = false
	for i := range 200 {
		text := fmt.Sprintf("line %d", i)
		if i%50 == 7 {
			text = fmt.Sprintf("Error %d", i)
		}
		v.Add([]poddir.LogLine{{App: "web", Text: text}})
	}
	th := theme.New(theme.Dark)
	v.Draw(th, 40, 10)
	v.Search("error")
	if at, of := v.Matches(); at != 4 || of != 4 {
		t.Fatalf("at %d of %d", at, of)
	}
	got := v.Draw(th, 40, 10)
	if want := th.Match.On() + "Error" + theme.Off + " 157"; !strings.Contains(got, want) || v.Follows() {
		t.Errorf("the newest match is not marked in view:\n%q", got)
	}
	for _, want := range []int{7, 57, 107, 157, 7} {
		v.NextMatch(1)
		if got := v.Draw(th, 40, 10); !strings.Contains(got, fmt.Sprintf(" %d", want)) {
			t.Errorf("match %d is not in view:\n%s", want, got)
		}
	}
	v.NextMatch(-1)
	if at, _ := v.Matches(); at != 4 {
		t.Errorf("back from the first is %d", at)
	}
}

// What is typed on leads no further away than it has to.
func TestSearchStaysWhileMoreIsTyped(t *testing.T) {
	v := New()
	v.Add(someLines(0, 100))
	v.Draw(theme.New(theme.Plain), 40, 50)
	for _, typed := range []string{"l", "li", "line", "line 9", "line 99"} {
		v.Search(typed)
		if at, of := v.Matches(); at != of {
			t.Errorf("%q: at %d of %d, not at the newest", typed, at, of)
		}
	}
	v.Search("line 5")
	if at, _ := v.Matches(); at != 11 {
		t.Errorf("at %d: there is none after line 99, so it is the last before", at)
	}
}

func TestACapitalMakesCapitalsCount(t *testing.T) {
	for typed, want := range map[string]int{"error": 2, "Error": 1, "ERROR": 0, "": 0} {
		v := New()
		v.Add([]poddir.LogLine{{App: "a", Text: "Error"}, {App: "a", Text: "error"}})
		v.Search(typed)
		if _, of := v.Matches(); of != want {
			t.Errorf("%q: %d matches, want %d", typed, of, want)
		}
	}
}

// What comes is searched, what goes is forgotten, and another tab has its own.
func TestSearchGoesOnWithTheLines(t *testing.T) {
	v := New()
	v.Search("line 1")
	v.Add(someLines(0, 20)) // 1, 10 to 19
	if _, of := v.Matches(); of != 11 {
		t.Errorf("%d matches", of)
	}
	v.Turn(1)
	if _, of := v.Matches(); v.App() != "web" || of != 5 {
		t.Errorf("%d matches of %s", of, v.App())
	}
	v.Turn(-1)
	v.Add(make([]poddir.LogLine, maxLines))
	if _, of := v.Matches(); of != 0 {
		t.Errorf("%d matches of lines that are gone", of)
	}
	v.NextMatch(1)
	v.Draw(theme.New(theme.Plain), 20, 5)
}

func TestSearchLeavesTheReaderWhereHeIs(t *testing.T) {
	v := New()
	v.Add(someLines(0, 100))
	th := theme.New(theme.Plain)
	v.Draw(th, 40, 10)
	v.Move(keymap.Home)
	v.Search("line 3")
	if at, of := v.Matches(); at != 1 || of != 11 {
		t.Errorf("from the first line on, the match is %d of %d", at, of)
	}
	before := v.Draw(th, 40, 10)
	v.Add(someLines(100, 1000))
	if after := v.Draw(th, 40, 10); after != before {
		t.Errorf("moved:\n%s\n%s", before, after)
	}
}

func BenchmarkSearchKeystroke(b *testing.B) {
	v := New()
	for n := 0; n < maxLines; n += 1000 {
		v.Add(someLines(n, 1000))
	}
	v.Draw(theme.New(theme.Dark), 120, 40)
	b.ReportAllocs()
	for b.Loop() {
		v.Search("line 99")
	}
}
