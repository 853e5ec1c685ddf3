package match

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestRankPutsTheLikelierFirst(t *testing.T) {
	texts := []string{
		"example.com/network-tool 1.0", "example.com/reduce-worker 1.4.0", "example.com/worker 2.0",
		"example.com/worker-backup 2.0.1", "coreos.com/etcd 2.3.7",
	}
	for query, want := range map[string][]int{
		"":           {0, 1, 2, 3, 4},
		"worker":     {1, 2, 3},
		"WORKER":     {1, 2, 3},
		"wor":        {1, 2, 3, 0},
		"etcd 2.3":   {4},
		"back work":  {3},
		"rwk":        {1},
		"zzz":        {},
		"work 1.4.0": {1},
	} {
		var r Ranking
		got := r.Rank(Parse(query), len(texts), func(i int) string { return Fold(texts[i]) })
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", query, got, want)
		}
	}
}

func TestWhatStandsAsideMatchesAsAPartOnly(t *testing.T) {
	text := "example.com/worker 1.0" + Aside + "os=linux" + Aside + "arch=amd64"
	for query, want := range map[string]bool{"amd64": true, "arch=amd": true, "worker linux": true, "lad": false, "os=win": false, "rkr": true} {
		if got := Parse(query).Score(text) > 0; got != want {
			t.Errorf("%q matches: %v", query, got)
		}
	}
}

func TestTypingMoreNeverFindsMore(t *testing.T) {
	texts := []string{"example.com/reduce-worker 1.4.0", "coreos.com/etcd 2.3.7"}
	const typed = "reduce-worker"
	for _, text := range texts {
		before := true
		for i := range len(typed) + 1 {
			now := Parse(typed[:i]).Score(text) > 0
			if now && !before {
				t.Errorf("%q finds %q again", typed[:i], text)
			}
			before = now
		}
	}
}

func TestPositionsSpellTheQuery(t *testing.T) {
	const text = "example.com/reduce-worker 1.4.0"
	for query, want := range map[string]string{"rwk": "rwk", "worker": "worker", "red 1.4": "red1.4"} {
		var got strings.Builder
		at := Parse(query).Positions(text, nil)
		for _, i := range at {
			got.WriteByte(text[i])
		}
		if got.String() != want {
			t.Errorf("%q marks %q", query, got.String())
		}
	}
}

// Beginnings of words that spell what was typed come before what merely contains its
// letters, and all of them before letters that are scattered.
func TestTheLikelierScoresHigher(t *testing.T) {
	better := []string{"sort images", "images: sort", "sorting", "resorting", "consort"}
	for i, text := range better[:3] {
		if next := better[i+1]; Parse("sort").Score(text) <= Parse("sort").Score(next) {
			t.Errorf("%q is not before %q", text, next)
		}
	}
	for _, c := range []struct{ typed, text, than string }{
		{"pc", "pods: collect", "the epoch"},         // beginnings, and a part that isn't there
		{"rewo", "reduce-worker", "are we on"},       // two letters each
		{"gc", "garbage collect", "a big cat"},       // and not scattered
		{"work", "example.com/worker", "my network"}, // a beginning, and a part
	} {
		if a, b := Parse(c.typed).Score(c.text), Parse(c.typed).Score(c.than); a <= b {
			t.Errorf("%q: %q has %d, and %q %d", c.typed, c.text, a, c.than, b)
		}
	}
	var got strings.Builder
	for _, at := range Parse("rewo").Positions("reduce-worker", nil) {
		got.WriteString(fmt.Sprint(at, " "))
	}
	if got.String() != "0 1 7 8 " {
		t.Errorf("marked %s", got.String())
	}
}

// Typing on from what matched finds what looking at everything would, in the same order.
func TestNarrowingFindsTheSame(t *testing.T) {
	texts := make([]string, 500)
	for i := range texts {
		texts[i] = fmt.Sprintf("example.com/team-%d/service-%05d 1.%d.%d", i%40, i*7, i%7, i%31)
	}
	folded := func(i int) string { return texts[i] }
	for _, typed := range []string{"service 12", "tmsrv9", "team-3 1.2", "zz", "5 5 5"} {
		var on Ranking
		for i := range len(typed) + 1 {
			var anew Ranking
			q := Parse(typed[:i])
			if got, want := on.Rank(q, len(texts), folded), anew.Rank(q, len(texts), folded); !slices.Equal(got, want) {
				t.Fatalf("%q: %d found, and %d anew", typed[:i], len(got), len(want))
			}
		}
	}
}

// A key allocates nothing for each text.
func TestRankingAllocatesNothing(t *testing.T) {
	texts := make([]string, 10_000)
	for i := range texts {
		texts[i] = fmt.Sprintf("example.com/team-%d/service-%05d", i%40, i)
	}
	folded := func(i int) string { return texts[i] }
	var r Ranking
	wide, narrow := Parse("s"), Parse("se")
	r.Rank(wide, len(texts), folded)
	if got := testing.AllocsPerRun(10, func() {
		r.Rank(narrow, len(texts), folded)
		r.Rank(wide, len(texts), folded)
	}); got > 0 {
		t.Errorf("%.0f allocations", got)
	}
}

func FuzzScore(f *testing.F) {
	f.Add("work 1", "example.com/worker 1.0")
	f.Fuzz(func(t *testing.T, query, text string) {
		q, folded := Parse(query), Fold(text)
		score := q.Score(folded)
		if score < 0 || score > Best {
			t.Fatalf("score %d", score)
		}
		for _, i := range q.Positions(folded, nil) {
			if i < 0 || i >= len(text) {
				t.Fatalf("position %d of %q", i, text)
			}
		}
	})
}

func BenchmarkRank(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		texts := make([]string, n)
		for i := range texts {
			texts[i] = fmt.Sprintf("example.com/team-%d/service-%05d 1.%d.%d", i%40, i, i%7, i%31)
		}
		for _, query := range []string{"s", "service 12", "tmsrv9"} {
			b.Run(fmt.Sprintf("%d/%s", n, query), func(b *testing.B) {
				var r Ranking
				b.ReportAllocs()
				for b.Loop() {
					r.last = Query{} // it was typed anew, and goes on from nothing
					r.Rank(Parse(query), n, func(i int) string { return texts[i] })
				}
			})
		}
	}
}
