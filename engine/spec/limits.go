package spec

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Limits are the most that an app, or all of a pod's together, may use. 0: as
// much as there is.
type Limits struct {
	Memory         int64 `json:"memory,omitempty"`         // bytes
	MemoryRequest  int64 `json:"memoryRequest,omitempty"`  // bytes that are not reclaimed while others have more
	CPU            int64 `json:"cpu,omitempty"`            // thousandths of a core
	CPUShares      int64 `json:"cpuShares,omitempty"`      // beside others, 2…262144; 1024 is what everybody has
	PIDs           int64 `json:"pids,omitempty"`           // processes and threads
	BlockBandwidth int64 `json:"blockBandwidth,omitempty"` // bytes a second, of each device, both ways
	BlockIOPS      int64 `json:"blockIOPS,omitempty"`      // operations a second, likewise
}

// LeastMemory is what an app's start needs for itself before it is the app.
const LeastMemory = 6 << 20

// ParseMemory reads a number of bytes with an appc unit: K, M, G, T are powers of
// 1000, Ki, Mi, Gi, Ti of 1024 (ace.md, "resource/memory"); "" is 0.
func ParseMemory(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	bytes, ok := quantity(s)
	switch {
	case !ok || isPartOfByte(s, bytes):
		return 0, fmt.Errorf("memory %s: write a number of bytes with K, M, G (thousands) or Ki, Mi, Gi (1024s), such as 64Mi", show(s))
	case bytes > mostBytes:
		return 0, fmt.Errorf("memory %s is more than any machine has", show(s))
	}
	return int64(bytes), checkMemory(s, int64(bytes))
}

const mostBytes = 1 << 60

func isPartOfByte(s string, bytes float64) bool {
	return bytes != math.Trunc(bytes) && strings.TrimRight(s, "0123456789.") == ""
}

func checkMemory(text string, bytes int64) error {
	switch {
	case bytes < LeastMemory:
		return fmt.Errorf("memory %s is less than %dMi, without which no app starts", show(text), LeastMemory>>20)
	case bytes > mostBytes:
		return fmt.Errorf("memory %s is more than any machine has", show(text))
	}
	return nil
}

// ParseSize reads the size of a volume in memory, with the units of memory; "" is 0.
func ParseSize(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	bytes, ok := quantity(s)
	switch {
	case !ok || isPartOfByte(s, bytes):
		return 0, fmt.Errorf("size %s: write a number of bytes with K, M, G (thousands) or Ki, Mi, Gi (1024s), such as 64Mi", show(s))
	case bytes < 4096:
		return 0, fmt.Errorf("size %s is less than 4Ki, the least that memory comes in", show(s))
	case bytes > mostBytes:
		return 0, fmt.Errorf("size %s is more than any machine has", show(s))
	}
	return int64(bytes), nil
}

var units = [...]struct {
	suffix string
	factor float64
}{
	{"Ki", 1 << 10}, {"Mi", 1 << 20}, {"Gi", 1 << 30}, {"Ti", 1 << 40}, {"Pi", 1 << 50}, {"Ei", 1 << 60},
	{"K", 1e3}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}, {"P", 1e15}, {"E", 1e18},
}

func quantity(s string) (float64, bool) {
	factor := 1.0
	for _, unit := range units {
		if number, ok := strings.CutSuffix(s, unit.suffix); ok {
			s, factor = number, unit.factor
			break
		}
	}
	n, ok := decimal(s)
	return n * factor, ok
}

// decimal is digits, with a point among them or not: no sign, exponent or word.
func decimal(s string) (float64, bool) {
	if s == "" || len(s) > 20 || strings.Trim(s, "0123456789.") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

// ParseCPU reads cores (0.5, 2) or thousandths of one (500m), and returns
// thousandths; "" is 0.
func ParseCPU(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	number, factor := s, 1000.0
	if thousandths, ok := strings.CutSuffix(s, "m"); ok {
		number, factor = thousandths, 1
	}
	n, ok := decimal(number)
	n *= factor
	if !ok || n != math.Trunc(n) {
		return 0, fmt.Errorf("cpu %s: write cores, such as 0.5 or 2, or thousandths, such as 500m", show(s))
	}
	return int64(n), checkCPU(s, int64(n))
}

func checkCPU(text string, thousandths int64) error {
	if thousandths < 10 || thousandths > 1e6 {
		return fmt.Errorf("cpu %s is not from 10m to 1000 cores", show(text))
	}
	return nil
}

// Bounds of cpu shares, which are the kernel's, and what everybody has.
const (
	leastShares = 2
	mostShares  = 262144
	usualShares = 1024
)

// ParseCPUShares reads a number from 2 to 262144; "" is 0.
func ParseCPUShares(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < leastShares || n > mostShares {
		return 0, fmt.Errorf("cpu shares %s: write a number from %d to %d; an app without has %d", show(s), leastShares, mostShares, usualShares)
	}
	return n, nil
}

// mostPIDs is the most that Linux has on a 64-bit machine.
const mostPIDs = 1 << 22

// ParsePIDs reads a number of processes and threads, or max, which is 0: as many as
// there can be; "" is DefaultPIDs.
func ParsePIDs(s string) (int64, error) {
	switch s {
	case "":
		return DefaultPIDs, nil
	case "max":
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 || n > mostPIDs {
		return 0, fmt.Errorf("pids %s: write a number from 1 to %d, or max", show(s), mostPIDs)
	}
	return n, nil
}

// ParseOOMScoreAdj reads a number from -1000 to 1000; "" is nil: as the host has it.
func ParseOOMScoreAdj(s string) (*int, error) {
	if s == "" {
		return nil, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < -1000 || n > 1000 {
		return nil, fmt.Errorf("oom score %s: write a number from -1000, which is killed last, to 1000", show(s))
	}
	return &n, nil
}
