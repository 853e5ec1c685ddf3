package store

import (
	"context"
	"fmt"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/semaphore"
)

// Windows are how far back a compressed stream may refer, so what memory it can
// make a decompressor take. All that a process decompresses at a time shares
// maxWindow: xz with its highest preset takes it all, and so do two zstd streams
// of the highest level that libraries use, or eight of any usual one. A stream
// that would need more than there is waits for another to end.
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
	return window, windows.Acquire(ctx, window)
}

func giveWindow(window int64) {
	if window > 0 {
		windows.Release(window)
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
