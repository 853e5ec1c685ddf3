package transfer

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest/origin"
)

func TestDocumentMeetsFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault    []origin.Fault
		always   origin.Fault
		says     string
		requests int
	}{
		"none":                   {requests: 1},
		"cut":                    {fault: origin.Times(5, origin.CutAfter(3)), requests: 6},
		"cut for ever":           {always: origin.CutAfter(3), says: "connection reset (6 tries)", requests: 6},
		"closed too early":       {always: origin.CloseAfter(3), says: "connection closed too early (6 tries)", requests: 6},
		"stall":                  {always: origin.StallAfter(3), says: "no byte for 300ms"},
		"silence":                {always: origin.Silence(), says: "no byte for 300ms"},
		"drip":                   {always: origin.Drip(20 * time.Millisecond), says: "not all there after 300ms"},
		"500":                    {fault: origin.Times(2, origin.Status(500)), requests: 3},
		"429 with Retry-After":   {fault: origin.Times(2, origin.Status(429, "Retry-After", "0")), requests: 3},
		"503 for ever":           {always: origin.Status(503), says: "503 Service Unavailable (6 tries)", requests: 6},
		"403":                    {always: origin.Status(403), says: "403 Forbidden", requests: 1},
		"status of no name":      {always: origin.Status(599), says: ": 599 (6 tries)", requests: 6},
		"304 without a question": {always: origin.Status(304), says: "304 Not Modified", requests: 1},
		"endless":                {always: origin.Endless(), says: "has more than the 4194304 bytes that are taken", requests: 1},
		"says it is endless":     {always: origin.Length(1 << 50), says: "has 1125899906842624 bytes, at most 4194304 are taken", requests: 1},
		"endless header":         {always: origin.EndlessHeader(), says: "its header has more than 256 KiB", requests: 6},
		"not HTTP":               {always: origin.NotHTTP("\x1b[2Jhello"), says: "answers what is not HTTP", requests: 6},
		"gzip by surprise":       {always: origin.Gzipped(), says: "Content-Encoding", requests: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := origin.Start(t)
			o.Page("/page", "a page of content").Fault(test.fault...).Always(test.always)
			c := testClient(t, o)
			if strings.Contains(test.says, "no byte") {
				c = testClient(t, o, stalling)
			}
			if strings.Contains(test.says, "not all there") {
				c.patience = stall
			}
			d, err := c.Document(t.Context(), Request{URL: o.URL("/page")})
			wantError(t, err, test.says)
			if err == nil && string(d.Body) != "a page of content" {
				t.Errorf("got %q", d.Body)
			}
			// A connection that was just made and is closed may be asked once more by
			// the transport itself.
			if n := len(o.Requests()); n < test.requests {
				t.Errorf("%d requests, should be %d", n, test.requests)
			}
		})
	}
}

func TestStatusErrorKeepsWhatTheServerSays(t *testing.T) {
	t.Parallel()
	o := origin.Start(t)
	o.Host(origin.Local).Handle("/v2/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="https://auth.test/"`)
		w.WriteHeader(401)
		w.Write([]byte(`{"errors":[]}` + strings.Repeat(" ", 1<<20)))
	})
	_, err := testClient(t, o).Document(t.Context(), Request{URL: o.URL("/v2/") + "?token=secret"})
	var status *StatusError
	if !errors.As(err, &status) || status.Status != 401 || status.Header.Get("WWW-Authenticate") == "" ||
		len(status.Body) != 8<<10 || !strings.HasPrefix(string(status.Body), `{"errors"`) {
		t.Fatalf("%#v", err)
	}
	if want := o.URL("/v2/") + ": 401 Unauthorized"; err.Error() != want {
		t.Errorf("says %q, not %q", err, want)
	}
}

func TestLongHeaderIsRefused(t *testing.T) {
	t.Parallel()
	o := origin.Start(t)
	page := o.Page("/page", "content")
	for range 300 {
		page.Header("X-Padding", strings.Repeat("x", 1024))
	}
	_, err := testClient(t, o, func(o *Options) { o.Attempts = -1 }).Document(t.Context(), Request{URL: o.URL("/page")})
	wantError(t, err, o.URL("/page")+": its header has more than 256 KiB")
}

func TestDocumentThatIsKnownIsNotSentAgain(t *testing.T) {
	t.Parallel()
	o := origin.Start(t)
	o.Page("/page", "content").ETag(`"one"`)
	header := http.Header{"If-None-Match": {`"one"`}}
	d, err := testClient(t, o).Document(t.Context(), Request{URL: o.URL("/page"), Header: header})
	if err != nil || !d.NotModified || d.Status != 304 || o.Served("/page") > 0 {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestPostCarriesItsBodyOnce(t *testing.T) {
	t.Parallel()
	o := origin.Start(t)
	o.Host(origin.Local).Handle("/token", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil || r.PostForm.Get("service") != "registry" {
			w.WriteHeader(400)
		}
	})
	_, err := testClient(t, o).Document(t.Context(), Request{Method: "POST", URL: o.URL("/token"), Body: []byte("service=registry"),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}})
	wantError(t, err, "")
}

func TestWhoRetriesIsTold(t *testing.T) {
	t.Parallel()
	o := origin.Start(t)
	o.Page("/page", "content").Fault(origin.Status(503, "Retry-After", "1"))
	var why []error
	var wait time.Duration
	_, err := testClient(t, o).Document(t.Context(), Request{URL: o.URL("/page"), Retrying: func(err error, d time.Duration) {
		why, wait = append(why, err), d
	}})
	if err != nil || len(why) != 1 || wait != time.Second {
		t.Errorf("%v; told %v, to wait %v", err, why, wait)
	}
}

// One connection serves all that is asked of one server.
func TestConnectionIsUsedAgain(t *testing.T) {
	t.Parallel()
	o := origin.Start(t)
	o.Host("example.com").Redirect("/redirect", "/page")
	o.Host("example.com").Page("/page", "content").Fault(origin.Status(500))
	c := testClient(t, o, throughProxy(o))
	for range 3 {
		if _, err := c.Document(t.Context(), Request{URL: "https://example.com/redirect"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(o.Proxied()); n != 1 {
		t.Errorf("%d connections", n)
	}
}
