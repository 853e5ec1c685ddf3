package spec

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/appc/spec/schema/types"
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
	case !ok || bytes != math.Trunc(bytes) && strings.TrimRight(s, "0123456789.") == "":
		return 0, fmt.Errorf("memory %s: write a number of bytes with K, M, G (thousands) or Ki, Mi, Gi (1024s), such as 64Mi", show(s))
	case bytes < LeastMemory:
		return 0, fmt.Errorf("memory %s is less than %dMi, without which no app starts", show(s), LeastMemory>>20)
	case bytes > 1<<60:
		return 0, fmt.Errorf("memory %s is more than any machine has", show(s))
	}
	return int64(bytes), nil
}

var units = [...]struct {
	suffix string
	factor float64
}{
	{"Ki", 1 << 10}, {"Mi", 1 << 20}, {"Gi", 1 << 30}, {"Ti", 1 << 40},
	{"K", 1e3}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12},
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
	if n < 10 || n > 1e6 {
		return 0, fmt.Errorf("cpu %s is not from 10m to 1000 cores", show(s))
	}
	return int64(n), nil
}

// limits is for a valid app.
func (a App) limits() Limits {
	memory, _ := ParseMemory(a.Memory)
	cpu, _ := ParseCPU(a.CPU)
	return Limits{Memory: memory, CPU: cpu}
}

// isolators are an image's with these limits in place of its own (ace.md,
// "resource/memory" and "resource/cpu").
func (l Limits) isolators(image types.Isolators) (types.Isolators, error) {
	all := slices.Clone(image)
	if l.Memory > 0 {
		limit := strconv.FormatInt(l.Memory, 10)
		memory, err := types.NewResourceMemoryIsolator(limit, limit)
		if err != nil {
			return nil, err
		}
		all = replaced(all, memory.AsIsolator())
	}
	if l.CPU > 0 {
		limit := strconv.FormatInt(l.CPU, 10) + "m"
		cpu, err := types.NewResourceCPUIsolator(limit, limit)
		if err != nil {
			return nil, err
		}
		all = replaced(all, cpu.AsIsolator())
	}
	return all, nil
}

func replaced(all types.Isolators, own types.Isolator) types.Isolators {
	all = slices.DeleteFunc(all, func(i types.Isolator) bool { return i.Name == own.Name })
	return append(all, own)
}
