package supervisor

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// forgetProgram takes the pages of this program out of our memory. They stay in
// the page cache, where other podtui processes use them, and come back one by one
// as they are used: a supervisor that waits needs few of those that a start does.
// What differs from the file is left alone.
func forgetProgram() {
	table, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer table.Close()
	for _, area := range programIn(table) {
		area.forget()
	}
}

// programIn finds the parts of our memory that are as they are in a file.
func programIn(table io.Reader) (found []area) {
	var mapped area
	for lines := bufio.NewScanner(table); lines.Scan(); {
		line := lines.Text()
		if next, ok := parseArea(line); ok {
			mapped = next
			continue
		}
		if mapped.ofProgram && strings.HasPrefix(line, "Anonymous:") && strings.HasSuffix(line, " 0 kB") {
			found = append(found, mapped)
		}
	}
	return found
}

// area is a part of our memory.
type area struct {
	from, to  uintptr
	ofProgram bool // a file's, for reading alone
}

// parseArea reads the first line of an entry, such as
// "00401000-00a3c000 r-xp 00001000 08:01 1234    /usr/bin/podtui".
func parseArea(line string) (a area, ok bool) {
	var mode, offset, device string
	var inode uint64
	n, _ := fmt.Sscanf(line, "%x-%x %4s %s %s %d", &a.from, &a.to, &mode, &offset, &device, &inode)
	a.ofProgram = inode != 0 && (mode == "r-xp" || mode == "r--p")
	return a, n == 6
}

// forget also says that the area is to come back in small pieces: of a file whose
// pages are kept 2 MB at a time, one touch would bring as much.
func (a area) forget() {
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, a.from, a.to-a.from, unix.MADV_NOHUGEPAGE)
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, a.from, a.to-a.from, unix.MADV_DONTNEED)
}
