package credential

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"
	"unicode"
)

const (
	helperPrefix  = "docker-credential-"
	helperTime    = 60 * time.Second // somebody may have to type the passphrase of a key
	helperGrace   = time.Second      // for what a helper started and left behind with its output
	maxHelperSays = 64 << 10
)

// HelperError says in one line why a helper gave no credential.
type HelperError struct {
	Program string // docker-credential-pass
	Host    string // the registry it was asked about
	Reason  string
}

func (e *HelperError) Error() string {
	return fmt.Sprintf("%s, asked for the credentials of %s: %s", e.Program, e.Host, e.Reason)
}

// helperRuns runs helpers, one at a time: two of them might ask a person at
// once. What one answered is kept.
type helperRuns struct {
	turn    chan struct{} // holds the one turn there is
	answers map[string]Credential
	time    time.Duration
}

func newHelperRuns() helperRuns {
	h := helperRuns{turn: make(chan struct{}, 1), answers: map[string]Credential{}, time: helperTime}
	h.turn <- struct{}{}
	return h
}

func (h *helperRuns) get(ctx context.Context, name, host string) (Credential, bool, error) {
	select {
	case <-ctx.Done():
		return Credential{}, false, ctx.Err()
	case <-h.turn:
		defer func() { h.turn <- struct{}{} }()
	}
	c, known := h.answers[host]
	if !known {
		var err error
		if c, err = h.run(ctx, helperPrefix+name, host); err != nil {
			return Credential{}, false, err
		}
		h.answers[host] = c
	}
	return c, c != Credential{}, nil
}

// run asks a helper as docker does: "get" on its command line, the server on
// its input, JSON on its output. Its messages are dropped: they would be
// written over the screen.
func (h *helperRuns) run(ctx context.Context, program, host string) (Credential, error) {
	within, cancel := context.WithTimeout(ctx, h.time)
	defer cancel()
	says := &said{}
	cmd := exec.CommandContext(within, program, "get")
	cmd.Stdin = strings.NewReader(serverName(host))
	cmd.Stdout = says
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // and what it started
	cmd.WaitDelay = helperGrace
	err := cmd.Run()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // it ended well; an agent that it started holds its output
	}
	var why string
	switch {
	case ctx.Err() != nil:
		return Credential{}, ctx.Err()
	case within.Err() != nil:
		why = fmt.Sprintf("no answer within %v", h.time)
	case says.over:
		why = fmt.Sprintf("answers with more than %d bytes", maxHelperSays)
	case errors.Is(err, exec.ErrNotFound):
		why = "config.json names it, and PATH has no such program"
	case err == nil:
		c, ok := parseAnswer(says.buffer.Bytes())
		if ok {
			return c, nil
		}
		why = "its answer is not that of a credential helper"
	case says.notFound():
		return Credential{}, nil
	default:
		why = err.Error() + says.excuse()
	}
	return Credential{}, &HelperError{Program: program, Host: host, Reason: why}
}

// serverName is how helpers know a registry.
func serverName(host string) string {
	if host == dockerHub {
		return hubServer
	}
	return host
}

// isHelper keeps a helper's name from being a path: config.json says which of
// the programs in PATH that call themselves helpers runs, and no other.
func isHelper(name string) bool {
	return !strings.ContainsFunc(name, func(c rune) bool {
		return c >= 0x80 || !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("-._", c)
	})
}

func parseAnswer(b []byte) (Credential, bool) {
	var answer struct{ Username, Secret string }
	if json.Unmarshal(b, &answer) != nil {
		return Credential{}, false
	}
	if answer.Username == "<token>" {
		return Credential{Identity: answer.Secret}, isToken(answer.Secret)
	}
	return Credential{User: answer.Username, Password: answer.Secret}, true
}

// said takes what a helper says, up to a bound. (The buffer is not embedded:
// its ReadFrom would go past Write.)
type said struct {
	buffer bytes.Buffer
	over   bool
}

func (s *said) Write(p []byte) (int, error) {
	if s.over = s.over || s.buffer.Len()+len(p) > maxHelperSays; s.over {
		return 0, errors.New("too much")
	}
	return s.buffer.Write(p)
}

// notFound knows the sentence by which helpers say that they have nothing. It
// is part of their protocol.
func (s *said) notFound() bool {
	return strings.TrimSpace(s.buffer.String()) == "credentials not found in native keychain"
}

// excuse is what a helper that failed says for people: the protocol has it on
// standard output. What could be an answer with its secret is not repeated.
func (s *said) excuse() string {
	text, _, _ := strings.Cut(strings.TrimSpace(s.buffer.String()), "\n")
	if text == "" || strings.ContainsAny(text, `{}"`) {
		return ""
	}
	return fmt.Sprintf(": %q", short(text))
}
