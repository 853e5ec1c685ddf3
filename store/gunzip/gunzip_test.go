package gunzip

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"testing"

	kgzip "github.com/klauspost/compress/gzip"
)

func BenchmarkReader(b *testing.B) {
	path := os.Getenv("PODTUI_BENCH_ACI")
	if path == "" {
		b.Skip("PODTUI_BENCH_ACI names no gzip file")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	for name, open := range map[string]func(io.Reader) (io.Reader, error){
		"this":      func(r io.Reader) (io.Reader, error) { return NewReader(r) },
		"klauspost": func(r io.Reader) (io.Reader, error) { return kgzip.NewReader(r) },
		"standard":  func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
	} {
		b.Run(name, func(b *testing.B) {
			buf := make([]byte, 128<<10)
			for b.Loop() {
				r, err := open(bytes.NewReader(data))
				if err != nil {
					b.Fatal(err)
				}
				n := int64(0)
				for {
					m, err := io.ReadFull(r, buf)
					n += int64(m)
					if err == io.EOF || err == io.ErrUnexpectedEOF {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
				}
				b.SetBytes(n)
			}
		})
	}
}
