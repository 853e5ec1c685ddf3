package images

import (
	"context"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/ui/text"
)

// finder looks for what could be fetched, beside the list of what is here.
type finder struct {
	ctx    context.Context
	engine Engine

	plan    plan
	sources []*source // for each of the plan's wants
	before  []*source // what was answered before, for who comes back to it
	parts   []part    // what is shown, in its order
	rows    int
	here    map[string]bool // the tags of the repository looked into that the store has
}

// remembered is how many answers are kept for coming back.
const remembered = 16

// part is a run of rows of one kind.
type part struct {
	kind partKind
	src  *source
	n    int
	line string // of heads and faults
}

type partKind int

const (
	headPart  partKind = iota // "to fetch", and who is being asked
	typedPart                 // what is typed
	namePart                  // a name that was discovered
	repoPart                  // a repository as one row
	listPart                  // names
	morePart                  // there are more
	faultPart                 // why there are none
)

// look follows what is typed. What is still asked goes on, the rest ends.
func (f *finder) look(typed string) tea.Cmd {
	f.plan = planOf(typed)
	old := f.sources
	f.sources = nil
	var work []tea.Cmd
	for _, w := range f.plan.wants {
		src := takeSource(&old, w.question)
		if src == nil {
			src = takeSource(&f.before, w.question)
		}
		isNew := src == nil
		if isNew {
			src = &source{}
		}
		src.want = w
		if isNew {
			work = append(work, src.ask(f.ctx, f.engine, settle))
		} else {
			src.narrow()
		}
		f.sources = append(f.sources, src)
	}
	for _, src := range old {
		src.leave()
		if src.heard && src.err == nil {
			f.before = append(f.before, src)
		}
	}
	f.before = f.before[max(len(f.before)-remembered, 0):]
	f.arrange()
	if len(work) == 0 {
		return nil
	}
	return tea.Batch(work...)
}

func takeSource(from *[]*source, q question) *source {
	for i, src := range *from {
		if src.question == q {
			*from = slices.Delete(*from, i, i+1)
			return src
		}
	}
	return nil
}

// forget drops what was answered: the next search asks anew.
func (f *finder) forget() { f.before = nil }

// take takes an answer, if it is still waited for.
func (f *finder) take(a answered) bool {
	if !slices.Contains(f.sources, a.of) || a.asked != a.of.asked {
		return false
	}
	a.of.take(a)
	f.arrange()
	return true
}

// more returns the work of reading on where the cursor, at a row, comes near the
// end of what was read. Nobody is asked twice for what could not be read.
func (f *finder) more(cursor int) tea.Cmd {
	end := 0
	for _, p := range f.parts {
		first := end
		end += p.n
		if p.kind == morePart && p.src.short(first-max(cursor, 0), cursor == first || len(p.src.rows) > ahead) {
			return f.readOn(p.src)
		}
	}
	return nil
}

// again returns the work of asking a host once more for what it had no answer to.
func (f *finder) again(host string) tea.Cmd {
	var work tea.Cmd
	for _, src := range f.sources {
		if src.err != nil && !src.busy && src.host() == host {
			work = join(src.ask(f.ctx, f.engine, 0), work)
		}
	}
	f.arrange()
	return work
}

func (f *finder) readOn(src *source) tea.Cmd {
	if src.busy {
		return nil
	}
	work := src.ask(f.ctx, f.engine, 0)
	f.arrange()
	return work
}

// arrange puts together what is shown.
func (f *finder) arrange() {
	f.parts, f.rows = f.parts[:0], 0
	f.add(part{kind: headPart, n: 1, line: f.head()})
	if f.plan.direct != "" && !f.listed() {
		f.add(part{kind: typedPart, n: 1})
	}
	for _, src := range f.sources {
		f.arrangeSource(src)
	}
	for _, src := range f.sources { // after what is known
		if src.unsure() && !f.inCatalog() {
			f.add(part{kind: repoPart, src: src, n: 1})
		}
	}
	for _, fault := range f.faults() {
		f.add(part{kind: faultPart, n: 1, line: fault})
	}
	if f.rows == 1 && !f.asking() {
		f.parts, f.rows = nil, 0
	}
}

// listed reports whether a list tells all about the tag that is typed: it has it,
// or it is whole and has it not.
func (f *finder) listed() bool {
	for _, src := range f.sources {
		if src.kind == tags && src.list && src.heard {
			return src.next == "" || slices.Contains(src.names, src.filter)
		}
	}
	return false
}

// inCatalog reports whether the host of a repository has said what it has: then
// what has no tags is none, but only the beginning of one.
func (f *finder) inCatalog() bool {
	return slices.ContainsFunc(f.sources, func(src *source) bool { return src.kind == repositories && src.heard })
}

func (f *finder) add(p part) {
	if p.n > 0 {
		f.parts = append(f.parts, p)
		f.rows += p.n
	}
}

func (f *finder) arrangeSource(src *source) {
	switch {
	case src.kind == discovery && src.heard:
		f.add(part{kind: namePart, src: src, n: 1})
	case src.kind == tags && !src.list:
		if src.heard || !src.unsure() && !src.guess && !f.inCatalog() {
			f.add(part{kind: repoPart, src: src, n: 1})
		}
	case src.kind != discovery:
		f.dropTwice(src)
		f.add(part{kind: listPart, src: src, n: len(src.rows)})
		if src.next != "" {
			f.add(part{kind: morePart, src: src, n: 1})
		}
	}
}

// dropTwice leaves out of a list what has a row of its own already.
func (f *finder) dropTwice(src *source) {
	if src.kind == repositories && f.has(repoPart) {
		src.rows = slices.DeleteFunc(src.rows, func(i int) bool { return src.names[i] == src.filter })
	}
}

// unsure reports whether a repository is only what somebody typed so far.
func (src *source) unsure() bool {
	return src.kind == tags && !src.list && src.busy && !src.heard && !src.guess
}

// known reports whether anything can be fetched that is no guess.
func (f *finder) known() bool {
	return slices.ContainsFunc(f.parts, func(p part) bool {
		return p.kind != headPart && p.kind != faultPart && (p.kind != repoPart || !p.src.unsure())
	})
}

func (f *finder) has(kind partKind) bool {
	return slices.ContainsFunc(f.parts, func(p part) bool { return p.kind == kind })
}

func (f *finder) asking() bool {
	return slices.ContainsFunc(f.sources, func(src *source) bool { return src.busy })
}

// asked are those whom an answer is waited for from.
func (f *finder) asked() []string {
	var asked []string
	for _, src := range f.sources {
		if who := src.who(); src.busy && !slices.Contains(asked, who) {
			asked = append(asked, who)
		}
	}
	return asked
}

// head is the heading, with whom an answer is waited for from.
func (f *finder) head() string {
	said := ""
	for _, src := range f.sources {
		if (src.list || src.kind == files) && src.heard {
			said = src.count()
		}
	}
	s := "to fetch"
	if said != "" {
		s += " · " + said
	}
	if asked := f.asked(); len(asked) > 0 {
		s += " · asking " + strings.Join(asked, ", ") + " …"
	}
	return s
}

// count tells n of m of a list.
func (src *source) count() string {
	n, of := text.Count(len(src.names), "tag"), " of "+src.of
	if src.kind == files {
		n, of = text.Count(len(src.names), "image file"), " below "+src.of
	}
	if src.next != "" {
		n = "the first " + n
	}
	if !src.query.Empty() {
		n = text.Number(len(src.rows)) + " of " + n
	}
	return n + of
}

// faults are why there is nothing, a line each. That a host is no registry is
// worth a line only where nothing else was found there.
func (f *finder) faults() []string {
	var lines []string
	hosts, discovered := false, false
	for _, src := range f.sources {
		hosts = hosts || src.heard && (src.kind == tags || src.kind == repositories)
		discovered = discovered || src.heard && src.kind == discovery
	}
	said := false
	for _, src := range f.sources {
		onHost := src.kind == tags || src.kind == repositories
		switch {
		case src.err == nil:
			if len(src.names) >= mostNames {
				lines = append(lines, "only the first "+text.Number(mostNames)+" are shown")
			}
			if src.lacksTag() {
				lines = append(lines, "no tag "+src.filter+" there")
			}
		case onHost && src.heard: // a page is missing: "more" asks again
			lines = append(lines, src.fault())
		case onHost && (said || hosts || src.guess && (discovered || f.asking())):
		default:
			said = said || onHost
			lines = append(lines, src.fault())
		}
	}
	return lines
}

// lacksTag reports whether a whole list of tags has nothing like the one that is
// typed.
func (src *source) lacksTag() bool {
	return src.kind == tags && src.list && src.heard && src.next == "" && src.filter != "" && len(src.rows) == 0
}

// fault names who could not answer, and why.
func (src *source) fault() string {
	why := src.err.Error()
	if who := src.who(); !strings.Contains(why, who) {
		return who + ": " + why
	}
	return why
}

// at finds the part that a row belongs to, and which of its rows it is.
func (f *finder) at(row int) (p part, i int) {
	for _, p := range f.parts {
		if row < p.n {
			return p, row
		}
		row -= p.n
	}
	return part{kind: faultPart}, 0
}
