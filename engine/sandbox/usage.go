package sandbox

import (
	"bufio"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Usage is what an app uses, as its cgroup counts it. What this host doesn't
// count is -1.
type Usage struct {
	CPU         time.Duration // processor time since its start
	Memory      int64         // bytes, without page cache that can go at once
	MemoryLimit int64         // 0: none
	PIDs        int64         // processes and threads
	Read        int64         // bytes from block devices
	Written     int64
}

// notCounted is in place of a number that the host hasn't.
const notCounted = -1

// ReadUsage reads what an app of a running pod uses now.
func ReadUsage(uuid, app string) (Usage, error) {
	all, err := hierarchies()
	if err != nil {
		return Usage{}, err
	}
	return readUsage(all, cgroupPath(uuid, app)), nil
}

// readUsage takes v1's controllers where there are some, and v2's for the rest.
func readUsage(all []hierarchy, cgroup string) Usage {
	u := Usage{CPU: notCounted, Memory: notCounted, PIDs: notCounted, Read: notCounted, Written: notCounted}
	for _, controller := range []string{"cpuacct", "memory", "pids", "blkio"} {
		folder, unified := folderOf(all, cgroup, controller)
		if folder != "" {
			u.read(controller, folder, unified)
		}
	}
	return u
}

// read reads the files of one controller, by v1's name for it.
func (u *Usage) read(controller, folder string, unified bool) {
	file := func(name string) string { return filepath.Join(folder, name) }
	switch {
	case controller == "cpuacct" && unified:
		u.CPU = microseconds(readKeyed(file("cpu.stat"), "usage_usec"))
	case controller == "cpuacct":
		u.CPU = time.Duration(readNumber(file("cpuacct.usage")))
	case controller == "memory" && unified:
		u.Memory = workingSet(readNumber(file("memory.current")), readKeyed(file("memory.stat"), "inactive_file"))
		u.MemoryLimit = limit(readNumber(file("memory.max")))
	case controller == "memory":
		u.Memory = workingSet(readNumber(file("memory.usage_in_bytes")), readKeyed(file("memory.stat"), "total_inactive_file"))
		u.MemoryLimit = limit(readNumber(file("memory.limit_in_bytes")))
	case controller == "pids":
		u.PIDs = readNumber(file("pids.current"))
	case unified:
		u.Read, u.Written = readFile(file("io.stat"), parseIOStat)
	default:
		u.Read, u.Written = readFile(file("blkio.throttle.io_service_bytes_recursive"), parseServiceBytes)
	}
}

// workingSet is what can't be had back at once.
func workingSet(memory, inactive int64) int64 {
	if memory < 0 || inactive < 0 {
		return memory
	}
	return max(0, memory-inactive)
}

func microseconds(n int64) time.Duration {
	if n < 0 || n > math.MaxInt64/1000 {
		return notCounted
	}
	return time.Duration(n) * time.Microsecond
}

// limit: v2 says "max", v1 the largest number of whole pages, for none.
func limit(n int64) int64 {
	if n < 0 || n >= math.MaxInt64&^(1<<20-1) {
		return 0
	}
	return n
}

// fileBytes is more than any of these files has.
const fileBytes = 1 << 20

func readFile(path string, parse func(io.Reader) (int64, int64)) (int64, int64) {
	file, err := os.Open(path)
	if err != nil {
		return notCounted, notCounted
	}
	defer file.Close()
	return parse(io.LimitReader(file, fileBytes))
}

// readNumber reads a file that is a number.
func readNumber(path string) int64 {
	n, _ := readFile(path, func(r io.Reader) (int64, int64) { return parseNumber(r), 0 })
	return n
}

// readKeyed reads a number from a file of lines of a name and a number.
func readKeyed(path, key string) int64 {
	n, _ := readFile(path, func(r io.Reader) (int64, int64) { return parseKeyed(r, key), 0 })
	return n
}

func parseNumber(r io.Reader) int64 {
	text, err := io.ReadAll(r)
	if err != nil {
		return notCounted
	}
	return number(strings.TrimSpace(string(text)))
}

// number is what a counter says: never less than nothing, and as much as can be
// written here if it is more.
func number(s string) int64 {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return notCounted
	}
	return int64(min(n, math.MaxInt64))
}

func parseKeyed(r io.Reader, key string) int64 {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if name, value, _ := strings.Cut(lines.Text(), " "); name == key {
			return number(value)
		}
	}
	return notCounted
}

// parseIOStat reads v2's "MAJOR:MINOR rbytes=N wbytes=N …", a line a device.
func parseIOStat(r io.Reader) (read, written int64) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		for field := range strings.FieldsSeq(lines.Text()) {
			switch name, value, _ := strings.Cut(field, "="); name {
			case "rbytes":
				read = plus(read, number(value))
			case "wbytes":
				written = plus(written, number(value))
			}
		}
	}
	return read, written
}

// parseServiceBytes reads v1's "MAJOR:MINOR Read N", a line a device and kind.
func parseServiceBytes(r io.Reader) (read, written int64) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) != 3 {
			continue
		}
		switch fields[1] {
		case "Read":
			read = plus(read, number(fields[2]))
		case "Write":
			written = plus(written, number(fields[2]))
		}
	}
	return read, written
}

// plus stops at the largest number.
func plus(sum, n int64) int64 {
	if n < 0 {
		return sum
	}
	return sum + min(n, math.MaxInt64-sum)
}
