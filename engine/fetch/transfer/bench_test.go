package transfer

import (
	"testing"

	"github.com/podtui/podtui/engine/enginetest/origin"
)

// What a layer costs from loopback into a file, server included.
func BenchmarkDownload(b *testing.B) {
	data := noise(256<<20, 1)
	o := origin.Start(b)
	o.File("/layer", data)
	for name, url := range map[string]string{"plain": o.PlainURL("/layer"), "tls": o.URL("/layer")} {
		b.Run(name, func(b *testing.B) {
			c := testClient(b, o)
			wanted := exactly(data)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			p := newPartial(b)
			for b.Loop() {
				if err := p.Restart(); err != nil {
					b.Fatal(err)
				}
				if _, err := c.Download(b.Context(), Request{URL: url}, p, wanted); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
