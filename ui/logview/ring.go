package logview

import (
	"slices"
	"strings"

	"github.com/podtui/podtui/engine/poddir"
)

// Kept is how many lines are kept: more need not be read.
const Kept = 100_000

// Bounds of what is kept of a pod's output. The logs on disk have the rest.
const (
	maxLines  = Kept
	maxLength = 4096 // bytes of one line
)

// ring keeps the last lines of a pod's output. A line has a number that never
// changes, counted from the first that came, so that a reader who scrolled up
// stays where he is while lines come and go.
type ring struct {
	lines []entry
	next  int // the number of the line that comes next
	apps  []string
	views []*view // of each app, in the order of apps
}

// entry is one line.
type entry struct {
	poddir.LogLine
	app int // in apps
}

// view is the numbers of one app's lines, oldest first.
type view struct {
	numbers []int
	dropped int // how many at the front are no longer kept
}

// add appends lines, in their order.
func (r *ring) add(lines []poddir.LogLine) {
	for _, l := range lines {
		l.Text = strings.TrimRight(l.Text, "\r") // terminals end lines with \r\n
		if l.Lost() {
			l.Text = "… " + l.Text
		}
		if len(l.Text) > maxLength {
			l.Text = strings.Clone(l.Text[:maxLength]) + "…"
		}
		r.push(entry{l, r.app(l.App)})
	}
}

func (r *ring) push(e entry) {
	if len(r.lines) < maxLines {
		r.lines = append(r.lines, e)
	} else {
		r.views[r.lines[r.next%maxLines].app].drop()
		r.lines[r.next%maxLines] = e
	}
	v := r.views[e.app]
	v.numbers = append(v.numbers, r.next)
	r.next++
}

// drop forgets an app's oldest line. The space is taken back now and then.
func (v *view) drop() {
	v.dropped++
	if v.dropped > maxLines/4 && v.dropped > len(v.numbers)/2 {
		v.numbers = append(v.numbers[:0], v.numbers[v.dropped:]...)
		v.dropped = 0
	}
}

// app is the index of an app, which is new if nobody heard of it yet.
func (r *ring) app(name string) int {
	for i, a := range r.apps {
		if a == name {
			return i
		}
	}
	r.apps = append(r.apps, name)
	r.views = append(r.views, &view{})
	return len(r.apps) - 1
}

// arrange puts apps in order, and forgets others that have not spoken. It returns
// where each app is now, -1 if nowhere.
func (r *ring) arrange(apps []string) []int {
	old, views := r.apps, r.views
	r.apps, r.views = nil, nil
	for _, name := range apps {
		r.app(name)
	}
	now := make([]int, len(old))
	for i, name := range old {
		now[i] = slices.Index(r.apps, name)
		if now[i] < 0 && len(views[i].numbers) > 0 {
			now[i] = r.app(name)
		}
		if now[i] >= 0 {
			r.views[now[i]] = views[i]
		}
	}
	for i := range r.lines {
		r.lines[i].app = now[r.lines[i].app]
	}
	return now
}

// spoken are the apps that have written something.
func (r *ring) spoken() []string {
	var apps []string
	for i, name := range r.apps {
		if len(r.views[i].numbers) > 0 {
			apps = append(apps, name)
		}
	}
	return apps
}

// first is the number of the oldest line that is kept.
func (r *ring) first() int { return r.next - len(r.lines) }

// line returns a line by its number, which must be kept.
func (r *ring) line(number int) *entry { return &r.lines[number%maxLines] }

// all, as an app, means every one of them.
const all = -1

// count is how many lines of an app are kept.
func (r *ring) count(app int) int {
	if app == all {
		return len(r.lines)
	}
	v := r.views[app]
	return len(v.numbers) - v.dropped
}

// at returns the number of the i-th kept line of an app.
func (r *ring) at(app, i int) int {
	if app == all {
		return r.first() + i
	}
	v := r.views[app]
	return v.numbers[v.dropped+i]
}

// index is how many kept lines of an app come before the line with a number.
func (r *ring) index(app, number int) int {
	if app == all {
		return max(min(number-r.first(), len(r.lines)), 0)
	}
	v := r.views[app]
	low, high := v.dropped, len(v.numbers)
	for low < high {
		if mid := (low + high) / 2; v.numbers[mid] < number {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low - v.dropped
}
