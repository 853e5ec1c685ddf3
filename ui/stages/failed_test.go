package stages

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/ui/theme"
)

// Of several apps the one is named that the end came from; those that were ended with
// it did not fail.
func TestWhoBroughtThePodDown(t *testing.T) {
	exit := func(app string, status int, cause string, after time.Duration) event.Event {
		return event.Event{Type: event.AppExit, App: app, Status: event.Status(status), Message: cause, Time: start.Add(after)}
	}
	end := func(status int, cause string) event.Event {
		return event.Event{Type: event.PodExit, Status: event.Status(status), Message: cause}
	}
	const term = "killed by signal 15 (SIGTERM)"
	for name, c := range map[string]struct {
		events  []event.Event
		asked   bool
		culprit string
		rows    []string
	}{
		"well":           {[]event.Event{exit("a", 0, "", 1), exit("b", 0, "", 2), end(0, "")}, false, "", nil},
		"goes on":        {[]event.Event{exit("a", 3, "status 3", 1)}, false, "", []string{"✗ a   exited 3"}},
		"named":          {[]event.Event{exit("a", 143, term, 2), exit("b", 3, "status 3", 1), end(3, `app "b": status 3`)}, false, "b", []string{"– a   was ended then, " + "killed by signal 15 (SIGTERM, 143)", "✗ b   exited 3"}},
		"not named":      {[]event.Event{exit("a", 143, term, 2), exit("b", 3, "status 3", 1), end(3, "")}, false, "b", []string{"– a", "✗ b"}},
		"both by itself": {[]event.Event{exit("a", 4, "status 4", 2), exit("b", 3, "status 3", 1), end(4, "")}, false, "b", []string{"✗ a   exited 4", "✗ b   exited 3"}},
		"killed before":  {[]event.Event{exit("a", 137, "killed by signal 9 (SIGKILL)", 1), exit("b", 3, "status 3", 2), end(137, "")}, false, "a", []string{"✗ a", "✗ b"}},
		"asked to stop":  {[]event.Event{exit("a", 143, term, 1), exit("b", 143, term, 1), end(143, "")}, true, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := Stages{Asked: c.asked}
			s.Add(event.Event{Type: event.AppStart, State: event.Done, App: "a", Time: start}, event.Event{Type: event.AppStart, State: event.Done, App: "b", Time: start})
			s.Add(c.events...)
			got := ""
			if a := s.Culprit(); a != nil {
				got = a.Name
			}
			if got != c.culprit {
				t.Errorf("culprit %q, want %q", got, c.culprit)
			}
			screen := ansi.Strip(s.Draw(theme.New(theme.Plain), 80, 8, start))
			for _, row := range c.rows {
				if !strings.Contains(screen, row) {
					t.Errorf("%q is missing in\n%s", row, screen)
				}
			}
			if c.rows == nil && (strings.Contains(screen, "✗") || strings.Contains(screen, "was ended")) {
				t.Errorf("somebody is blamed in\n%s", screen)
			}
		})
	}
}

func TestWhatAnExitStatusMeans(t *testing.T) {
	for _, c := range []struct {
		status int
		cause  string
		means  string // a part; "": nothing is said
	}{
		{0, "", ""}, {3, "status 3", ""}, {126, "status 126", "may not execute"}, {127, "status 127", "does not find"},
		{139, "killed by signal 11 (SIGSEGV)", "a fault of the program"}, {134, "killed by signal 6 (SIGABRT)", "gave up by itself"},
		{139, "status 139", ""},                               // the app may have chosen it
		{137, "killed by its memory limit (64 MB)", ""},       // that is known better
		{137, "killed by signal 9 (SIGKILL)", "from outside"}, // and that is all there is
		{143, "killed by signal 15 (SIGTERM)", ""},
	} {
		got := Meaning(event.Status(c.status), c.cause)
		if c.means == "" && got != "" || !strings.Contains(got, c.means) {
			t.Errorf("%d %q means %q, want %q", c.status, c.cause, got, c.means)
		}
	}
	if got := Meaning(nil, "killed by signal 11 (SIGSEGV)"); got != "" {
		t.Errorf("no status means %q", got)
	}
}
