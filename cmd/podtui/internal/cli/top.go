package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/text"
)

// firstLook is the time that the first look's processor time is measured in.
const firstLook = 500 * time.Millisecond

// top is one call of "top".
type top struct {
	listing
	engine   *engine.Engine
	pods     []string // UUIDs; none: all that run
	interval time.Duration
	count    int
	last     map[topKey]engine.Usage
}

type topKey struct{ pod, app string }

func (p *program) topCommand() *cobra.Command {
	t := top{interval: time.Second, count: 1}
	c := &cobra.Command{
		Use: "top [POD…]", Aliases: []string{"stats"}, Short: "show what the apps of running pods use",
		Long: "Show what the apps of running pods use: processor time as a share of one core, memory without\n" +
			"page cache that can go at once, processes and threads, and bytes read from and written to\n" +
			"disks since the start. \"-\" is what this host doesn't count.",
		ValidArgsFunction: p.completePodsIn(-1, poddir.Running),
		RunE:              func(c *cobra.Command, args []string) error { return p.top(c.Context(), args, &t) },
	}
	t.addTo(p, c)
	c.Flags().Var(flagValue{globalFlag{value: "DURATION", set: t.setInterval}}, "interval", "how long from one look to the next (1s)")
	c.Flags().Var(flagValue{globalFlag{value: "N", set: t.setCount}}, "count", "how many looks (1); 0: until it is interrupted")
	return c
}

func (t *top) setInterval(value string) error {
	d, err := time.ParseDuration(value)
	if err != nil || d < 10*time.Millisecond {
		return fmt.Errorf("%q: write a duration of 10ms or more, such as 2s", value)
	}
	t.interval = d
	return nil
}

func (t *top) setCount(value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return fmt.Errorf("%q: write a number, or 0 for looks without end", value)
	}
	t.count = n
	return nil
}

func (p *program) top(ctx context.Context, words []string, t *top) error {
	missing := error(nil)
	if len(words) > 0 {
		missing = fmt.Errorf("pod %q: %w", words[0], poddir.ErrNotFound)
	}
	e, err := p.look(missing)
	if e == nil {
		if err != nil {
			return err
		}
		return t.print(nil)
	}
	defer e.Close()
	t.engine = e
	if err := t.choose(words); err != nil {
		return err
	}
	ctx, ended := withSignals(ctx)
	defer ended()
	return t.run(ctx)
}

// choose finds the pods that are named. They must run.
func (t *top) choose(words []string) error {
	for _, word := range words {
		pod, err := t.engine.Pod(word)
		if err != nil {
			return err
		}
		if pod.State != poddir.Running {
			return fmt.Errorf("pod %s does not run: it is %s", called(pod), pod.State)
		}
		t.pods = append(t.pods, pod.UUID)
	}
	return nil
}

// run looks as often as was asked for. An interrupt ends it, and is no failure.
func (t *top) run(ctx context.Context) error {
	if _, err := t.look(); err != nil {
		return err
	}
	redraw := !t.json() && t.count != 1 && term.IsTerminal(os.Stdout.Fd())
	wait := min(t.interval, firstLook)
	for n := 0; t.count == 0 || n < t.count; n++ {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		wait = t.interval
		rows, err := t.look()
		if err != nil {
			return err
		}
		switch {
		case redraw:
			_, err = os.Stdout.WriteString("\x1b[H\x1b[2J")
		case n > 0 && !t.json():
			_, err = os.Stdout.WriteString("\n")
		}
		if err := errors.Join(err, t.print(rows)); err != nil {
			return err
		}
	}
	return nil
}

// usageJSON is an app of "top --format=json". What the host doesn't count is
// null.
type usageJSON struct {
	Pod         string    `json:"pod"`
	Name        *string   `json:"name"`
	App         string    `json:"app"`
	Time        time.Time `json:"time"`
	CPU         *float64  `json:"cpu"`     // percent of one core, since the last look
	CPUTime     *int64    `json:"cpuTime"` // nanoseconds
	Memory      *int64    `json:"memory"`
	MemoryLimit *int64    `json:"memoryLimit"`
	PIDs        *int64    `json:"pids"`
	Read        *int64    `json:"read"`
	Written     *int64    `json:"written"`
}

// look reads what all apps use now. One that was not there at the last look has
// no share of a processor yet.
func (t *top) look() ([]usageJSON, error) {
	pods, err := t.running()
	if err != nil {
		return nil, err
	}
	var rows []usageJSON
	now := map[topKey]engine.Usage{}
	for _, pod := range pods {
		usages, err := t.engine.PodUsage(pod.UUID)
		if errors.Is(err, poddir.ErrNotFound) {
			continue // removed meanwhile
		}
		if err != nil {
			return nil, err
		}
		for _, u := range usages {
			key := topKey{pod.UUID, u.App}
			now[key] = u
			rows = append(rows, newUsageJSON(pod, t.last[key], u))
		}
	}
	t.last = now
	return rows, nil
}

func (t *top) running() ([]poddir.Status, error) {
	if len(t.pods) == 0 {
		all, err := t.engine.Pods()
		if err != nil {
			return nil, err
		}
		var running []poddir.Status
		for _, pod := range all {
			if pod.State == poddir.Running {
				running = append(running, pod)
			}
		}
		return running, nil
	}
	var running []poddir.Status
	for _, uuid := range t.pods {
		pod, err := t.engine.Pod(uuid)
		if errors.Is(err, poddir.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		running = append(running, pod)
	}
	return running, nil
}

func newUsageJSON(pod poddir.Status, before, now engine.Usage) usageJSON {
	j := usageJSON{
		Pod: pod.UUID, App: now.App, Time: now.Time, CPU: share(before, now), CPUTime: counted(int64(now.CPU)),
		Memory: counted(now.Memory), PIDs: counted(now.PIDs), Read: counted(now.Read), Written: counted(now.Written),
	}
	if pod.Name != "" {
		j.Name = &pod.Name
	}
	if now.MemoryLimit > 0 {
		j.MemoryLimit = &now.MemoryLimit
	}
	return j
}

// share is the part of one core that was used between two looks, in percent. An
// app that was started again in between has used less than before.
func share(before, now engine.Usage) *float64 {
	if before.Time.IsZero() || before.CPU < 0 || now.CPU < before.CPU || !now.Time.After(before.Time) {
		return nil
	}
	percent := 100 * float64(now.CPU-before.CPU) / float64(now.Time.Sub(before.Time))
	percent = math.Round(percent*10) / 10
	return &percent
}

func counted(n int64) *int64 {
	if n < 0 {
		return nil
	}
	return &n
}

func (t *top) print(rows []usageJSON) error {
	if t.json() {
		return t.printJSON(append([]usageJSON{}, rows...))
	}
	table := make([][]string, len(rows))
	for i, r := range rows {
		pod := t.uuid(r.Pod)
		if !t.full && r.Name != nil {
			pod = *r.Name
		}
		if i > 0 && rows[i-1].Pod == r.Pod {
			pod = ""
		}
		cpu := "-"
		if r.CPU != nil {
			cpu = strconv.FormatFloat(*r.CPU, 'f', 1, 64) + "%"
		}
		table[i] = []string{pod, r.App, cpu, t.bytes(r.Memory), t.bytes(r.MemoryLimit), number(r.PIDs), t.bytes(r.Read), t.bytes(r.Written)}
	}
	return t.printTable([]string{"POD", "APP", "CPU", "MEM", "LIMIT", "PIDS", "READ", "WRITTEN"}, table)
}

func (t *top) bytes(n *int64) string {
	if n == nil || t.full {
		return number(n)
	}
	return text.Bytes(*n)
}

func number(n *int64) string {
	if n == nil {
		return "-"
	}
	return strconv.FormatInt(*n, 10)
}
