package images

import (
	"strings"

	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/table"
	"github.com/podtui/podtui/ui/text"
)

// Say implements screen.Speaker.
func (s *Screen) Say() screen.Spoken {
	said := screen.Spoken{Name: "images", About: commas(s.count()), Going: s.sayFetches()}
	switch {
	case s.adding:
		said.Field = &screen.SpokenField{Name: "add a file", Value: s.path.Value(), Note: "the path of an image", Fits: s.path.Candidates()}
	case s.filtering:
		said.Field = &screen.SpokenField{Name: "search", Value: s.filter.Value(), Note: searchable}
	}
	switch {
	case s.fetches.focus:
		s.sayFetch(&said)
		return said
	case s.err != nil:
		said.About = s.err.Error()
		return said
	case !s.loaded:
		return said
	case len(s.all) == 0 && s.finder.rows == 0:
		said.About = "no images yet"
	case s.table.Len() == 0:
		said.About += ", nothing matches"
	}
	said.Of = s.table.Len()
	if i := s.table.Cursor(); i >= 0 {
		said.Key, said.Item, said.At = s.rowKey(), s.Row(i), i+1
	}
	return said
}

// Row implements screen.Speaker.
func (s *Screen) Row(i int) string {
	switch {
	case s.fetches.focus && i < len(s.fetches.list):
		return s.sayOne(s.fetches.list[i])
	case s.fetches.focus || i >= s.table.Len():
		return ""
	case i < len(s.rows):
		return s.table.Say(i, "image", s.fill)
	}
	return s.sayOffer(i)
}

// sayOffer says what could be fetched, and what is known of it.
func (s *Screen) sayOffer(i int) string {
	r := table.Row{Cells: make([]table.Cell, len(columns))}
	s.fill(i, &r)
	if r.Line.Text != "" {
		return commas(r.Line.Text)
	}
	words := "to fetch"
	for _, cell := range r.Cells {
		if said := commas(cell.Text + cell.End); said != "" {
			words += ", " + said
		}
	}
	return strings.Replace(words, ",", "", 1)
}

// sayFetch says the fetch under the cursor.
func (s *Screen) sayFetch(said *screen.Spoken) {
	said.Name, said.About = "fetches", commas(s.fetches.head())
	one := s.fetches.current()
	said.Key, said.Item, said.At, said.Of = one.reference, s.sayOne(one), s.fetches.cursor+1, len(s.fetches.list)
	if s.fetches.open {
		said.Name = "fetch of " + one.reference
		for _, line := range one.stages.Say(s.env.Now()) {
			said.Text = append(said.Text, line.Words)
		}
	}
}

// sayFetches says how far fetches are, whatever else is looked at.
func (s *Screen) sayFetches() []screen.Going {
	var all []screen.Going
	for _, one := range s.fetches.list {
		all = append(all, screen.Going{Key: "fetch " + one.reference, Words: s.sayOne(one)})
	}
	return all
}

func (s *Screen) sayOne(one *fetching) string {
	const room = 1 << 10
	words := "fetch of " + one.reference + ": "
	switch one.state {
	case failed:
		return words + one.because()
	case stopping:
		return words + "stopping"
	case stopped:
		return words + one.kept()
	}
	if now := commas(one.now(s.env.Now(), room)); now != "" {
		return words + now
	}
	return words + "under way"
}

// commas is a text of several parts as it is read out.
func commas(words string) string {
	words = strings.TrimPrefix(strings.TrimSpace(text.OneLine(words)), "! ")
	return strings.ReplaceAll(strings.ReplaceAll(words, " · ", ", "), ", ! ", ", ")
}

// Point implements screen.Speaker.
func (s *Screen) Point(i int) screen.Out {
	if s.fetches.focus {
		s.fetches.cursor = i
		s.fetches.current()
		return screen.Out{}
	}
	s.table.Select(i)
	return s.after(screen.Out{})
}
