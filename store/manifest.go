package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/appc/spec/schema"

	"github.com/podtui/podtui/store/imagemanifest"
)

// maxManifest bounds a manifest. Real ones have a few kilobytes.
const maxManifest = 1 << 20

// parseManifest reads an image manifest and checks it as the appc schema says.
func parseManifest(data []byte) (*schema.ImageManifest, error) {
	// The schema puts a syntax error over several lines, so it must not be the
	// one to find it.
	if err := json.Unmarshal(data, new(map[string]any)); err != nil {
		return nil, manifestError(describe(err, data))
	}
	m, err := imagemanifest.Decode(data)
	if err != nil {
		return nil, manifestError(oneLine(err))
	}
	return m, nil
}

func manifestError(reason string) error {
	return &ArchiveError{Entry: "manifest", Reason: "is not an image manifest: " + shown(reason)}
}

// maxReason bounds what is repeated of a stranger's words.
const maxReason = 300

// shown makes a text of which a stranger wrote parts one for a terminal: what is
// not printed is escaped, and the end of a long one is cut.
func shown(text string) string {
	var b strings.Builder
	for _, r := range text {
		if b.Len() >= maxReason {
			return b.String() + "…"
		}
		if strconv.IsPrint(r) && r != utf8.RuneError {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String()
}

// describe says where in the text a syntax error is.
func describe(err error, data []byte) string {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return oneLine(err)
	}
	before := string(data[:min(int(syntax.Offset), len(data))])
	line := strings.Count(before, "\n") + 1
	column := len(before) - strings.LastIndex(before, "\n") - 1
	return fmt.Sprintf("line %d, column %d: %v", line, column, err)
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
