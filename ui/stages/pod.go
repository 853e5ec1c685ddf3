package stages

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// ShortUUID is as much of a UUID as people compare.
func ShortUUID(uuid string) string { return uuid[:min(len(uuid), 8)] }

// PodName is what a list calls a pod: by its name, or by its number.
func PodName(p poddir.Status) string {
	if p.Name != "" {
		return p.Name
	}
	return ShortUUID(p.UUID)
}

// PodLabel names a pod where it must not be taken for another: by its name, or
// its apps, and by its number.
func PodLabel(p poddir.Status) string {
	name := p.Name
	if name == "" {
		name = strings.Join(AppNames(p), "+")
	}
	if name == "" {
		return "pod " + ShortUUID(p.UUID)
	}
	return name + " (" + ShortUUID(p.UUID) + ")"
}

// AppNames are the names of a pod's apps, in its order.
func AppNames(p poddir.Status) []string {
	names := make([]string, len(p.Apps))
	for i, a := range p.Apps {
		names[i] = a.Name
	}
	return names
}

// PodState is where a pod is, or how it ended. An app of a running pod that waits
// for its next start is told of.
func PodState(p poddir.Status, now time.Time) string {
	if p.State == poddir.Exited && p.Exit != nil {
		return "exited " + strconv.Itoa(*p.Exit)
	}
	if next, waits := NextStart(p); waits {
		return Restarting(next, now)
	}
	return string(p.State)
}

// NextStart is when the first of a pod's apps that have ended is started again.
func NextStart(p poddir.Status) (next time.Time, waits bool) {
	if p.State != poddir.Running {
		return next, false
	}
	for _, a := range p.Apps {
		if !a.Next.IsZero() && (next.IsZero() || a.Next.Before(next)) {
			next = a.Next
		}
	}
	return next, !next.IsZero()
}

// Restarting says when an app that has ended is started again.
func Restarting(next, now time.Time) string {
	left := next.Sub(now)
	if left <= 0 {
		return "restarting"
	}
	return "restarting in " + text.Ago(left+time.Second-1) // never in 0 s
}

// PodStyle is how the state of a pod is drawn.
func PodStyle(t *theme.Theme, p poddir.Status) theme.Style {
	_, waits := NextStart(p)
	switch {
	case waits, p.State == poddir.Preparing:
		return t.Waiting
	case p.State == poddir.Running:
		return t.Good
	case p.State == poddir.Failed, p.Exit != nil && *p.Exit != 0:
		return t.Wrong
	}
	return t.Dim
}

// PodCause is why a pod is as it is, in words: its own cause, or that of the first
// app that failed or waits for its next start.
func PodCause(p poddir.Status) string {
	if p.Cause != "" && p.State != poddir.Running {
		return p.Cause
	}
	for _, a := range p.Apps {
		switch {
		case !a.Next.IsZero() && p.State == poddir.Running:
			return a.Name + ": " + a.Cause
		case a.Exit != nil && *a.Exit != 0:
			return a.Name + ": " + Ending(a.Exit, a.Cause)
		}
	}
	return ""
}

// PodImages is what a pod's image is called, or how many different ones it has.
func PodImages(p poddir.Status) string {
	var all []string
	for _, a := range p.Apps {
		if !slices.Contains(all, a.Image) {
			all = append(all, a.Image)
		}
	}
	if len(all) > 1 {
		return text.Count(len(all), "image")
	}
	return strings.Join(all, "")
}

// PodSince is since when a pod runs, has ended or waits.
func PodSince(p poddir.Status) time.Time {
	switch {
	case p.State != poddir.Running && !p.Ended.IsZero():
		return p.Ended
	case !p.Started.IsZero():
		return p.Started
	}
	return p.Created
}
