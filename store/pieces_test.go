package store

import (
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
)

// Wherever a piece of the index ends, no line is lost and none is read twice,
// not even one that is longer than a piece.
func TestIndexIsReadInPieces(t *testing.T) {
	t.Parallel()
	var lines []byte
	const n = 3000
	for i := range n {
		e := Entry{ID: fmt.Sprint("id-", i), Name: fmt.Sprint("example.com/", i)}
		if i == n/2 {
			e.labels = "long=" + strings.Repeat("x", 400<<10)
		}
		lines = appendLine(lines, e)
	}
	lines = append(lines, "torn"...)
	got, bad, err := appendEntries(nil, iotest.HalfReader(strings.NewReader(string(lines))), "")
	if err != nil || len(got) != n || bad != 1 {
		t.Fatalf("%d entries, %d bad lines, %v", len(got), bad, err)
	}
	for i, e := range got {
		if e.ID != fmt.Sprint("id-", i) {
			t.Fatalf("entry %d is %s", i, e.ID)
		}
	}
	got, _, err = appendEntries(nil, strings.NewReader(string(lines)), "\texample.com/2999")
	if err != nil || len(got) != 1 || got[0].Name != "example.com/2999" {
		t.Errorf("got %+v, %v", got, err)
	}
}
