package recipe

import (
	"compress/gzip"
	"fmt"
	"io"
	"os/exec"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// Compressions are the methods that Compress knows.
var Compressions = []string{"gzip", "bzip2", "xz", "zstd", "none"}

// Compress returns a writer that compresses what it takes into w. Closing it
// ends the compressed stream and leaves w open. Nobody has written bzip2 and xz
// in Go, so these two are left to the programs of that name.
func Compress(w io.Writer, method string) (io.WriteCloser, error) {
	switch method {
	case "", "gzip":
		return gzip.NewWriter(w), nil
	case "zstd":
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1)) // more would make the bytes depend on the host
	case "bzip2", "xz":
		return startFilter(w, exec.Command(method, "-c"))
	case "none":
		return plain{w}, nil
	default:
		return nil, fmt.Errorf("compression %q is none of %q", method, slices.Sorted(slices.Values(Compressions)))
	}
}

type plain struct{ io.Writer }

func (plain) Close() error { return nil }

// filter is a program that reads what is written to it.
type filter struct {
	io.WriteCloser
	program *exec.Cmd
}

func startFilter(w io.Writer, program *exec.Cmd) (io.WriteCloser, error) {
	program.Stdout = w
	input, err := program.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := program.Start(); err != nil {
		return nil, err
	}
	return filter{input, program}, nil
}

// Close waits for the program, and so for the last byte.
func (f filter) Close() error {
	if err := f.WriteCloser.Close(); err != nil {
		return err
	}
	if err := f.program.Wait(); err != nil {
		return fmt.Errorf("%s: %w", f.program.Path, err)
	}
	return nil
}
