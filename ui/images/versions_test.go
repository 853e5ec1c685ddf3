package images

import (
	"strings"
	"testing"
)

func TestTagsComeNewestFirst(t *testing.T) {
	for given, want := range map[string]string{
		"v1.24 v1.14 v1.29 v1.5":        "v1.29 v1.24 v1.14 v1.5",
		"1.9 1.10 latest v1.11 stable":  "latest v1.11 1.10 1.9 stable",
		"a10 a9 sha256-ab.sig 3":        "3 sha256-ab.sig a10 a9",
		"2024-01-02 2023-12-31 v v1 01": "2024-01-02 2023-12-31 01 v1 v",
		"":                              "",
	} {
		first, second, _ := strings.Cut(given, " ")
		if got := strings.Join(newestFirst(strings.Fields(first), strings.Fields(second)), " "); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}
