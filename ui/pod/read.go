package pod

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/appc/spec/schema"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/theme"
)

// row is one of a section that is only read. Its head stands in a column of its
// own.
type row struct {
	head, text string
	link       string                         // where it leads, in terminals that know that
	port       int                            // which of the published ports it is, from 1 on; 0: none
	style      func(*theme.Theme) theme.Style // of the text; nil: plain
}

// takeLoaded lays out what was decided about the pod.
func (s *Screen) takeLoaded(m loaded) {
	s.pod = m.pod
	defer s.connect()
	s.why[command], s.why[manifest], s.why[volumes] = m.specErr, m.manifestErr, m.manifestErr
	if m.manifestErr != nil {
		return
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, m.manifest, "", "  "); err != nil {
		s.why[manifest] = err
		return
	}
	s.json = indented.String()
	s.rows[manifest] = nil
	for line := range strings.SplitSeq(s.json, "\n") {
		s.rows[manifest] = append(s.rows[manifest], row{text: line})
	}
	var parsed schema.PodManifest
	if err := json.Unmarshal(m.manifest, &parsed); err != nil {
		s.why[volumes] = err
		return
	}
	s.rows[volumes] = volumeRows(&parsed)
}

// volumeRows tell of each volume what it is, and where which app finds it.
func volumeRows(m *schema.PodManifest) []row {
	var rows []row
	for _, v := range m.Volumes {
		what := "empty at the first start, and kept"
		if v.Source != "" {
			what = v.Source
		}
		if v.ReadOnly != nil && *v.ReadOnly {
			what += " · read-only"
		}
		if v.Kind != "host" {
			what = strings.TrimSpace(v.Kind + " · " + what)
		}
		rows = append(rows, row{head: v.Name.String(), text: what})
		for _, app := range m.Apps {
			for _, mount := range app.Mounts {
				if mount.Volume == v.Name {
					rows = append(rows, row{text: "→ " + app.Name.String() + "  " + mount.Path, style: dim})
				}
			}
		}
	}
	return rows
}

func dim(t *theme.Theme) theme.Style     { return t.Dim }
func good(t *theme.Theme) theme.Style    { return t.Good }
func wrong(t *theme.Theme) theme.Style   { return t.Wrong }
func waiting(t *theme.Theme) theme.Style { return t.Waiting }

// tell lays out the story. Who reads its end goes on reading its end.
func (s *Screen) tell() {
	atEnd := s.tops[events] >= len(s.rows[events])-s.pages[events]
	s.rows[events] = s.rows[events][:0]
	for _, e := range s.story {
		if words, style := told(e); words != "" {
			s.rows[events] = append(s.rows[events], row{head: e.Time.Local().Format("2006-01-02 15:04:05"), text: words, style: style})
		}
	}
	if atEnd {
		s.tops[events] = len(s.rows[events])
	}
	s.hold(events)
}

// told is an event in words; "" where it says nothing that another doesn't.
func told(e event.Event) (string, func(*theme.Theme) theme.Style) {
	because := func(words string) string {
		if e.Message == "" {
			return words
		}
		return words + ": " + e.Message
	}
	switch e.Type {
	case event.AppStart:
		if e.State == event.Started {
			return e.App + " is made, and waits for event handlers", waiting
		}
		return e.App + " started", good
	case event.AppExit:
		if e.State == event.Started {
			return because(e.App + " ended, and is started again"), waiting
		}
		return e.App + " ended: " + stages.Ending(e.Status, e.Message), ended(e.Status)
	case event.PodExit:
		return "the pod ended: " + stages.Ending(e.Status, e.Message), ended(e.Status)
	case event.Warning:
		return "! " + e.Message, waiting
	case event.Error:
		return "✗ " + e.Message, wrong
	}
	if e.State == event.Started {
		return "", nil
	}
	style := dim
	if e.State == event.Failed {
		style = wrong
	}
	switch e.Type {
	case event.ImageSearch:
		return because(e.Image + " found"), style
	case event.ImageFetch:
		return because(e.Image + " fetched"), style
	case event.ImageVerify:
		return because(e.Image + " verify"), style
	case event.ImageUnpack:
		return because(e.Image + " unpacked"), style
	case event.PodPrepare:
		return because("prepared"), style
	case event.PodNetwork:
		return because("network"), style
	}
	return "", nil
}

func ended(status *int) func(*theme.Theme) theme.Style {
	if status != nil && *status != 0 {
		return wrong
	}
	return dim
}
