package gunzip

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"testing"
	"testing/iotest"
	"time"

	kgzip "github.com/klauspost/compress/gzip"
)

// samples are contents of the kinds that compress in different ways.
func samples() map[string][]byte {
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 200_000)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	skewed := make([]byte, 200_000) // codes of all lengths, subtables too
	for i := range skewed {
		skewed[i] = byte(random.ExpFloat64() * 12)
	}
	patterns := make([]byte, 0, 200_000) // every short distance, matches of every length
	for len(patterns) < 200_000 {
		n := 1 + random.IntN(20)
		pattern := noise[random.IntN(1000):][:n]
		for range 1 + random.IntN(300/n) {
			patterns = append(patterns, pattern...)
		}
	}
	far := append(append(bytes.Clone(noise[:1000]), make([]byte, 32768-1000)...), noise[:1000]...)
	text := []byte{}
	for i := range 10_000 {
		text = fmt.Appendf(text, "line %d of a text that repeats itself\n", i*i)
	}
	return map[string][]byte{
		"nothing": {}, "one byte": {7}, "zeros": make([]byte, 1<<20), "noise": noise, "skewed": skewed,
		"patterns": patterns, "matches from afar": far, "text": text,
	}
}

var levels = []int{flate.HuffmanOnly, flate.NoCompression, 1, 6, 9}

func pack(t testing.TB, data []byte, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(data)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unpack(r io.Reader) ([]byte, error) {
	z, err := NewReader(r)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

func TestWhatWasPackedComesBack(t *testing.T) {
	t.Parallel()
	for name, data := range samples() {
		for _, level := range levels {
			t.Run(fmt.Sprint(name, " at level ", level), func(t *testing.T) {
				t.Parallel()
				packed := pack(t, data, level)
				for kind, r := range map[string]io.Reader{
					"whole":                  bytes.NewReader(packed),
					"byte by byte":           iotest.OneByteReader(bytes.NewReader(packed)),
					"end with the last data": iotest.DataErrReader(bytes.NewReader(packed)),
				} {
					if got, err := unpack(r); err != nil || !bytes.Equal(got, data) {
						t.Errorf("%s: %d bytes of %d, %v", kind, len(got), len(data), err)
					}
				}
			})
		}
	}
}

func TestMembersFollowEachOther(t *testing.T) {
	t.Parallel()
	var packed, want []byte
	for _, data := range samples() {
		packed = append(packed, pack(t, data, 6)...)
		want = append(want, data...)
	}
	got, err := unpack(bytes.NewReader(packed))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes of %d, %v", len(got), len(want), err)
	}
}

// A match must not reach into the member before, though its bytes lie there.
func TestMatchesStayInTheirMember(t *testing.T) {
	t.Parallel()
	second := []byte{
		0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff,
		0x03, 0x02, 0x00, // fixed codes: a match of 3 bytes, 1 back, end of block
		0, 0, 0, 0, 3, 0, 0, 0,
	}
	_, err := unpack(bytes.NewReader(append(pack(t, []byte("first"), 6), second...)))
	if !errors.Is(err, ErrCorrupt) {
		t.Errorf("got %v", err)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	body := pack(t, []byte("content"), 6)[10:]
	member := func(flags byte, more ...byte) []byte {
		return append(append([]byte{0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 5, 6}, more...), body...)
	}
	for _, test := range []struct {
		name string
		in   []byte
		want error
	}{
		{"plain", member(0), nil},
		{"all there is", member(flagExtra|flagName|flagComment, 3, 0, 'x', 'y', 'z', 'n', 0, 'c', 'c', 0), nil},
		{"a long name", member(flagName, append(bytes.Repeat([]byte("n"), 1000), 0)...), nil},
		{"an endless name", member(flagName, bytes.Repeat([]byte("n"), 1<<17)...), ErrHeader},
		{"a wrong checksum", member(flagHeaderCRC, 0, 0), ErrHeader},
		{"another method", append([]byte{0x1f, 0x8b, 7}, member(0)[3:]...), ErrHeader},
		{"no gzip", []byte("this is no gzip at all"), ErrHeader},
		{"a header that is cut", member(0)[:5], io.ErrUnexpectedEOF},
		{"garbage behind", append(member(0), "garbage that is long enough"...), ErrHeader},
		{"a little garbage behind", append(member(0), "x"...), io.ErrUnexpectedEOF},
		{"a wrong CRC", flip(member(0), -8), ErrChecksum},
		{"a wrong size", flip(member(0), -4), ErrChecksum},
		{"no last block", append(member(0)[:10], 0, 0, 0, 0xff, 0xff), io.ErrUnexpectedEOF},
		{"an unknown block", append(member(0)[:10], 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), ErrCorrupt},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := unpack(bytes.NewReader(test.in))
			if !errors.Is(err, test.want) || test.want == nil && (err != nil || string(got) != "content") {
				t.Errorf("got %.20q, %v, want %v", got, err, test.want)
			}
		})
	}
}

func flip(b []byte, at int) []byte { b[len(b)+at] ^= 1; return b }

func TestHeaderChecksumThatIsRight(t *testing.T) {
	t.Parallel()
	plain := pack(t, []byte("content"), 6)
	head := []byte{0x1f, 0x8b, 8, flagHeaderCRC, 0, 0, 0, 0, 0, 0xff}
	// CRC-32 of the header, its lower half.
	in := append(append(bytes.Clone(head), 0x19, 0xf9), plain[10:]...)
	std, stdErr := gzip.NewReader(bytes.NewReader(in))
	_ = std
	_, err := unpack(bytes.NewReader(in))
	if (err == nil) != (stdErr == nil) {
		t.Errorf("got %v, the standard library %v", err, stdErr)
	}
}

func TestCutAnywhere(t *testing.T) {
	t.Parallel()
	packed := pack(t, samples()["text"][:5000], 6)
	for n := range packed {
		if got, err := unpack(bytes.NewReader(packed[:n])); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut at %d of %d: %d bytes, %v", n, len(packed), len(got), err)
		}
	}
}

func TestTroubleOfTheSourceIsPassedOn(t *testing.T) {
	t.Parallel()
	trouble := errors.New("trouble")
	packed := pack(t, samples()["text"], 6)
	for _, n := range []int{0, 5, 12, 1000, len(packed) - 4, len(packed)} {
		r := io.MultiReader(bytes.NewReader(packed[:n]), iotest.ErrReader(trouble))
		if _, err := unpack(r); !errors.Is(err, trouble) {
			t.Errorf("at %d: %v", n, err)
		}
	}
	if _, err := unpack(iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(packed)))); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("got %v", err)
	}
}

// FuzzAgainstTheStandardLibrary: the two must agree on what is gzip, and what
// it contains.
func FuzzAgainstTheStandardLibrary(f *testing.F) {
	for _, data := range samples() {
		for _, level := range levels {
			packed := pack(f, data[:min(len(data), 3000)], level)
			f.Add(packed)
			for _, at := range []int{10, 12, 15, 20, 40, len(packed) / 2} {
				if at < len(packed) {
					broken := bytes.Clone(packed)
					broken[at] ^= 0x24
					f.Add(broken)
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := unpack(bytes.NewReader(in))
		var want []byte
		z, stdErr := gzip.NewReader(bytes.NewReader(in))
		if stdErr == nil {
			want, stdErr = io.ReadAll(z)
		}
		if (err == nil) != (stdErr == nil) {
			t.Fatalf("got %v, the standard library %v", err, stdErr)
		}
		if err == nil && !bytes.Equal(got, want) {
			t.Fatalf("got %d bytes, the standard library %d", len(got), len(want))
		}
	})
}

// TestFlippedBits runs what the fuzzer would find first.
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	for name, data := range samples() {
		packed := pack(t, data[:min(len(data), 250)], 6)
		for bit := range 8 * len(packed) {
			broken := bytes.Clone(packed)
			broken[bit/8] ^= 1 << (bit % 8)
			got, err := unpack(bytes.NewReader(broken))
			z, stdErr := gzip.NewReader(bytes.NewReader(broken))
			var want []byte
			if stdErr == nil {
				want, stdErr = io.ReadAll(z)
			}
			if (err == nil) != (stdErr == nil) || err == nil && !bytes.Equal(got, want) {
				t.Errorf("%s, bit %d: %v, the standard library %v", name, bit, err, stdErr)
			}
		}
	}
}

// BenchmarkReader decodes what this machine has installed, and lets klauspost's
// decoder do the same in each round: ratio is our time by theirs.
func BenchmarkReader(b *testing.B) {
	var plain []byte
	for _, path := range []string{"/usr/bin/perl", "/usr/bin/bash", "/usr/bin/git", "/etc/services", os.Args[0]} {
		data, _ := os.ReadFile(path)
		plain = append(plain, data...)
	}
	packed := pack(b, plain, 6)
	b.SetBytes(int64(len(plain)))
	var ours, theirs time.Duration
	for b.Loop() {
		start := time.Now()
		z, _ := NewReader(bytes.NewReader(packed))
		drain(b, z)
		ours += time.Since(start)
		start = time.Now()
		k, _ := kgzip.NewReader(bytes.NewReader(packed))
		drain(b, k)
		theirs += time.Since(start)
	}
	b.ReportMetric(float64(len(plain)*b.N)/1e6/ours.Seconds(), "our-MB/s")
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "ratio")
}

func drain(b *testing.B, r io.Reader) {
	buf := make([]byte, 128<<10)
	for {
		if _, err := io.ReadFull(r, buf); err == io.EOF || err == io.ErrUnexpectedEOF {
			return
		} else if err != nil {
			b.Fatal(err)
		}
	}
}
