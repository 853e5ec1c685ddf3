package origin

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// client is one of the standard library, which knows nothing of podtui.
func client(t *testing.T, o *Origin) *http.Client {
	t.Helper()
	transport := &http.Transport{
		TLSClientConfig:    &tls.Config{RootCAs: o.CAs()},
		DisableCompression: true,
		Proxy: func(r *http.Request) (*url.URL, error) {
			if r.URL.Hostname() == Local || r.URL.Hostname() == "localhost" {
				return nil, nil
			}
			return url.Parse(o.Proxy())
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// got is what came.
type got struct {
	status int
	header http.Header
	body   []byte
}

// get returns what came, and how it ended.
func get(t *testing.T, c *http.Client, url string, header ...string) (got, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := c.Do(r)
	if err != nil {
		return got{}, err
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	return got{response.StatusCode, response.Header, b}, err
}

func TestHostsAndPaths(t *testing.T) {
	t.Parallel()
	o := Start(t)
	o.File("/a", []byte("here"))
	o.Host("localhost").File("/a", []byte("localhost"))
	o.Host("example.com").File("/a", []byte("example"))
	o.Host("example.com").Redirect("/go", "https://coreos.com/b")
	o.Host("coreos.com").Page("/b", "<p>coreos")
	c := client(t, o)
	for url, want := range map[string]string{
		o.URL("/a"):                          "here",
		o.PlainURL("/a"):                     "here",
		o.Host("localhost").URL("/a"):        "localhost",
		o.Host("localhost").PlainURL("/a"):   "localhost",
		"https://example.com/a":              "example",
		"https://EXAMPLE.com:8443/a":         "example",
		"http://example.com/a":               "example",
		"https://example.com/go":             "<p>coreos",
		"https://nobody.test/a":              "404 page not found\n",
		o.Host("example.com").URL("/nobody"): "404 page not found\n",
	} {
		if r, err := get(t, c, url); err != nil || string(r.body) != want {
			t.Errorf("%s is %q, %v; not %q", url, r.body, err, want)
		}
	}
	for _, r := range o.RequestsTo("example.com") {
		if r.Path == "/a" && (r.Status != 200 || r.Bytes != 7) {
			t.Errorf("the log says %+v", r)
		}
	}
	if n := len(o.RequestsTo("example.com")); n != 5 {
		t.Errorf("%d requests to example.com", n)
	}
}

// What a program of another kind makes of Env.
func TestEnvironmentLeadsCurlHere(t *testing.T) {
	t.Parallel()
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed")
	}
	o := Start(t)
	o.Host("example.com").File("/a", []byte("example"))
	cmd := exec.CommandContext(t.Context(), curl, "-sSf", "--cacert", o.CAFile(), "https://example.com/a")
	cmd.Env = append(os.Environ(), o.Env()...)
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "example" {
		t.Errorf("%s, %v", out, err)
	}
}

func TestRangesAndConditions(t *testing.T) {
	t.Parallel()
	o := Start(t)
	file := o.File("/a", []byte("0123456789"))
	c := client(t, o)
	first, err := get(t, c, file.URL())
	if err != nil {
		t.Fatal(err)
	}
	tag := first.header.Get("ETag")
	check := func(name string, status int, want string, header ...string) {
		t.Helper()
		r, err := get(t, c, file.URL(), header...)
		if err != nil || r.status != status || string(r.body) != want {
			t.Errorf("%s: %v, %q, %v", name, r.status, r.body, err)
		}
	}
	check("part", 206, "456789", "Range", "bytes=4-")
	check("part if the same", 206, "456789", "Range", "bytes=4-", "If-Range", tag)
	check("known", 304, "", "If-None-Match", tag)
	check("known by date", 304, "", "If-Modified-Since", first.header.Get("Last-Modified"))
	file.Replace([]byte("abcdefghij"))
	check("changed", 200, "abcdefghij", "Range", "bytes=4-", "If-Range", tag)
	check("not known any more", 200, "abcdefghij", "If-None-Match", tag)
}

func TestProtectedPaths(t *testing.T) {
	t.Parallel()
	o := Start(t)
	basic := o.File("/basic", []byte("1")).Basic("user", "secret").Fault(Status(500))
	bearer := o.File("/bearer", []byte("2")).Bearer("token")
	c := client(t, o)
	status := func(url string, header ...string) int {
		r, err := get(t, c, url, header...)
		if err != nil {
			t.Fatal(err)
		}
		return r.status
	}
	all := fmt.Sprint(status(basic.URL()), status(basic.URL(), "Authorization", "Basic dXNlcjpzZWNyZXQ="),
		status(basic.URL(), "Authorization", "Basic dXNlcjpzZWNyZXQ="), status(bearer.URL()),
		status(bearer.URL(), "Authorization", "Bearer token"), status(bearer.URL(), "Authorization", "Bearer other"))
	if all != "401 500 200 401 200 401" {
		t.Error(all)
	}
}

// Cuts are where they were asked for, to the byte: tests count on it.
func TestCutsAreExact(t *testing.T) {
	t.Parallel()
	data := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	for name, test := range map[string]struct {
		fault Fault
		from  string
		bytes int
		err   error
	}{
		"reset":                {CutAfter(100), "", 100, syscall.ECONNRESET},
		"reset of a part":      {CutAfter(100), "bytes=50-", 100, syscall.ECONNRESET},
		"reset late":           {CutAfter(1_000_000), "", 1_000_000, syscall.ECONNRESET},
		"reset at an offset":   {CutAt(100_000), "bytes=50-", 99_950, syscall.ECONNRESET},
		"reset with no byte":   {CutAt(10), "bytes=50-", 0, syscall.ECONNRESET},
		"closed":               {CloseAfter(100), "", 100, io.ErrUnexpectedEOF},
		"closed, chunked":      {Both(CloseAfter(100), Chunked()), "", 100, io.ErrUnexpectedEOF},
		"cut behind the end":   {CutAfter(1 << 30), "", len(data), nil},
		"says too much":        {Length(int64(len(data)) + 1), "", len(data), io.ErrUnexpectedEOF},
		"ends with connection": {NoLength(), "", len(data), nil},
		"held until it may go": {HoldAfter(100, open()), "", len(data), nil},
		"throttled":            {Throttle(100 << 20), "", len(data), nil},
		"fine":                 {Fine(), "", len(data), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := Start(t)
			for _, url := range []string{o.URL("/a"), o.PlainURL("/a"), "https://example.com/a", "http://example.com/a"} {
				o.File("/a", data).Fault(test.fault)
				o.Host("example.com").File("/a", data).Fault(test.fault)
				o.Forget()
				var header []string
				if test.from != "" {
					header = []string{"Range", test.from}
				}
				r, err := get(t, client(t, o), url, header...)
				if len(r.body) != test.bytes || !errors.Is(err, test.err) {
					t.Errorf("%s: %d bytes and %v; should be %d and %v", url, len(r.body), err, test.bytes, test.err)
				}
				if served := o.Served("/a"); served != int64(test.bytes) {
					t.Errorf("%s: the log says %d bytes, %d came", url, served, len(r.body))
				}
			}
		})
	}
}

func open() <-chan struct{} {
	gate := make(chan struct{})
	close(gate)
	return gate
}

func TestHeldBytesWaitForTheGate(t *testing.T) {
	t.Parallel()
	o := Start(t)
	gate := make(chan struct{})
	file := o.File("/a", []byte("0123456789")).Fault(HoldAfter(4, gate))
	response, err := client(t, o).Get(file.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	b := make([]byte, 10)
	if n, err := io.ReadAtLeast(response.Body, b, 4); n != 4 || err != nil {
		t.Errorf("%d bytes before the gate opens, %v", n, err)
	}
	close(gate)
	if rest, err := io.ReadAll(response.Body); string(rest) != "456789" || err != nil {
		t.Errorf("%q after it, %v", rest, err)
	}
}

func TestFaultsComeInOrder(t *testing.T) {
	t.Parallel()
	o := Start(t)
	file := o.File("/a", []byte("content")).Always(Status(404)).
		Fault(Times(2, Status(503, "Retry-After", "7"))...).
		Fault(RedirectTo("https://other.test/"), NotSatisfiable(9), ContentType("text/plain"), Gzipped(), OtherBytes(), MoreBytes(2), Fine())
	c := client(t, o)
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	var all []string
	for range 10 {
		r, err := get(t, c, file.URL())
		if err != nil {
			t.Fatal(err)
		}
		word := fmt.Sprint(r.status, len(r.body))
		for _, name := range []string{"Retry-After", "Location", "Content-Range", "Content-Encoding"} {
			if value := r.header.Get(name); value != "" {
				word += " " + value
			}
		}
		all = append(all, word)
	}
	if file.Left() != 0 {
		t.Errorf("%d faults are left", file.Left())
	}
	want := "503 20 7, 503 20 7, 302 0 https://other.test/, 416 0 bytes */9, 200 7, 200 31 gzip, 200 7, 200 9, 200 7, 404 10"
	if got := strings.Join(all, ", "); got != want {
		t.Errorf("got\n%s\nnot\n%s", got, want)
	}
}

func TestCloseEndsWhatIsBeingServed(t *testing.T) {
	t.Parallel()
	o, err := New()
	if err != nil {
		t.Fatal(err)
	}
	file := o.File("/a", make([]byte, 1000)).Fault(StallAfter(10), Silence(), Drip(time.Hour))
	done := make(chan error)
	for range 3 {
		go func() {
			_, err := get(t, client(t, o), file.URL())
			done <- err
		}()
	}
	for file.Left() > 0 {
		time.Sleep(time.Millisecond)
	}
	o.Close()
	for range 3 {
		if err := <-done; err == nil {
			t.Error("a request ended well")
		}
	}
	if _, err := os.Stat(o.CAFile()); err == nil {
		t.Error("the CA file is still there")
	}
}
