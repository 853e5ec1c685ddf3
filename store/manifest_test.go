package store

import (
	"fmt"
	"strings"
	"testing"
)

// What a stranger wrote reaches no terminal as it is.
func TestManifestErrorsAreSafeToShow(t *testing.T) {
	t.Parallel()
	for name, manifest := range map[string]string{
		"an escape sequence":  `{"acKind":"\u001b[2JImageManifest"}`,
		"one of eight bits":   `{"acKind":"\u009b2JImageManifest"}`,
		"another direction":   `{"acKind":"\u202eImageManifest"}`,
		"a name":              `{"acKind":"ImageManifest","acVersion":"0.8.11","name":"\u001b[2J"}`,
		"a version":           `{"acKind":"ImageManifest","acVersion":"\u001b]0;x\u0007","name":"a"}`,
		"a raw control":       "{\"acKind\":\"\x1b[2J\"}",
		"no text":             "{\"acKind\":\"\xff\xfe\"}",
		"without end":         fmt.Sprintf(`{"acKind":%q}`, strings.Repeat("x", 100_000)),
		"a wide one, too":     fmt.Sprintf(`{"acKind":%q}`, strings.Repeat("界", 100_000)),
		"many of them, raw":   strings.Repeat("\x1b", 10_000),
		"an unknown key deep": `{"acKind":"ImageManifest","acVersion":"0.8.11","name":"a","labels":[{"name":"\u001b[2J","value":1}]}`,
	} {
		_, err := parseManifest([]byte(manifest))
		if err == nil {
			t.Errorf("%s is taken", name)
			continue
		}
		if text := err.Error(); len(text) > 400 || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x202e }) {
			t.Errorf("%s: %d bytes: %.500q", name, len(text), text)
		}
	}
}
