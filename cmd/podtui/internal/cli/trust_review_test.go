package cli

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/text"
)

// Only "yes" is yes, and an answer takes no byte of the next one.
func TestOnlyYesTrusts(t *testing.T) {
	t.Parallel()
	const nobody = ", since nobody said yes"
	for answer, why := range map[string]string{
		"yes\n": "", "yes\r\n": "", " yes \n": "", "yes": "",
		"": nobody, "\n": nobody, "no\n": nobody, "yes please\n": nobody, "\nyes\n": nobody, "yes\x00\n": nobody,
		strings.Repeat(" ", 2000) + "yes\n": nobody, strings.Repeat("yes", 1000): nobody,
		"y\n":   ": only yes trusts it, and the answer was y",
		"Yes\n": ": only yes trusts it, and the answer was Yes",
		"YES\n": ": only yes trusts it, and the answer was YES",
	} {
		var asked bytes.Buffer
		r := review{scope: "example.com", answers: strings.NewReader(answer), questions: &asked}
		said := r.ask("shown\n", question)
		if isYes(said) != (why == "") || why != "" && notYes(said, "trusts") != why {
			t.Errorf("%.20q: %v, %q", answer, isYes(said), notYes(said, "trusts"))
		}
		if !strings.HasPrefix(asked.String(), "shown\n"+question) {
			t.Errorf("%.20q: asked %q", answer, asked.String())
		}
	}
	answers := iotest.OneByteReader(strings.NewReader("no\nyes\nrest"))
	r := review{answers: answers, questions: io.Discard}
	if isYes(r.ask("", question)) || !isYes(r.ask("", question)) {
		t.Error("answers were mixed up")
	}
	if rest, _ := io.ReadAll(answers); string(rest) != "rest" {
		t.Errorf("left %q", rest)
	}
}

// Whatever a key calls itself, each line of a review is podtui's.
func TestAReviewIsInPodtuisWords(t *testing.T) {
	t.Parallel()
	ids := []string{"Eve\nfingerprint:  0000\x1b[2J", "\xff\u202e\u200b", strings.Repeat("long", 2500)}
	for len(ids) < 1000 {
		ids = append(ids, "another")
	}
	key := engine.KeyInfo{
		Fingerprint: "0123456789abcdef0123456789abcdef01234567", Algorithm: "ed25519\n", UserIDs: ids,
		Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Expires: time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC), Problem: "weak\n",
	}
	got := (&review{scope: "example.com"}).describe(engine.Offer{Key: key, Source: "http://x/\n"}, nil)
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	for _, line := range lines {
		if text.Escape(line) != line || text.Width(line) > 140 {
			t.Errorf("%.200q", line)
		}
	}
	for _, want := range []string{
		`user id:      Eve\nfingerprint:  0000\x1b[2J`, "              and 980 more",
		"fingerprint:  0123 4567 89AB CDEF 0123 4567 89AB CDEF 0123 4567",
		"created:      2026-01-02", "expires:      2027-01-02",
		`from:         http://x/\n, NOT over TLS: anybody on the way may have put it there`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("no %q in\n%.2000s", want, got)
		}
	}
	if len(lines) != 1+mostUserIDs+1+6 {
		t.Errorf("%d lines", len(lines))
	}
}
