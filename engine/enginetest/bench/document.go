package main

import (
	"fmt"
	"os"
	"strings"
)

// The report stands between these lines of the document.
const (
	startMark = "<!-- measured: by make bench, not by hand -->"
	endMark   = "<!-- /measured -->"
)

// rewrite puts the report where the document had the one before.
func rewrite(path, report string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text, err := between(string(old), report)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

func between(document, report string) (string, error) {
	before, rest, hasStart := strings.Cut(document, startMark)
	_, after, hasEnd := strings.Cut(rest, endMark)
	if !hasStart || !hasEnd {
		return "", fmt.Errorf("no place for the report: it goes between %q and %q", startMark, endMark)
	}
	return before + startMark + "\n" + report + "\n" + endMark + after, nil
}
