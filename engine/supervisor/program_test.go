package supervisor

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// What is forgotten is what comes back from the file as it was.
func TestOnlyTheProgramItselfIsForgotten(t *testing.T) {
	t.Parallel()
	table := `00400000-00401000 r--p 00000000 fe:00 10362787                           /usr/bin/podtui
Rss:                   4 kB
Anonymous:             0 kB
00401000-00c9d000 r-xp 00001000 fe:00 10362787                           /usr/bin/podtui (deleted)
Anonymous:             0 kB
014eb000-014f0000 r--p 010ea000 fe:00 10362787                           /usr/bin/podtui
Anonymous:             8 kB
014f0000-015d0000 rw-p 010ef000 fe:00 10362787                           /usr/bin/podtui
Anonymous:             0 kB
7f9462d8d000-7f9462ded000 r--p 00000000 00:00 0 
Anonymous:             0 kB
7fff382e8000-7fff38309000 r-xp 00000000 00:00 0                          [vdso]
Anonymous:             0 kB
`
	want := []area{{0x400000, 0x401000, true}, {0x401000, 0xc9d000, true}}
	if got := programIn(strings.NewReader(table)); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	own, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	if len(programIn(own)) == 0 {
		t.Error("nothing is found in this very process")
	}
	forgetProgram() // and it goes on
}
