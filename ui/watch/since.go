package watch

import (
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/logview"
	"github.com/podtui/podtui/ui/screen"
)

// sinceAnswer is from when on output is to be shown; zero: all that is kept.
type sinceAnswer struct {
	of *Screen
	at time.Time
}

const everything = "all"

func (s *Screen) askSince() screen.Out {
	if s.uuid == "" {
		return screen.Out{}
	}
	return screen.Say(screen.Ask{Dialog: &dialog.Prompt{
		Title:  "Show the output from when on?",
		Body:   []string{"How long ago, such as 10m or 2h, or a time, such as 14:30."},
		Offers: []string{"1m", "10m", "1h", everything},
		Check: func(typed string) error {
			_, err := since(typed, s.env.Now())
			return err
		},
		Answer: func(typed string) tea.Msg {
			at, _ := since(typed, s.env.Now())
			return sinceAnswer{s, at}
		},
	}})
}

// since is a time in the past as people write it: how long ago, or when today or
// yesterday.
func since(typed string, now time.Time) (time.Time, error) {
	if typed == everything {
		return time.Time{}, nil
	}
	if ago, err := time.ParseDuration(typed); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	for _, layout := range []string{"15:04", time.TimeOnly} {
		clock, err := time.ParseInLocation(layout, typed, now.Location())
		if err != nil {
			continue
		}
		at := time.Date(now.Year(), now.Month(), now.Day(), clock.Hour(), clock.Minute(), clock.Second(), 0, now.Location())
		if at.After(now) {
			at = at.AddDate(0, 0, -1)
		}
		return at, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateTime} {
		if at, err := time.ParseInLocation(layout, typed, now.Location()); err == nil {
			return at, nil
		}
	}
	return time.Time{}, errors.New("write how long ago (10m, 2h), a time (14:30), or all")
}

// takeSince reads the output anew.
func (s *Screen) takeSince(m sinceAnswer) screen.Out {
	s.since = m.at
	fresh := logview.New()
	fresh.Wrap, fresh.Times = s.output.Wrap, s.output.Times
	fresh.Arrange(s.output.Apps())
	fresh.Search(s.output.Searched())
	app := s.window().App()
	s.output = fresh
	s.openPanes(app)
	return screen.Do(s.readLogs())
}
