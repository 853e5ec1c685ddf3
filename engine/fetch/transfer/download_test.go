package transfer

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest/origin"
)

const (
	fileSize = 300_000
	excuse   = 100 // bytes, at most, that the origin sends with an error
)

func exactly(data []byte) Wanted {
	return Wanted{Size: int64(len(data)), Digest: sha256Of(data)}
}

func sizeOnly(data []byte) Wanted { return Wanted{Size: int64(len(data))} }

func unknown([]byte) Wanted { return Wanted{Size: -1} }

// Each fault is met by a download of known size and digest, as of a layer, or by
// one of which nothing is known, as of an image by URL. What it can't get over is
// one line.
func TestDownloadMeetsFaults(t *testing.T) {
	data, other := noise(fileSize, 1), noise(fileSize+1000, 2)
	sameSize, shorter := noise(fileSize, 12), noise(fileSize-1000, 13)
	type faults = func(f *origin.Resource) []origin.Fault
	some := func(list ...origin.Fault) faults {
		return func(*origin.Resource) []origin.Fault { return list }
	}
	always := func(fault origin.Fault) faults {
		return func(f *origin.Resource) []origin.Fault { f.Always(fault); return nil }
	}
	for name, test := range map[string]struct {
		faults faults
		wanted func([]byte) Wanted
		want   []byte // that is there in the end; nil: data, or nothing that matters after an error
		says   string // "": it succeeds
		most   int64  // bytes that may be served
		asks   int    // requests that it takes
	}{
		"none":                                {wanted: exactly, most: fileSize},
		"none, nothing known":                 {wanted: unknown, most: fileSize},
		"reset":                               {faults: some(origin.CutAfter(100_000)), wanted: exactly, most: fileSize},
		"reset, nothing known":                {faults: some(origin.CutAfter(100_000)), wanted: unknown, most: fileSize},
		"reset before the first byte":         {faults: some(origin.CutAfter(0)), wanted: exactly, most: fileSize},
		"closed too early":                    {faults: some(origin.CloseAfter(100_000)), wanted: exactly, most: fileSize},
		"closed too early, nothing known":     {faults: some(origin.CloseAfter(100_000)), wanted: unknown, most: fileSize},
		"reset at the same place for ever":    {faults: always(origin.CutAt(1000)), wanted: exactly, says: "connection reset (6 tries)"},
		"more cuts than retries":              {faults: some(origin.CutsAt(10, 20, 30, 40, 50, 60, 70, 80)...), wanted: exactly, most: fileSize},
		"stall":                               {faults: some(origin.StallAfter(1000)), wanted: exactly, says: "no byte for 300ms"},
		"stall, nothing known":                {faults: some(origin.StallAfter(1000)), wanted: unknown, says: "no byte for 300ms"},
		"silence":                             {faults: some(origin.Silence()), wanted: exactly, says: "no byte for 300ms"},
		"503 once":                            {faults: some(origin.Status(503)), wanted: exactly, most: fileSize + 100},
		"429 some times":                      {faults: some(origin.Times(3, origin.Status(429, "Retry-After", "0"))...), wanted: exactly, most: fileSize + 100},
		"502 for ever":                        {faults: always(origin.Status(502)), wanted: exactly, says: "502 Bad Gateway (6 tries)"},
		"404":                                 {faults: some(origin.Status(404)), wanted: exactly, says: "404 Not Found"},
		"416 to no range":                     {faults: some(origin.NotSatisfiable(10)), wanted: exactly, says: "416 Requested Range Not Satisfiable"},
		"304 to no condition":                 {faults: some(origin.Status(304)), wanted: exactly, says: "304 Not Modified"},
		"204":                                 {faults: some(origin.Status(204)), wanted: exactly, says: "204 No Content"},
		"206 to no range":                     {faults: always(origin.SendPart("bytes=5-9")), wanted: exactly, says: `sent "bytes 5-9/300000", though all of it was asked for`},
		"says it is longer":                   {faults: some(origin.Length(fileSize + 5)), wanted: exactly, says: "has 300005 bytes, not 300000"},
		"says it is longer, nothing known":    {faults: some(origin.Length(fileSize + 5)), wanted: unknown, most: 2 * fileSize},
		"says it is shorter":                  {faults: some(origin.Length(10)), wanted: exactly, says: "has 10 bytes, not 300000"},
		"says it is too long":                 {faults: some(origin.Length(1 << 40)), wanted: unknown, says: "has 1099511627776 bytes, at most 68719476736 are taken"},
		"doesn't say how long":                {faults: some(origin.Chunked()), wanted: exactly, most: fileSize},
		"doesn't say how long, nothing known": {faults: some(origin.Chunked()), wanted: unknown, most: fileSize},
		"ends with its connection":            {faults: some(origin.NoLength()), wanted: exactly, most: fileSize},
		"ends with its connection, unknown":   {faults: some(origin.NoLength()), wanted: unknown, most: fileSize},
		"chunked and cut":                     {faults: some(origin.Both(origin.CloseAfter(1000), origin.Chunked())), wanted: unknown, most: fileSize},
		"more than it should":                 {faults: always(origin.MoreBytes(1)), wanted: exactly, says: "has more than the 300000 bytes that it should have"},
		"endless":                             {faults: always(origin.Endless()), wanted: exactly, says: "has more than the 300000 bytes that it should have"},
		"endless, limited":                    {faults: always(origin.Endless()), wanted: func([]byte) Wanted { return Wanted{Size: -1, Limit: 1 << 20} }, says: "has more than the 1048576 bytes that are taken"},
		"endless header":                      {faults: always(origin.EndlessHeader()), wanted: exactly, says: "its header has more than 256 KiB (6 tries)"},
		"not HTTP":                            {faults: always(origin.NotHTTP("SSH-2.0-OpenSSH_9.2")), wanted: exactly, says: "answers what is not HTTP (6 tries)"},
		"wrong content type":                  {faults: some(origin.ContentType("text/html")), wanted: exactly, most: fileSize},
		"gzip by surprise":                    {faults: some(origin.Gzipped()), wanted: exactly, says: `came with Content-Encoding "gzip", which was not asked for`},
		"redirect loop":                       {faults: always(origin.RedirectLoop()), wanted: exactly, says: "is not followed: that is a circle"},
		"redirect to a file":                  {faults: some(origin.RedirectTo("file:///etc/passwd")), wanted: exactly, says: "redirect to file:///etc/passwd is not followed: only https:// and http:// are followed"},
		"redirect to plain HTTP":              {faults: some(origin.RedirectTo("http://example.com/x")), wanted: exactly, says: "redirect to http://example.com/x is not followed: plain HTTP is not allowed"},
		"redirect to nowhere":                 {faults: some(origin.RedirectTo("")), wanted: exactly, says: "is not followed: it doesn't say where"},
		"redirect to what is no URL":          {faults: some(origin.RedirectTo("https://[::1")), wanted: exactly, says: "what it leads to is not a URL"},
		"other bytes":                         {faults: some(origin.OtherBytes()), wanted: exactly, most: 2 * fileSize},
		"other bytes for ever":                {faults: always(origin.OtherBytes()), wanted: exactly, says: "digest is " + sha256Of(inverted(data)) + ", not " + sha256Of(data), most: 2 * fileSize},
		"200 to a range":                      {faults: some(origin.CutAfter(1000), origin.IgnoreRange()), wanted: exactly, most: fileSize + 1000},
		"200 to a range and cut, for ever":    {faults: always(origin.Both(origin.IgnoreRange(), origin.CutAfter(1000))), wanted: exactly, says: "connection reset (6 tries)"},
		"206 with another start":              {faults: some(origin.CutAfter(1000), origin.SendPart("bytes=999-")), wanted: exactly, most: 2*fileSize + 1000},
		"206 that lies about its start":       {faults: some(origin.CutAfter(1000), origin.ContentRange("bytes 0-299999/300000")), wanted: exactly, most: 2*fileSize + 1000},
		"206 that lies about its total":       {faults: some(origin.CutAfter(1000), origin.ContentRange("bytes 1000-299999/300001")), wanted: exactly, most: 2*fileSize + 1000},
		"206 with nonsense for a range":       {faults: some(origin.CutAfter(1000), origin.ContentRange("elephants 1-2/3")), wanted: exactly, most: 2*fileSize + 1000},
		"206 with no range":                   {faults: some(origin.CutAfter(1000), origin.ContentRange("")), wanted: exactly, most: 2*fileSize + 1000},
		"206 with wrong ranges for ever":      {faults: some(origin.CutAfter(1000), origin.ContentRange("bytes 1-2/3"), origin.CutAfter(1000), origin.ContentRange("bytes 1-2/3")), wanted: exactly, says: `asked for what follows byte 1000, but it sent "bytes 1-2/3"`},
		"206 with less than was asked for":    {faults: some(origin.CutAfter(1000), origin.SendPart("bytes=1000-1999"), origin.SendPart("bytes=2000-2999")), wanted: exactly, most: fileSize},
		"206 with a total of *":               {faults: some(origin.CutAfter(1000), origin.ContentRange("bytes 1000-299999/*")), wanted: unknown, most: fileSize},
		"206 with other content":              {faults: some(origin.CutAfter(1000), origin.OtherBytes()), wanted: exactly, most: 2 * fileSize},
		"416 to a range":                      {faults: some(origin.CutAfter(1000), origin.NotSatisfiable(7)), wanted: exactly, most: fileSize + 1000},
		"416 to a range without a total":      {faults: some(origin.CutAfter(1000), origin.NotSatisfiable(-1)), wanted: exactly, most: fileSize + 1100},
		"changed under way": {faults: func(f *origin.Resource) []origin.Fault {
			return []origin.Fault{origin.CutAfter(1000), f.ChangesTo(other)}
		}, wanted: unknown, want: other, most: fileSize + 2000},
		"changed, and the server doesn't care": {faults: func(f *origin.Resource) []origin.Fault {
			return []origin.Fault{origin.CutAfter(1000), origin.Both(origin.IgnoreIfRange(), f.ChangesTo(other))}
		}, wanted: unknown, want: other, most: 2*fileSize + 3000},
		"206 from the first byte on to no range": {faults: always(origin.SendPart("bytes=0-")), wanted: unknown, says: `sent "bytes 0-299999/300000", though all of it was asked for`},
		"206 with another start, nothing known":  {faults: some(origin.CutAfter(1000), origin.SendPart("bytes=999-")), wanted: unknown, asks: 3},
		"206 that lies about its start, unknown": {faults: some(origin.CutAfter(1000), origin.Both(origin.ContentRange("bytes 1000-299999/300000"), origin.SendPart("bytes=2000-"))), wanted: unknown, asks: 3},
		"206 of other content of the same size": {faults: func(f *origin.Resource) []origin.Fault {
			return []origin.Fault{origin.CutAfter(1000), origin.Both(origin.IgnoreIfRange(), f.ChangesTo(sameSize))}
		}, wanted: unknown, want: sameSize, asks: 3},
		"206 of shorter content that has no ETag": {faults: func(f *origin.Resource) []origin.Fault {
			return []origin.Fault{origin.CutAfter(1000), origin.Both(origin.Header("ETag", ""), origin.Both(origin.IgnoreIfRange(), f.ChangesTo(shorter)))}
		}, wanted: unknown, want: shorter, asks: 3},
		"ends too early, by its own mark": {faults: func(f *origin.Resource) []origin.Fault {
			return []origin.Fault{origin.Both(origin.Chunked(), f.ChangesTo(data[:1000]))}
		}, wanted: sizeOnly, says: "has 1000 bytes, not 300000", asks: 1},
		"ends too early, with its connection": {faults: func(f *origin.Resource) []origin.Fault {
			return []origin.Fault{origin.Both(origin.NoLength(), f.ChangesTo(data[:1000]))}
		}, wanted: sizeOnly, says: "has 1000 bytes, not 300000", asks: 3},
		"206 that lies about its total again": {faults: some(origin.CutAfter(1000), origin.ContentRange("bytes 1000-299999/300001"), origin.CutAfter(1000), origin.ContentRange("bytes 1000-299999/300001")),
			wanted: exactly, says: `asked for what follows byte 1000, but it sent "bytes 1000-299999/300001"`},
		"416 that tells of another size, unknown": {faults: some(origin.Both(origin.CloseAfter(1000), origin.Chunked()), origin.NotSatisfiable(7)), wanted: unknown, asks: 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := origin.Start(t)
			file := o.File("/layer", data)
			if test.faults != nil {
				file.Fault(test.faults(file)...)
			}
			p, c := newPartial(t), testClient(t, o)
			if strings.Contains(test.says, "no byte") {
				c = testClient(t, o, stalling)
			}
			d, err := c.Download(t.Context(), Request{URL: o.URL("/layer")}, p, test.wanted(data))
			wantError(t, err, test.says)
			if err == nil {
				want := test.want
				if want == nil {
					want = data
				}
				p.wantContent(want)
				if d.Size != int64(len(want)) {
					t.Errorf("size is %d, not %d", d.Size, len(want))
				}
				if left := file.Left(); left > 0 {
					t.Errorf("%d faults never happened", left)
				}
			} else if !strings.HasPrefix(err.Error(), o.URL("/layer")+": ") {
				t.Errorf("error begins without the URL: %v", err)
			}
			if asks := len(o.Requests()); test.asks > 0 && asks != test.asks {
				t.Errorf("%d requests, not %d", asks, test.asks)
			}
			if served := o.Served("/layer"); test.most > 0 && served > test.most+excuse {
				t.Errorf("%d bytes were served, at most %d are needed", served, test.most)
			}
		})
	}
}

func inverted(data []byte) []byte {
	b := slices.Clone(data)
	for i := range b {
		b[i] = ^b[i]
	}
	return b
}

func TestTenCutsCostLessThanATenthMore(t *testing.T) {
	t.Parallel()
	data := noise(4<<20, 3)
	var cuts []int64
	for i := range int64(10) {
		cuts = append(cuts, (i+1)*int64(len(data))/11+i)
	}
	for name, wanted := range map[string]Wanted{
		"nothing known": {Size: -1},
		"sha256":        exactly(data),
		"sha512":        {Size: -1, Digest: sha512Of(data)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := origin.Start(t)
			file := o.File("/layer", data).Fault(origin.CutsAt(cuts...)...)
			p := newPartial(t)
			if _, err := testClient(t, o).Download(t.Context(), Request{URL: o.URL("/layer")}, p, wanted); err != nil {
				t.Fatal(err)
			}
			p.wantContent(data)
			if file.Left() != 0 || len(o.Requests()) != 11 {
				t.Errorf("%d requests, %d cuts left", len(o.Requests()), file.Left())
			}
			if served, most := o.Served("/layer"), int64(len(data))*11/10; served > most {
				t.Errorf("%d bytes were served, at most %d should be", served, most)
			}
		})
	}
}

// What another process has left is gone on with only if it is of the same
// content.
func TestDownloadGoesOnWithWhatIsThere(t *testing.T) {
	t.Parallel()
	data := noise(fileSize, 4)
	const had = 100_000
	for name, test := range map[string]struct {
		there     []byte
		validator func(o *origin.Origin, header http.Header) Validator
		change    func(f *origin.Resource)
		wanted    Wanted
		served    int64
		requests  int
	}{
		"by its digest": {there: data[:had], wanted: exactly(data), served: fileSize - had, requests: 1},
		"by its ETag": {there: data[:had], wanted: Wanted{Size: -1}, served: fileSize - had, requests: 1,
			validator: func(o *origin.Origin, h http.Header) Validator {
				return Validator{ETag: h.Get("ETag"), Total: fileSize, URL: o.URL("/layer")}
			}},
		"by its date": {there: data[:had], wanted: Wanted{Size: -1}, served: fileSize - had, requests: 1,
			validator: func(o *origin.Origin, h http.Header) Validator {
				return Validator{LastModified: h.Get("Last-Modified"), URL: o.URL("/layer")}
			}},
		"of a server that tells no total": {
			there: data[:had], wanted: Wanted{Size: -1}, served: fileSize - had, requests: 1,
			change: func(f *origin.Resource) { f.Fault(origin.Fine(), origin.ContentRange("bytes 100000-299999/*")) },
			validator: func(o *origin.Origin, h http.Header) Validator {
				return Validator{ETag: h.Get("ETag"), Total: fileSize, URL: o.URL("/layer")}
			},
		},
		"not without a validator": {there: data[:had], wanted: Wanted{Size: -1}, served: fileSize, requests: 1},
		"not with an ETag of another URL": {there: data[:had], wanted: Wanted{Size: -1}, served: fileSize, requests: 1,
			validator: func(o *origin.Origin, h http.Header) Validator {
				return Validator{ETag: h.Get("ETag"), URL: o.URL("/other")}
			}},
		"not with an old ETag": {there: data[:had], wanted: Wanted{Size: -1}, served: fileSize, requests: 1,
			validator: func(o *origin.Origin, h http.Header) Validator {
				return Validator{ETag: `"old"`, URL: o.URL("/layer")}
			}},
		"not with more than there should be": {there: append(data[:fileSize:fileSize], 1), wanted: exactly(data), served: fileSize, requests: 1},
		"nothing is asked for what is whole": {there: data, wanted: exactly(data), served: 0, requests: 0},
		"whole, and its size was not known":  {there: data, wanted: Wanted{Size: -1, Digest: sha512Of(data)}, served: 0, requests: 0},
		"of the right size but other bytes":  {there: noise(fileSize, 5), wanted: exactly(data), served: fileSize, requests: 1},
		"the first bytes are others":         {there: noise(had, 5), wanted: exactly(data), served: 2*fileSize - had, requests: 2},
		"whole by its ETag, which is asked": {there: data, wanted: Wanted{Size: -1}, served: 0, requests: 1, validator: func(o *origin.Origin, h http.Header) Validator {
			return Validator{ETag: h.Get("ETag"), URL: o.URL("/layer")}
		}},
		"the server has weak ETags and no date": {there: data[:had], wanted: Wanted{Size: -1}, served: fileSize, requests: 1,
			change: func(f *origin.Resource) { f.ETag(`W/"weak"`).Modified(time.Time{}) },
			validator: func(o *origin.Origin, h http.Header) Validator {
				return validator(o.URL("/layer"), h, fileSize)
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := origin.Start(t)
			file := o.File("/layer", data)
			if test.change != nil {
				test.change(file)
			}
			c, v := testClient(t, o), Validator{}
			if test.validator != nil {
				head, err := c.Document(t.Context(), Request{Method: http.MethodHead, URL: o.URL("/layer")})
				if err != nil {
					t.Fatal(err)
				}
				v = test.validator(o, head.Header)
				o.Forget()
			}
			p := newPartial(t).with(test.there, v)
			if _, err := c.Download(t.Context(), Request{URL: o.URL("/layer")}, p, test.wanted); err != nil {
				t.Fatal(err)
			}
			p.wantContent(data)
			if served := o.Served("/layer"); served < test.served || served > test.served+excuse || len(o.Requests()) != test.requests {
				t.Errorf("%d bytes served by %d requests; %d by %d would do", served, len(o.Requests()), test.served, test.requests)
			}
		})
	}
}

func TestUnchangedDownloadMovesNoBytes(t *testing.T) {
	t.Parallel()
	o := origin.Start(t)
	data := noise(1000, 6)
	o.File("/app.aci", data)
	c, p := testClient(t, o), newPartial(t)
	first, err := c.Download(t.Context(), Request{URL: o.URL("/app.aci")}, p, Wanted{Size: -1})
	if err != nil {
		t.Fatal(err)
	}
	o.Forget()
	header := http.Header{"If-None-Match": {first.Header.Get("ETag")}}
	second, err := c.Download(t.Context(), Request{URL: o.URL("/app.aci"), Header: header}, newPartial(t), Wanted{Size: -1})
	if err != nil || !second.NotModified || o.Served("/app.aci") != 0 {
		t.Errorf("%+v, %v, %d bytes served", second, err, o.Served("/app.aci"))
	}
}

// A disk that is full is no fault of the server's: nothing is asked again.
func TestWhatThePartialSaysEndsTheDownload(t *testing.T) {
	t.Parallel()
	o := origin.Start(t)
	data := noise(1000, 7)
	o.File("/layer", data)
	p := &fullPartial{filePartial: newPartial(t)}
	_, err := testClient(t, o).Download(t.Context(), Request{URL: o.URL("/layer")}, p, exactly(data))
	if !errors.Is(err, errFull) || len(o.Requests()) != 1 {
		t.Errorf("%v after %d requests", err, len(o.Requests()))
	}
}

var errFull = errors.New("no space left on device")

type fullPartial struct{ *filePartial }

func (p *fullPartial) Write([]byte) (int, error) { return 0, errFull }

func TestDownloadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]origin.Fault{
		"while it stalls": origin.StallAfter(100),
		"in silence":      origin.Silence(),
		"while it waits":  origin.Status(503, "Retry-After", "60"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := origin.Start(t)
			data := noise(1000, 8)
			o.File("/layer", data).Always(fault)
			ctx, cancel := context.WithCancel(t.Context())
			c := testClient(t, o, func(o *Options) { o.Stall = time.Hour })
			time.AfterFunc(50*time.Millisecond, cancel)
			_, err := c.Download(ctx, Request{URL: o.URL("/layer")}, newPartial(t), exactly(data))
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

func TestDownloadThatComesByteByByteEnds(t *testing.T) {
	t.Parallel()
	o := origin.Start(t)
	data := noise(1000, 10)
	o.File("/layer", data).Always(origin.CutAfter(1))
	c := testClient(t, o)
	c.tries = 20
	_, err := c.Download(t.Context(), Request{URL: o.URL("/layer")}, newPartial(t), exactly(data))
	wantError(t, err, "not all there after 20 tries")
}

func TestNothingIsADownloadToo(t *testing.T) {
	t.Parallel()
	o := origin.Start(t)
	o.File("/layer", nil)
	for _, wanted := range []Wanted{exactly(nil), {Size: -1}} {
		d, err := testClient(t, o).Download(t.Context(), Request{URL: o.URL("/layer")}, newPartial(t), wanted)
		if err != nil || d.Size != 0 || d.Header == nil {
			t.Errorf("%+v, %v", d, err)
		}
	}
}

func TestProgressTellsWhatIsThereAndWhatWillBe(t *testing.T) {
	t.Parallel()
	data := noise(fileSize, 9)
	for name, test := range map[string]struct {
		wanted Wanted
		fault  origin.Fault
		total  int64
	}{
		"size known":            {exactly(data), origin.CutAfter(1000), fileSize},
		"the server tells":      {Wanted{Size: -1}, origin.CutAfter(1000), fileSize},
		"nobody tells":          {Wanted{Size: -1}, origin.Chunked(), 0},
		"only the caller knows": {exactly(data), origin.Chunked(), fileSize},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := origin.Start(t)
			o.File("/layer", data).Fault(test.fault)
			last := int64(-1)
			test.wanted.Progress = func(bytes, total int64) {
				if bytes < last || total != test.total {
					t.Errorf("%d of %d after %d", bytes, total, last)
				}
				last = bytes
			}
			if _, err := testClient(t, o).Download(t.Context(), Request{URL: o.URL("/layer")}, newPartial(t), test.wanted); err != nil {
				t.Fatal(err)
			}
			if last != fileSize {
				t.Errorf("ends at %d", last)
			}
		})
	}
}

// A page that a proxy or a captive portal sends instead must not cost what has
// come already.
func TestPageOfAnotherSizeCostsNothing(t *testing.T) {
	t.Parallel()
	o := origin.Start(t)
	data := noise(fileSize, 11)
	file := o.File("/layer", data)
	file.Fault(origin.Both(origin.IgnoreRange(), file.ChangesTo([]byte("please log in"))))
	p := newPartial(t).with(data[:1000], Validator{})
	_, err := testClient(t, o).Download(t.Context(), Request{URL: o.URL("/layer")}, p, exactly(data))
	wantError(t, err, "has 13 bytes, not 300000")
	p.wantContent(data[:1000])
}

func TestDigestThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	c := New(Options{})
	for _, digest := range []string{"md5:00", "sha256:", "sha256:zz", "sha256:" + strings.Repeat("A", 64), sha256Of(nil) + "0", "x"} {
		_, err := c.Download(t.Context(), Request{URL: "https://example.com/"}, newPartial(t), Wanted{Digest: digest})
		wantError(t, err, "digest ")
	}
}
