package store

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/semaphore"
)

// Windows are how far back a compressed stream may refer, so what memory it can
// make a decompressor take. All that a process decompresses at a time shares
// maxWindow: eight usual zstd streams do, while xz, or zstd with a wide window,
// has it alone. A stream that finds no room waits for others to end.
const (
	maxWindow   = 64 << 20
	usualWindow = 8 << 20 // what any zstd decoder supports (RFC 8878, section 3.1.1.1.2)
)

var windows = semaphore.NewWeighted(maxWindow)

// takeWindow takes what a stream says, in its first bytes, that it needs.
func takeWindow(ctx context.Context, format string, begin []byte) (window int64, err error) {
	switch format {
	case "xz":
		window = maxWindow
	case "zstd":
		window = zstdWindow(begin)
	default:
		return 0, nil
	}
	if window > maxWindow {
		return 0, tooWide(format, maxWindow)
	}
	if err := windows.Acquire(ctx, share(window)); err != nil {
		return 0, err
	}
	collector.hurry()
	return window, nil
}

func giveWindow(window int64) {
	if window > 0 {
		collector.rest(window)
		windows.Release(share(window))
	}
}

// share is what a window takes of the room.
func share(window int64) int64 {
	if window > usualWindow {
		return maxWindow
	}
	return window
}

// haste makes the garbage collector run earlier while there are windows: left
// alone, it lets the heap grow to twice of what they take. It costs little, since
// there is nothing in a window that would have to be followed.
type haste struct {
	mu      sync.Mutex
	windows int
	usual   int // percent
}

const hasty = 20 // percent

var collector haste

func (h *haste) hurry() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.windows++; h.windows == 1 {
		h.usual = debug.SetGCPercent(hasty)
	}
}

// rest frees a window before another stream gets its share. A wide one goes back
// to the kernel: once a small thing lies in its place the next would not fit there,
// and both would count.
func (h *haste) rest(window int64) {
	if window > usualWindow {
		debug.FreeOSMemory()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.windows--; h.windows == 0 {
		debug.SetGCPercent(h.usual)
	}
}

// zstdWindow is that of the first frame. Later ones are made by the same program,
// and what is smaller than a usual window is not counted.
func zstdWindow(begin []byte) int64 {
	var h zstd.Header
	if err := h.Decode(begin); err != nil || h.Skippable {
		return usualWindow // the decoder tells what is wrong with it
	}
	return max(usualWindow, int64(min(h.WindowSize, maxWindow+1)))
}

func tooWide(format string, window int64) error {
	return &ArchiveError{Reason: fmt.Sprintf("takes more than %d MiB of memory to decompress %s", window>>20, format)}
}
