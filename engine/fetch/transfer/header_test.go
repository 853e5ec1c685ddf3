package transfer

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func header(lines ...string) http.Header {
	h := make(http.Header)
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		h.Add(name, value)
	}
	return h
}

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func TestFreshness(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header  http.Header
		fresh   time.Duration
		noStore bool
	}{
		"nothing said":             {header: header()},
		"only an ETag":             {header: header(`ETag: "x"`, "Last-Modified: Thu, 26 Nov 2025 11:00:00 GMT")},
		"max-age":                  {header: header("Cache-Control: max-age=60"), fresh: time.Minute},
		"among others, quoted":     {header: header(`Cache-Control: public, MAX-AGE="60" , must-revalidate`), fresh: time.Minute},
		"in the cache for a while": {header: header("Cache-Control: max-age=60", "Age: 20"), fresh: 40 * time.Second},
		"on its way for a while":   {header: header("Cache-Control: max-age=60", "Date: Thu, 26 Nov 2026 11:59:30 GMT", "Age: 20"), fresh: 30 * time.Second},
		"over already":             {header: header("Cache-Control: max-age=60", "Age: 100")},
		"from the future":          {header: header("Cache-Control: max-age=60", "Date: Thu, 26 Nov 2026 13:00:00 GMT"), fresh: time.Minute},
		"expires":                  {header: header("Date: Thu, 26 Nov 2026 12:00:00 GMT", "Expires: Thu, 26 Nov 2026 12:05:00 GMT"), fresh: 5 * time.Minute},
		"expires, without a date":  {header: header("Expires: Thu, 26 Nov 2026 12:05:00 GMT"), fresh: 5 * time.Minute},
		"has expired":              {header: header("Expires: Thu, 26 Nov 2026 11:05:00 GMT")},
		"expires at 0":             {header: header("Expires: 0")},
		"max-age before expires":   {header: header("Cache-Control: max-age=60", "Expires: Thu, 26 Nov 2026 13:00:00 GMT"), fresh: time.Minute},
		"bad max-age is stale":     {header: header("Cache-Control: max-age=soon", "Expires: Thu, 26 Nov 2026 13:00:00 GMT")},
		"negative":                 {header: header("Cache-Control: max-age=-5")},
		"the strictest counts":     {header: header("Cache-Control: max-age=600", "Cache-Control: max-age=60"), fresh: time.Minute},
		"too long":                 {header: header("Cache-Control: max-age=99999999999999999999999"), fresh: 365 * 24 * time.Hour},
		"no-cache":                 {header: header("Cache-Control: no-cache, max-age=60")},
		"no-cache of one header":   {header: header(`Cache-Control: no-cache="Set-Cookie", max-age=60`)},
		"pragma":                   {header: header("Pragma: no-cache", "Expires: Thu, 26 Nov 2026 13:00:00 GMT")},
		"no-store":                 {header: header("Cache-Control: max-age=60, No-Store"), noStore: true},
		"not for shared caches":    {header: header("Cache-Control: private, s-maxage=5, max-age=60"), fresh: time.Minute},
	} {
		fresh, noStore := Freshness(test.header, noon)
		if fresh != test.fresh || noStore != test.noStore {
			t.Errorf("%s: fresh for %v, no-store %v; should be %v, %v", name, fresh, noStore, test.fresh, test.noStore)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "7": 7 * time.Second, " 7 ": 7 * time.Second, "60": time.Minute, "31536000": time.Minute, "-1": 0,
		"99999999999999999999": time.Minute, "soon": 0, "1.5": 0,
		"Thu, 26 Nov 2026 12:00:09 GMT": 9 * time.Second,
		"Fri, 26 Nov 2027 12:00:09 GMT": time.Minute,
		"Thu, 26 Nov 2026 11:00:00 GMT": 0,
	} {
		if got := RetryAfter(value, noon); got != want {
			t.Errorf("RetryAfter(%q) is %v, not %v", value, got, want)
		}
	}
}

// What may be gone on with promises the same bytes, not only the same meaning.
func TestValidatorIsStrongOrNone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header http.Header
		length int64
		want   Validator
	}{
		"nothing":             {header(), -1, Validator{}},
		"strong ETag":         {header(`ETag: "x"`), 5, Validator{ETag: `"x"`, Total: 5}},
		"weak ETag":           {header(`ETag: W/"x"`), 5, Validator{Total: 5}},
		"ETag without quotes": {header(`ETag: x`), 5, Validator{Total: 5}},
		"half an ETag":        {header(`ETag: "`), 5, Validator{Total: 5}},
		"an old date": {header("Last-Modified: Thu, 26 Nov 2026 11:59:59 GMT", "Date: Thu, 26 Nov 2026 12:00:00 GMT"), 5,
			Validator{LastModified: "Thu, 26 Nov 2026 11:59:59 GMT", Total: 5}},
		"a date of this second":       {header("Last-Modified: Thu, 26 Nov 2026 12:00:00 GMT", "Date: Thu, 26 Nov 2026 12:00:00 GMT"), 5, Validator{Total: 5}},
		"a date of nobody knows when": {header("Last-Modified: Thu, 26 Nov 2026 12:00:00 GMT"), 5, Validator{Total: 5}},
	} {
		test.want.URL = "https://example.com/"
		if got := validator("https://example.com/", test.header, test.length); got != test.want {
			t.Errorf("%s: %+v, not %+v", name, got, test.want)
		}
	}
}

func TestContentRange(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]contentRange{
		"bytes 0-0/1":     {0, 0, 1},
		"bytes 5-9/10":    {5, 9, 10},
		"Bytes 5-9/*":     {5, 9, -1},
		"bytes */10":      {-1, -1, 10},
		" bytes  5-9/10 ": {5, 9, 10},
	} {
		if got, ok := parseContentRange(s); !ok || got != want {
			t.Errorf("%q is %v, %v; not %v", s, got, ok, want)
		}
	}
	for _, s := range []string{
		"", "bytes", "bytes 5-9", "bytes 9-5/10", "bytes 5-10/10", "bytes 5-/10", "bytes -5/10", "bytes */*", "bytes 5-9/",
		"bytes +5-9/10", "bytes 5- 9/10", "bytes 5-9/99999999999999999999", "bytes 5-9/-10", "items 5-9/10", "bytes=5-9/10",
	} {
		if got, ok := parseContentRange(s); ok {
			t.Errorf("%q is taken for %v", s, got)
		}
	}
}

func TestBackoffDoublesUpToTenSeconds(t *testing.T) {
	t.Parallel()
	for attempt, most := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 10 * time.Second} {
		if d := backoff(attempt); d < most/2 || d > most {
			t.Errorf("attempt %d waits %v, should be from %v to %v", attempt, d, most/2, most)
		}
	}
	if d := backoff(1000); d > 10*time.Second || d < 5*time.Second {
		t.Errorf("waits %v after a thousand attempts", d)
	}
}

func FuzzContentRange(f *testing.F) {
	f.Add("bytes 5-9/10")
	f.Add("bytes */10")
	f.Add("bytes 0-9223372036854775807/*")
	f.Fuzz(func(t *testing.T, s string) {
		r, ok := parseContentRange(s)
		switch {
		case !ok:
		case r.first < 0 && (r.last >= 0 || r.total < 0), r.first > r.last, r.total >= 0 && r.last >= r.total:
			t.Errorf("%q is taken for %v", s, r)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("120")
	f.Add("Thu, 26 Nov 2026 12:00:09 GMT")
	f.Fuzz(func(t *testing.T, s string) {
		if d := RetryAfter(s, noon); d < 0 || d > maxRetryAfter {
			t.Errorf("%q waits %v", s, d)
		}
	})
}

func FuzzFreshness(f *testing.F) {
	f.Add("max-age=60, private", "Thu, 26 Nov 2026 12:00:09 GMT", "0", "5")
	f.Add(`no-cache="x", no-store`, "", "Thu, 26 Nov 2026 12:00:09 GMT", "")
	f.Fuzz(func(t *testing.T, control, date, expires, age string) {
		h := http.Header{"Cache-Control": {control}, "Date": {date}, "Expires": {expires}, "Age": {age}}
		fresh, noStore := Freshness(h, noon)
		if fresh < 0 || fresh > maxFresh || noStore && fresh > 0 {
			t.Errorf("%v is fresh for %v, no-store %v", h, fresh, noStore)
		}
	})
}
