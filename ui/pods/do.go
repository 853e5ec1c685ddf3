package pods

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/text"
)

// batch is what was agreed to with one answer.
type batch struct {
	deed         deed
	total        int
	left, failed int
}

// done is the engine's answer about one pod of a batch.
type done struct {
	of    *batch
	uuid  string
	label string
	err   error
}

// agreed does what was agreed to, to a few pods at once. What is
// shown of the selection has served its purpose.
func (s *Screen) agreed(a answer) screen.Out {
	b := &batch{deed: a.deed}
	selected := s.marks > 0
	var cmds []tea.Cmd
	for _, uuid := range a.uuids {
		p := s.find(uuid)
		if p == nil || !a.deed.fits(p) { // it has changed since the question
			continue
		}
		selected = selected && p.marked
		p.doing, p.trouble = deeds[a.deed].doing, ""
		if a.deed != remove {
			s.env.Stop(uuid, a.deed == stop || a.deed == kill)
		}
		cmds = append(cmds, s.do(b, uuid, stages.PodLabel(p.Status)))
	}
	if selected {
		s.unmark(s.rows)
	}
	b.total, b.left = len(cmds), len(cmds)
	return screen.Out{Cmd: tea.Batch(cmds...), Wish: Changed{}}
}

func (s *Screen) do(b *batch, uuid, label string) tea.Cmd {
	return func() tea.Msg {
		select {
		case s.turns <- struct{}{}:
		case <-s.ctx.Done():
			return nil
		}
		defer func() { <-s.turns }()
		return done{b, uuid, label, s.work(b.deed, uuid)}
	}
}

// work is what the engine is asked to do.
func (s *Screen) work(d deed, uuid string) error {
	switch d {
	case stop, kill:
		return s.engine.StopPod(s.ctx, uuid, engine.StopOptions{Force: d == kill})
	case again_:
		return letGo(s.engine.RestartPod(s.ctx, uuid, engine.StopOptions{}, engine.RunOptions{}, nil))
	case run:
		return letGo(s.engine.RunPrepared(s.ctx, uuid, engine.RunOptions{}, nil))
	}
	return s.engine.RemovePod(uuid)
}

// letGo leaves a pod that runs to itself.
func letGo(running *engine.Running, err error) error {
	if err != nil || running == nil {
		return err
	}
	return running.Close()
}

// takeDone says how it went: what did not work stands at the pod too, until
// something else becomes of it.
func (s *Screen) takeDone(m done) screen.Out {
	b := m.of
	b.left--
	p := s.find(m.uuid)
	if p != nil {
		p.doing = ""
	}
	if m.err != nil && !errors.Is(m.err, context.Canceled) {
		b.failed++
		s.env.Stop(m.uuid, false)
		if p != nil {
			p.trouble = m.err.Error()
		}
		return screen.Say(screen.Notice{Text: m.label + ": " + m.err.Error(), Wrong: true})
	}
	switch {
	case b.left > 0, b.failed > 0:
		return screen.Say(Changed{})
	case b.total == 1:
		return screen.Say(screen.Notice{Text: deeds[b.deed].did + " " + m.label})
	}
	return screen.Say(screen.Notice{Text: deeds[b.deed].did + " " + text.Count(b.total, "pod")})
}

// collectOptions are what was agreed to, and nothing that has ended since.
func collectOptions(a collectAnswer, now time.Time) engine.GCOptions {
	since := max(now.Sub(a.asked), 0)
	return engine.GCOptions{Grace: a.grace + since, ExpirePrepared: expirePrepared + since}
}

func (s *Screen) takeCollected(m collected) screen.Out {
	switch {
	case m.err != nil:
		return screen.Say(screen.Notice{Text: m.err.Error(), Wrong: true})
	case m.pods == 0:
		return screen.Say(screen.Notice{Text: "nothing was to be removed"})
	}
	return screen.Say(screen.Notice{Text: "removed " + text.Count(m.pods, "pod")})
}
