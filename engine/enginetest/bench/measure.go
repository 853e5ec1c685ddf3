package main

import (
	"context"
	"fmt"
	"time"
)

// measure is one question to several contestants, podtui the first.
type measure struct {
	title       string
	explanation string
	rounds      int
	warm        int                                   // rounds before the first that counts
	cpu         bool                                  // tell also how much of the processors it took
	after       func(context.Context) (string, error) // more to tell, found out once all was measured
	contestants []*contestant
}

// contestant is one of those who do the same thing.
type contestant struct {
	name   string
	once   func(context.Context) (took, error)
	absent string // why it doesn't take part, and what would mend that
	mark   mark
	peer   bool // podtui is compared with it; else it has marks of its own
	must   bool // the measure makes no sense without it

	wall, cpu []time.Duration
}

// mark is what podtui should reach: for a peer podtui's time as a part of the
// peer's, else milliseconds. 0 is no mark.
type mark struct{ must, aim float64 }

// run lets the contestants take turns. One that fails is out, and says why.
func (m *measure) run(ctx context.Context) error {
	for round := -m.warm; round < m.rounds; round++ {
		for _, c := range m.contestants {
			if err := ctx.Err(); err != nil {
				return err
			}
			if c.absent != "" {
				continue
			}
			t, err := c.once(ctx)
			if err != nil && c.must {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if err != nil {
				c.absent = "failed: " + oneLine(err.Error())
				continue
			}
			if round >= 0 {
				c.wall, c.cpu = append(c.wall, t.wall), append(c.cpu, t.cpu)
			}
		}
	}
	if m.after == nil {
		return nil
	}
	more, err := m.after(ctx)
	m.explanation += more
	return err
}
