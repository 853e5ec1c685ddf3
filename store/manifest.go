package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/appc/spec/schema"
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
	var m schema.ImageManifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, manifestError(oneLine(err))
	}
	return &m, nil
}

func manifestError(reason string) error {
	return &ArchiveError{Entry: "manifest", Reason: "is not an image manifest: " + reason}
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
