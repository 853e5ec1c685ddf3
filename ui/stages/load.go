package stages

import (
	"strconv"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/text"
)

// Load is what apps use: their memory now, and their processor time between the
// last two looks.
type Load struct {
	looks []engine.Usage // the last, an app each
	cpu   []float64      // of one core; below zero: not known
}

// Add takes a look at all apps that run. Of an app that was not there before, or
// was started anew since, the processor time is known with the next look.
func (l *Load) Add(looks []engine.Usage) {
	cpu := make([]float64, len(looks))
	for i, now := range looks {
		cpu[i] = -1
		for _, before := range l.looks {
			span := now.Time.Sub(before.Time)
			if before.App == now.App && span > 0 && now.CPU >= before.CPU && before.CPU >= 0 {
				cpu[i] = float64(now.CPU-before.CPU) / float64(span)
			}
		}
	}
	l.looks, l.cpu = looks, cpu
}

// App is what one of the apps used at the last look.
func (l *Load) App(name string) (u engine.Usage, cpu float64, ok bool) {
	for i, look := range l.looks {
		if look.App == name {
			return look, l.cpu[i], true
		}
	}
	return u, -1, false
}

// CPU is the cores that all of them used together; below zero: not known.
func (l *Load) CPU() float64 {
	sum := -1.0
	for _, c := range l.cpu {
		if c >= 0 {
			sum = max(sum, 0) + c
		}
	}
	return sum
}

// Memory is the bytes that all of them use; below zero: not known.
func (l *Load) Memory() int64 {
	sum := int64(-1)
	for _, u := range l.looks {
		if u.Memory >= 0 {
			sum = max(sum, 0) + u.Memory
		}
	}
	return sum
}

// OneCore is what the processor time of a pod is measured by, where pods are held
// against each other.
const OneCore = 1.0

// Percent is cores as people read them: of one, "71 %".
func Percent(cores float64) string {
	if cores < 0 {
		return ""
	}
	return strconv.Itoa(int(cores*100+0.5)) + " %"
}

// MemoryWords is bytes in use, "" if nobody counts them.
func MemoryWords(n int64) string {
	if n < 0 {
		return ""
	}
	return text.Bytes(n)
}

// Every is how often what is used is looked at, while it is on the screen; the
// second look comes sooner, because only then the processor time is known.
const (
	Every = 2 * time.Second
	Soon  = 500 * time.Millisecond
)
