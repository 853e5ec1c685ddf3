package store

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"
	"time"
)

// A big index is read in two halves: wherever the middle falls, no line is lost,
// doubled or torn.
func TestHalvesOfAnIndexAreTheWhole(t *testing.T) {
	t.Parallel()
	var index []byte
	for i := range 20 {
		index = appendLine(index, Entry{ID: fmt.Sprintf("sha512-%0128x", i), Name: "example.com/app", Size: int64(i), Imported: time.Unix(int64(i), 0)})
	}
	for cut := range 400 { // the last line ends anywhere, and so does the middle
		data := index[:len(index)-cut]
		want, wantBad, err := appendEntries(nil, bytes.NewReader(data), "")
		if err != nil {
			t.Fatal(err)
		}
		got, bad, err := readHalves(bytes.NewReader(data), int64(len(data)))
		if err != nil || bad != wantBad || !reflect.DeepEqual(got, want) {
			t.Fatalf("without the last %d bytes: %d entries, %d bad, %v; want %d and %d", cut, len(got), bad, err, len(want), wantBad)
		}
	}
}
