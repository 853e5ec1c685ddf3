package poddir

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

var began = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// tell writes pieces, one a second from began on, those with "!" on standard
// error.
func tell(t testing.TB, w *LogWriter, pieces []string) {
	t.Helper()
	for i, p := range pieces {
		stream := "stdout"
		if text, is := strings.CutPrefix(p, "!"); is {
			stream, p = "stderr", text
		}
		if err := w.Write(began.Add(time.Duration(i)*time.Second), stream, []byte(p)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRanges(t *testing.T) {
	t.Parallel()
	at := func(second float64) time.Time { return began.Add(time.Duration(second * float64(time.Second))) }
	//                  0     1     2       3     4      5       6
	pieces := []string{"a\n", "b", "!x\n", "c\n", "d\ne", "!y", "f\ng"}
	for name, c := range map[string]struct {
		choice LogRange
		want   string
	}{
		"all":                      {LogRange{}, "a|!x|bc|d|ef|g…|!y…|"},
		"a stream":                 {LogRange{Stream: "stderr"}, "!x|!y…|"},
		"since the beginning":      {LogRange{Since: at(0)}, "a|!x|bc|d|ef|g…|!y…|"},
		"since within a line":      {LogRange{Since: at(2)}, "!x|d|ef|g…|!y…|"},
		"since between":            {LogRange{Since: at(4.5)}, "g…|!y…|"},
		"since later":              {LogRange{Since: at(7)}, ""},
		"until within a line":      {LogRange{Until: at(1)}, "a|bc|"},
		"until, both are open":     {LogRange{Until: at(5)}, "a|!x|bc|d|ef|!y…|"},
		"until before":             {LogRange{Until: at(-1)}, ""},
		"since and until":          {LogRange{Since: at(2), Until: at(4)}, "!x|d|ef|"},
		"the last":                 {LogRange{Last: 1}, "g…|!y…|"}, // the caller leaves one out, see Chosen
		"the last two":             {LogRange{Last: 2}, "g…|!y…|"},
		"the last three":           {LogRange{Last: 3}, "ef|g…|!y…|"},
		"the last five":            {LogRange{Last: 5}, "bc|d|ef|g…|!y…|"},
		"the last of many":         {LogRange{Last: 100}, "a|!x|bc|d|ef|g…|!y…|"},
		"the last of a stream":     {LogRange{Last: 2, Stream: "stdout"}, "ef|g…|"},
		"the last since":           {LogRange{Last: 3, Since: at(3)}, "ef|g…|!y…|"},
		"the last since, all":      {LogRange{Last: 9, Since: at(3)}, "d|ef|g…|!y…|"},
		"the last until":           {LogRange{Last: 2, Until: at(3)}, "!x|bc|"},
		"the last since and until": {LogRange{Last: 2, Since: at(1), Until: at(4)}, "d|ef|"},
		"new":                      {LogRange{New: true}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, segment := range []int64{segmentSize, 220} {
				dir, w := testLog(t)
				w.segment = segment
				tell(t, w, pieces)
				if segment == 220 && w.number != 1 {
					t.Fatalf("segment %d", w.number)
				}
				r := reader(t, dir, c.choice)
				if got := shown(t, r); got != c.want {
					t.Errorf("got  %s\nwant %s", got, c.want)
				}
				say(t, w, "stdout", "more\n")
				if got := shown(t, r); r.Over() && got != "" || !r.Over() && !strings.HasSuffix(got, "more|") && c.choice.Stream != "stderr" && c.choice.Until.IsZero() {
					t.Errorf("then got %s", got)
				}
			}
		})
	}
}

// Whatever was written: what a range chooses is what is left of all lines when
// the others are taken away.
func TestRangesAreWhatIsLeftOfAll(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 37))
		dir, w := testLog(t)
		w.segment = segmentSize
		if random.IntN(2) == 0 {
			w.segment = 900_000
		}
		tell(t, w, somePieces(random))
		all := readAll(t, reader(t, dir, LogRange{}))
		if w.number > 1 {
			continue // some were rotated away
		}
		last := 1 + random.IntN(20)
		r := reader(t, dir, LogRange{Last: last})
		got := readAll(t, r)
		open := len(r.Rest())
		if want := lastLines(all, max(last-open, 0)); !slices.Equal(got, want) || r.Chosen() != ended(got)+open {
			t.Fatalf("seed %d: the last %d (%d chosen, %d open)\ngot  %.400v\nwant %.400v", seed, last, r.Chosen(), open, got, want)
		}
		since := began.Add(time.Duration(random.IntN(60)) * time.Second)
		got = readAll(t, reader(t, dir, LogRange{Since: since}))
		later := slices.DeleteFunc(slices.Clone(all), func(l LogLine) bool { return l.Time.Before(since) })
		if !slices.Equal(got, later) {
			t.Fatalf("seed %d: since %v\ngot  %.200v\nwant %.200v", seed, since, got, later)
		}
		got = readAll(t, reader(t, dir, LogRange{Until: since}))
		earlier := slices.DeleteFunc(slices.Clone(all), func(l LogLine) bool { return l.Time.After(since) })
		if !slices.Equal(got, earlier) {
			t.Fatalf("seed %d: until %v\ngot  %.200v\nwant %.200v", seed, since, got, earlier)
		}
	}
}

func somePieces(random *rand.Rand) (pieces []string) {
	for range random.IntN(60) {
		p := []string{"", "!"}[random.IntN(2)]
		for range random.IntN(5) {
			p += strings.Repeat(string(rune('a'+random.IntN(26))), random.IntN([]int{5, 5, 50, 100_000}[random.IntN(4)]))
			p += []string{"", "\n"}[random.IntN(2)]
		}
		pieces = append(pieces, p)
	}
	return pieces
}

func ended(lines []LogLine) (n int) {
	for _, line := range lines {
		if !line.Partial {
			n++
		}
	}
	return n
}

// lastLines leaves out what belongs to a line that is not among the last n to end.
func lastLines(all []LogLine, n int) (last []LogLine) {
	left := ended(all) - n
	gone := make(map[string]int) // by stream
	for _, line := range all {
		if left > 0 && !line.Partial {
			left--
			gone[line.Stream]++
		}
	}
	for _, line := range all {
		if gone[line.Stream] == 0 {
			last = append(last, line)
		} else if !line.Partial {
			gone[line.Stream]--
		}
	}
	return last
}
