package palette

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/match"
	"github.com/podtui/podtui/ui/theme"
)

func named(names ...string) Group {
	var all []Entry
	for _, n := range names {
		all = append(all, Entry{ID: n, Name: n, Note: "a note", Key: "k", Does: n})
	}
	return Of(all, func(i int) string { return "found by n" + fmt.Sprint(i) })
}

func none(string) []Entry { return nil }

func (b *Box) enter(text string) {
	for _, r := range text {
		b.Key(tea.KeyPressMsg{Code: r, Text: string(r)}, keymap.Default(), time.Time{})
	}
}

func names(b *Box) (all []string) {
	for i := range b.rows() {
		all = append(all, b.row(i).Name)
	}
	return all
}

func TestTheBestComesFirstAndWhatWasTakenBeforeIt(t *testing.T) {
	groups := []Group{named("images: sort", "pods: sort", "consort"), named("sort-tool 1.0", "resort")}
	for _, c := range []struct {
		recent []string
		typed  string
		want   string
	}{
		{nil, "", "images: sort, pods: sort, consort, sort-tool 1.0, resort"},
		{[]string{"resort", "gone", "pods: sort"}, "", "resort, pods: sort, images: sort, consort, sort-tool 1.0"},
		{nil, "sort", "sort-tool 1.0, images: sort, pods: sort, consort, resort"},
		{[]string{"pods: sort", "resort"}, "sort", "pods: sort, sort-tool 1.0, images: sort, resort, consort"}, // not before what matches much better
		{nil, "ps", "pods: sort"},
		{nil, "n1", "pods: sort, resort"},
		{nil, "zz", ""},
	} {
		b := New(groups, c.recent, none)
		b.enter(c.typed)
		if got := strings.Join(names(b), ", "); got != c.want {
			t.Errorf("%q after %q:\n got %s\nwant %s", c.typed, c.recent, got, c.want)
		}
	}
}

func TestWhatComesInLateKeepsTheCursor(t *testing.T) {
	b := New([]Group{named("a1", "a2")}, nil, none)
	b.enter("a")
	b.Key(tea.KeyPressMsg{Code: tea.KeyDown}, keymap.Default(), time.Time{})
	b.Set([]Group{named("a0"), named("a1", "a2")}, nil)
	if e, _ := b.under(); e.Name != "a2" || len(names(b)) != 3 {
		t.Errorf("on %q of %q", e.Name, names(b))
	}
	b.turn(keymap.Home)
	b.Set([]Group{named("a1", "a2")}, nil)
	b.turn(keymap.Home)
	b.Set([]Group{named("a0"), named("a1", "a2")}, nil)
	if e, _ := b.under(); e.Name != "a1" || b.cursor == 0 {
		t.Errorf("the first row was read, and enter takes %q of %q", e.Name, names(b))
	}
	b.Set([]Group{named("a9")}, nil)
	if done, answer := b.Key(tea.KeyPressMsg{Code: tea.KeyEnter}, keymap.Default(), time.Time{}); !done || answer != (Taken{"a9", "a9"}) {
		t.Errorf("%v %v", done, answer)
	}
}

func TestOffersStandBelowAndCountForThemselves(t *testing.T) {
	b := New([]Group{named("abc", "abd", "x")}, nil, func(typed string) []Entry { return []Entry{{Name: "fetch " + typed, Does: typed}} })
	b.enter("ab")
	if got := strings.Join(names(b), ", "); got != "abc, abd, fetch ab" || b.count() != "2 of 3" {
		t.Errorf("%s; %s", got, b.count())
	}
	b.turn(keymap.End)
	if done, answer := b.Key(tea.KeyPressMsg{Code: tea.KeyEnter}, keymap.Default(), time.Time{}); !done || answer != (Taken{"", "ab"}) {
		t.Errorf("%v %v", done, answer)
	}
}

func TestItFitsAnyWindow(t *testing.T) {
	long := strings.Repeat("日本 long\x1b[2J ", 30)
	b := New([]Group{named("short", long, "another")}, nil, none)
	for w := 1; w < 200; w += 7 {
		for h := 1; h < 60; h += 3 {
			box, bw, bh := b.Draw(theme.New(theme.Plain), w, h)
			rows := strings.Split(box, "\n")
			if bw > w || bh > h || len(rows) != bh {
				t.Fatalf("%d×%d in %d×%d", bw, bh, w, h)
			}
			for _, r := range rows {
				if ansi.StringWidthWc(r) != bw {
					t.Fatalf("%d×%d: %q is not %d wide", w, h, r, bw)
				}
			}
		}
	}
}

func TestAClickTakesWhatIsUnderIt(t *testing.T) {
	b := New([]Group{named("one", "two", "three")}, nil, none)
	b.Draw(theme.New(theme.Plain), 80, 24)
	if done, answer := b.Click(5, 1+head+1, time.Time{}); !done || answer != (Taken{"two", "two"}) {
		t.Errorf("%v %v", done, answer)
	}
	for _, y := range []int{0, 1, 2, 1 + head + 3} {
		if done, _ := b.Click(5, y, time.Time{}); done {
			t.Errorf("row %d takes something", y)
		}
	}
}

// many is a palette as somebody has it with so many images.
func many(n int) *Box {
	folded := make([]string, n)
	for i := range folded {
		folded[i] = fmt.Sprintf("example.com/team-%d/service-%05d 1.%d.%d", i%40, i, i%7, i%31)
	}
	images := Group{Len: n, Folded: func(i int) string { return folded[i] },
		Entry: func(i int) Entry { return Entry{ID: folded[i], Name: folded[i]} },
		Find:  func(id string) int { return slices.Index(folded, id) }}
	return New([]Group{named("images: sort", "pods: sort"), images}, []string{folded[n/2]}, none)
}

// A key costs no allocation for each of what there is.
func TestAKeyAllocatesLittle(t *testing.T) {
	b := many(10_000)
	keys := keymap.Default()
	typed := 0
	allocs := testing.AllocsPerRun(20, func() {
		if typed++; typed%2 == 1 {
			b.Key(tea.KeyPressMsg{Code: 's', Text: "s"}, keys, time.Time{})
		} else {
			b.Key(tea.KeyPressMsg{Code: tea.KeyBackspace}, keys, time.Time{})
		}
	})
	if allocs > 20 {
		t.Errorf("%.0f allocations for a key", allocs)
	}
}

func BenchmarkKey(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			box, keys := many(n), keymap.Default()
			b.ReportAllocs()
			for b.Loop() {
				box.Key(tea.KeyPressMsg{Code: 's', Text: "s"}, keys, time.Time{})
				box.Key(tea.KeyPressMsg{Code: tea.KeyBackspace}, keys, time.Time{})
			}
		})
	}
}

// The contract between names and what is folded of them.
func TestFoldedTextsBeginWithNames(t *testing.T) {
	g := named("Images: Sort")
	if got := g.Folded(0); !strings.HasPrefix(got, match.Fold("Images: Sort")) {
		t.Errorf("%q", got)
	}
}
