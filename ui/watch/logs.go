package watch

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/feed"
	"github.com/podtui/podtui/ui/logview"
)

// readLogs reads what the pod's apps have written, from the time that one wants,
// and goes on with what they write. What was read before is forgotten.
func (s *Screen) readLogs() tea.Cmd {
	if s.logs != nil {
		s.logs.Stop()
	}
	s.logs = feed.NewLines(s.ctx)
	o := engine.LogOptions{Follow: true, Since: s.since, Last: logview.Kept}
	return s.logs.From(func(ctx context.Context, put func([]poddir.LogLine) error) error {
		return s.engine.Logs(ctx, s.uuid, o, put)
	})
}
