package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/text"
)

// review shows keys to a person, and asks about each.
type review struct {
	scope string // what the key would be trusted for; "": all images
	skip  bool   // nobody is asked

	answers   io.Reader
	questions io.Writer
	terminal  *os.File // that both are, in place of the standard streams
}

// question is rkt's.
const (
	question   = "Are you sure you want to trust this key (yes/no)? "
	revocation = "Take over its revocation, wherever the key is trusted (yes/no)? "
)

// newReview asks where podtui's answers come from: who sits at a terminal has to
// see the question there.
func newReview(scope string, skip bool) *review {
	r := &review{scope: scope, skip: skip, answers: os.Stdin, questions: os.Stderr}
	if batch.IsTerminal(os.Stdin) && !batch.IsTerminal(os.Stderr) {
		_ = r.useTerminal()
	}
	return r
}

// useTerminal asks on the terminal itself, since standard input brings the key.
func (r *review) useTerminal() error {
	if r.skip || r.terminal != nil {
		return nil
	}
	terminal, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return errors.New("the key comes from standard input, and there is no terminal to ask on; " +
			"--skip-fingerprint-review trusts it without asking")
	}
	r.terminal, r.answers, r.questions = terminal, terminal, terminal
	return nil
}

func (r *review) close() {
	if r.terminal != nil {
		_ = r.terminal.Close()
	}
}

// ask shows something, and returns what the person says to it.
func (r *review) ask(shown, question string) (said string) {
	if r.skip {
		return yes
	}
	_, _ = io.WriteString(r.questions, shown+question)
	answer, ended := readLine(r.answers)
	if file, isFile := r.answers.(*os.File); !ended || !isFile || !batch.IsTerminal(file) {
		_, _ = io.WriteString(r.questions, "\n") // nobody pressed Enter here
	}
	return answer
}

const yes = "yes"

func isYes(said string) bool { return said == yes }

// notYes says why an answer was none that does something.
func notYes(said, does string) string {
	if strings.EqualFold(said, yes) || strings.EqualFold(said, "y") {
		return ": only yes " + does + " it, and the answer was " + said
	}
	return ", since nobody said yes"
}

// describe is all that a person can judge a key by. Held is where it is trusted
// already.
func (r *review) describe(offer engine.Offer, held []engine.TrustedKey) string {
	key := offer.Key
	var b strings.Builder
	line := func(title, words string) { b.WriteString(inReview(title, words)) }
	switch {
	case isRevoked(key): // which scope was meant is nothing to decide any more
	case r.scope == "":
		line("images:", "ALL, whatever their names: a key of --root counts for every image")
	default:
		line("prefix:", r.scope)
	}
	for i, of := range scopes(held) {
		line(title("trusted for:", i), text.Escape(of)+", already")
	}
	for i, id := range key.UserIDs {
		if i == mostUserIDs {
			line("", fmt.Sprintf("and %d more", len(key.UserIDs)-i))
			break
		}
		line(title("user id:", i), batch.UserID(id))
	}
	if len(key.UserIDs) == 0 {
		line("user id:", "none: the key does not say whose it is")
	}
	line("fingerprint:", inFours(key.Fingerprint))
	line("algorithm:", text.Escape(key.Algorithm))
	line("created:", day(key.Created))
	line("expires:", orNever(key.Expires))
	line("from:", text.Escape(offer.Source)+overTLS(offer))
	if key.Problem != "" {
		line("problem:", text.Escape(key.Problem))
	}
	return b.String()
}

const mostUserIDs = 20

// inReview is a line of a description.
func inReview(title, words string) string { return fmt.Sprintf("%-13s %s\n", title, words) }

// title is said once for several lines.
func title(s string, i int) string {
	if i > 0 {
		return ""
	}
	return s
}

func quoted(userID string) string { return `"` + batch.UserID(userID) + `"` }

// inFours is a fingerprint as people compare it.
func inFours(fingerprint string) string {
	var groups []string
	for len(fingerprint) > 4 {
		groups = append(groups, fingerprint[:4])
		fingerprint = fingerprint[4:]
	}
	return strings.ToUpper(strings.Join(append(groups, fingerprint), " "))
}

func overTLS(offer engine.Offer) string {
	switch {
	case offer.TLS:
		return ", over TLS"
	case isURL(offer.Source):
		return ", NOT over TLS: anybody on the way may have put it there"
	}
	return ""
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func orNever(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return day(t)
}

// readLine reads an answer, and no byte of the next one. What is longer than any
// answer is none.
func readLine(r io.Reader) (line string, ended bool) {
	var b [1]byte
	for len(line) < 1024 {
		n, err := r.Read(b[:])
		switch {
		case n == 1 && b[0] == '\n':
			return strings.TrimSpace(line), true
		case n == 1:
			line += string(b[:])
		case err != nil:
			return strings.TrimSpace(line), false
		}
	}
	return "", false
}
