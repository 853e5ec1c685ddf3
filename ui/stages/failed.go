package stages

import (
	"strconv"
	"strings"

	"github.com/podtui/podtui/ui/draw"
	"github.com/podtui/podtui/ui/theme"
)

// failedApps are the apps that ended badly or never ran. Of a pod of one app
// the pod's own row says it.
func (s *Stages) failedApps() []*App {
	if len(s.Apps) == 1 && s.Exit != nil {
		return nil
	}
	var failed []*App
	for _, a := range s.Apps {
		if s.failed(a) {
			failed = append(failed, a)
		}
	}
	return failed
}

func (s *Stages) failed(a *App) bool {
	return a.Err != "" || a.Status != nil && *a.Status != 0 && !s.Stopped(a.Status)
}

// drawFailed draws a row for each app that failed. Those that were ended because
// another failed have not: they went with it.
func (s *Stages) drawFailed(p *draw.Page, t *theme.Theme) {
	for _, a := range s.failedApps() {
		p.To(1)
		if s.wentAlong(a) {
			p.Put(t.Dim, "– ")
			p.Put(t.Text, a.Name+"   ")
			p.Line(t.Dim, "was ended then, "+a.ending())
			continue
		}
		p.Put(t.Wrong, "✗ ")
		p.Put(t.Text, a.Name+"   ")
		p.Line(t.Dim, a.ending())
	}
}

// Culprit is the app that the pod's end came from: the one that the engine names, or
// the first that failed. Nil: none did, or the pod goes on.
func (s *Stages) Culprit() *App {
	if s.Exit == nil || *s.Exit == 0 || s.Stopped(s.Exit) {
		return nil
	}
	var first *App
	for _, a := range s.Apps {
		switch {
		case !s.failed(a):
		case strings.HasPrefix(s.Cause, "app "+strconv.Quote(a.Name)+": "):
			return a
		case first == nil || a.Ended.Before(first.Ended):
			first = a
		}
	}
	return first
}

// wentAlong reports whether an app was ended because another had failed.
func (s *Stages) wentAlong(a *App) bool {
	c := s.Culprit()
	return c != nil && c != a && a.Err == "" && BySignal(a.Status) && !a.Ended.Before(c.Ended)
}

// OutOfMemory reports whether the app was killed by its memory limit.
func (a *App) OutOfMemory() bool { return strings.Contains(a.Cause, "memory limit") }

func (a *App) ending() string {
	if a.Err != "" {
		return a.Err
	}
	return Ending(a.Status, a.Cause)
}

// Meaning says what an exit status stands for, where its number alone tells few people
// enough; "" where there is no more to say. A cause that the engine has found goes
// before any guess.
func Meaning(status *int, cause string) string {
	if status == nil {
		return ""
	}
	switch *status {
	case 126:
		return "a shell ends with 126 where it may not execute a command"
	case 127:
		return "a shell ends with 127 where it does not find a command"
	}
	if n := *status - 128; n > 0 && strings.HasPrefix(cause, "killed by signal "+strconv.Itoa(n)+" ") {
		return signals()[n]
	}
	return ""
}

// signals say what led to a signal that programs are ended by.
func signals() map[int]string {
	return map[int]string{
		4:  "it came to an instruction that this processor does not know",
		6:  "it gave up by itself: what it wrote last may say why",
		7:  "it reached for memory that is not there, perhaps of a file that became shorter",
		8:  "it divided by zero, or the like",
		9:  "it was killed from outside, or was too large for the host's memory",
		11: "it reached for memory that is not its own: a fault of the program",
		13: "it wrote to somebody who had gone",
	}
}
