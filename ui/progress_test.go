package ui

import "testing"

// Where the sequence of the task bar would be a message, or letters on the screen, it
// is not sent.
func TestWhichTerminalsHaveATaskBar(t *testing.T) {
	for _, c := range []struct {
		environ []string
		has     bool
	}{
		{[]string{"TERM=xterm-256color"}, true},
		{[]string{"TERM=xterm-ghostty"}, true},
		{[]string{"TERM=tmux-256color"}, true},
		{[]string{"TERM=xterm-256color", "VTE_VERSION=8000"}, true},
		{[]string{"TERM=xterm-256color", "VTE_VERSION=7603"}, false},
		{[]string{"TERM=xterm-256color", "TERM_PROGRAM=iTerm.app", "TERM_PROGRAM_VERSION=3.6.6"}, true},
		{[]string{"TERM=xterm-256color", "TERM_PROGRAM=iTerm.app", "TERM_PROGRAM_VERSION=3.10.1beta2"}, true},
		{[]string{"TERM=xterm-256color", "TERM_PROGRAM=iTerm.app", "TERM_PROGRAM_VERSION=3.5.14"}, false},
		{[]string{"TERM=xterm-256color", "TERM_PROGRAM=iTerm.app"}, false},
		{[]string{"TERM=xterm-256color", "TERM_PROGRAM=WezTerm", "TERM_PROGRAM_VERSION=20240203-110809-5046fc22"}, true},
		{[]string{"TERM=linux"}, false}, {[]string{"TERM=dumb"}, false}, {nil, false}, {[]string{"TERM=vt220"}, false},
		{[]string{"TERM=screen-256color"}, false}, {[]string{"TERM=xterm-256color", "STY=4711.pts-0.host"}, false},
	} {
		if got := hasBar(c.environ); got != c.has {
			t.Errorf("%v: %v", c.environ, got)
		}
	}
}
