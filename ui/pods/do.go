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
	did          string
	total        int
	left, failed int
}

// done is the engine's answer about one pod of a batch.
type done struct {
	of    *batch
	deed  deed
	uuid  string
	label string
	err   error
}

// agreed does what was agreed to, to a few pods at once. What is
// shown of the selection has served its purpose.
func (s *Screen) agreed(a answer) screen.Out {
	b := &batch{}
	selected := s.marks > 0
	var cmds []tea.Cmd
	var begun []string
	for _, t := range a {
		p := s.find(t.uuid)
		if p == nil || !t.deed.fits(p) { // it has changed since the question
			continue
		}
		selected = selected && p.marked
		p.doing, p.trouble = deeds[t.deed].doing, ""
		if t.deed != remove {
			s.env.Stop(t.uuid, t.deed == stop || t.deed == kill)
		}
		if t.deed == run || t.deed == again_ {
			begun = append(begun, t.uuid)
		}
		if did := deeds[t.deed].did; b.did == "" {
			b.did = did
		} else if b.did != did {
			b.did = deeds[run].did
		}
		cmds = append(cmds, s.do(b, t, stages.PodLabel(p.Status)))
	}
	if selected {
		s.unmark(s.rows)
	}
	b.total, b.left = len(cmds), len(cmds)
	return screen.Out{Cmd: tea.Batch(cmds...), Wish: Changed{Begun: begun}}
}

func (s *Screen) do(b *batch, t task, label string) tea.Cmd {
	return func() tea.Msg {
		select {
		case s.turns <- struct{}{}:
		case <-s.ctx.Done():
			return nil
		}
		defer func() { <-s.turns }()
		return done{b, t.deed, t.uuid, label, s.work(t.deed, t.uuid)}
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
			p.trouble = text.OneLine(m.err.Error())
		}
		return screen.Say(screen.Notice{Text: m.label + ": " + m.err.Error(), Wrong: true})
	}
	switch {
	case b.left > 0, b.failed > 0:
		return screen.Say(Changed{})
	case b.total == 1:
		return screen.Say(screen.Notice{Text: deeds[m.deed].did + " " + m.label})
	}
	return screen.Say(screen.Notice{Text: b.did + " " + text.Count(b.total, "pod")})
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
