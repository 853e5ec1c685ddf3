package spec

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// OnFailure says what the failure of one app means for the others. An app has
// failed only once its restart policy has given up.
type OnFailure string

// The values of --on-failure. "" is StopOthers.
const (
	StopOthers     OnFailure = "stop"
	ContinueOthers OnFailure = "continue"
)

// Life is how an app ends and begins again, as it runs.
type Life struct {
	Restart     Restart       `json:"restart"`
	StopSignal  int           `json:"stopSignal"`  // a number of Linux's
	StopTimeout time.Duration `json:"stopTimeout"` // between StopSignal and SIGKILL
}

// DefaultStopTimeout is how long an app has to end if nobody says (contract,
// section 3).
const DefaultStopTimeout = 10 * time.Second

// Restart is when an app is started again after it has ended.
type Restart struct {
	When RestartWhen `json:"when"`
	Most int         `json:"most,omitempty"` // starts after the first, of RestartOnFailure; 0: without end
}

// RestartWhen is the word of a restart policy.
type RestartWhen string

// The words of --restart.
const (
	RestartNever     RestartWhen = "no"
	RestartOnFailure RestartWhen = "on-failure"
	RestartAlways    RestartWhen = "always"
)

// String is the policy as --restart takes it.
func (r Restart) String() string {
	if r.When == RestartOnFailure && r.Most > 0 {
		return fmt.Sprintf("%s:%d", r.When, r.Most)
	}
	return string(r.When)
}

// ParseRestart reads no, on-failure, on-failure:N or always; "" is no.
func ParseRestart(s string) (Restart, error) {
	word, number, counted := strings.Cut(s, ":")
	switch when := RestartWhen(word); {
	case s == "":
		return Restart{When: RestartNever}, nil
	case counted && when == RestartOnFailure:
		n, err := strconv.Atoi(number)
		if err == nil && n > 0 {
			return Restart{When: when, Most: n}, nil
		}
	case !counted && (when == RestartNever || when == RestartOnFailure || when == RestartAlways):
		return Restart{When: when}, nil
	}
	return Restart{}, fmt.Errorf("restart policy %s: write no, on-failure, on-failure:N or always", show(s))
}

// ParseSignal reads the name of a signal, with SIG or without, in any case, or
// its number; "" is SIGTERM.
func ParseSignal(s string) (int, error) {
	if s == "" {
		return int(unix.SIGTERM), nil
	}
	if n, err := strconv.Atoi(s); err == nil {
		if n > 0 && n <= lastSignal {
			return n, nil
		}
		return 0, fmt.Errorf("signal %s is not a number from 1 to %d", show(s), lastSignal)
	}
	name := strings.ToUpper(s)
	if !strings.HasPrefix(name, "SIG") {
		name = "SIG" + name
	}
	if n := unix.SignalNum(name); n > 0 {
		return int(n), nil
	}
	return 0, fmt.Errorf("there is no signal %s; write a name such as SIGTERM or INT, or a number", show(s))
}

// lastSignal is SIGRTMAX.
const lastSignal = 64

// ParseStopTimeout reads a duration, such as 30s; "" is DefaultStopTimeout.
func ParseStopTimeout(s string) (time.Duration, error) {
	if s == "" {
		return DefaultStopTimeout, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("stop timeout %s: write a duration, such as 30s, 2m or 0s", show(s))
	}
	return d, nil
}

// life is for a valid app.
func (a App) life() Life {
	var l Life
	l.Restart, _ = ParseRestart(a.Restart)
	l.StopSignal, _ = ParseSignal(a.StopSignal)
	l.StopTimeout, _ = ParseStopTimeout(a.StopTimeout)
	return l
}

func (c *checker) life(p Pod) {
	if p.OnFailure != "" && p.OnFailure != StopOthers && p.OnFailure != ContinueOthers {
		c.add("onFailure", "--on-failure=%s: write stop or continue", show(string(p.OnFailure)))
	}
	if p.Interactive && len(p.Apps) > 1 {
		c.add("interactive", "--interactive gives podtui's input to one app, and there are %d", len(p.Apps))
	}
}

func (c *checker) appLife(at string, a App) {
	for _, field := range []struct {
		name, value string
		parse       func(string) error
	}{
		{"restart", a.Restart, errorOf(ParseRestart)},
		{"stopSignal", a.StopSignal, errorOf(ParseSignal)},
		{"stopTimeout", a.StopTimeout, errorOf(ParseStopTimeout)},
	} {
		if err := field.parse(field.value); err != nil {
			c.add(at+"."+field.name, "%v", err)
		}
	}
}

func errorOf[T any](parse func(string) (T, error)) func(string) error {
	return func(s string) error {
		_, err := parse(s)
		return err
	}
}
