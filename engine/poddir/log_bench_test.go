package poddir

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"
)

func BenchmarkLogWrite(b *testing.B) {
	for _, size := range []int{100, 64 << 10} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			_, w := testLog(b)
			w.segment = segmentSize
			p := bytes.Repeat([]byte("y\n"), size/2)
			b.SetBytes(int64(size))
			for b.Loop() {
				if err := w.Write(time.Now(), "stdout", p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// fullLog is a log of two full segments, of such writes of such lines.
func fullLog(b *testing.B, write, line int) *Dir {
	dir, w := testLog(b)
	w.segment = segmentSize
	p := bytes.Repeat(append(bytes.Repeat([]byte("x"), line-1), '\n'), write/line)
	for w.number == 0 || w.size < segmentSize-2*int64(write) {
		if err := w.Write(time.Now(), "stdout", p); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

func BenchmarkLogRead(b *testing.B) {
	for _, of := range []struct{ write, line int }{{64 << 10, 2}, {64 << 10, 100}, {100, 100}} {
		dir := fullLog(b, of.write, of.line)
		read := func(choice LogRange) func(b *testing.B) {
			return func(b *testing.B) {
				bytes, lines := 0, 0
				for b.Loop() {
					r, err := dir.OpenLog("app", choice)
					if err != nil {
						b.Fatal(err)
					}
					for {
						out, err := r.Read()
						if err != nil && err != io.EOF {
							b.Fatal(err)
						}
						if len(out) == 0 {
							break
						}
						for _, line := range out {
							bytes += len(line.Text) + 1
						}
						lines += len(out)
					}
					r.Close()
				}
				b.SetBytes(int64(bytes / b.N))
				b.ReportMetric(float64(lines)/b.Elapsed().Seconds(), "lines/s")
			}
		}
		name := fmt.Sprintf("writes=%d/lines=%d/", of.write, of.line)
		b.Run(name+"all", read(LogRange{}))
		b.Run(name+"last10", read(LogRange{Last: 10}))
		b.Run(name+"last10000", read(LogRange{Last: 10000}))
		b.Run(name+"since", read(LogRange{Since: time.Now()}))
		b.Run(name+"new", read(LogRange{New: true}))
	}
}
