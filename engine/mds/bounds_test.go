package mds

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestFormsAreBounded(t *testing.T) {
	t.Parallel()
	pod, key := newPod(t, nil, plainManifest), newKey(t)
	base := key.URL(serve(t, pod.source(key)), pod.uuid) + "/acMetadata/v1/pod/hmac/sign"
	const urlencoded = "application/x-www-form-urlencoded"
	for _, test := range []struct {
		name, contentType, body string
		status                  int
	}{
		{"the largest", urlencoded, "content=" + strings.Repeat("x", maxForm-8), 200},
		{"a byte more", urlencoded, "content=" + strings.Repeat("x", maxForm-7), 413},
		{"much more", urlencoded, "content=" + strings.Repeat("x", 8*maxForm), 413},
		{"many fields", urlencoded, "content=x" + strings.Repeat("&a", maxForm/3), 200},
		{"with a character set", urlencoded + "; charset=utf-8", "content=x", 200},
		{"empty content", urlencoded, "content=", 200},
		{"nothing", urlencoded, "", 400},
		{"a cut escape", urlencoded, "content=%4", 400},
		{"no escape", urlencoded, "content=%zz", 400},
		{"of another type", "text/plain", "content=x", 415},
		{"in parts", "multipart/form-data; boundary=x", "--x--", 415},
		{"of no type", "", "content=x", 415},
	} {
		for _, whole := range []bool{true, false} {
			body := io.Reader(strings.NewReader(test.body))
			if !whole {
				body = struct{ io.Reader }{body} // of a length that is not told
			}
			r := newRequest(t, http.MethodPost, base, body)
			r.Header.Set("Content-Type", test.contentType)
			c := client(t)
			c.Transport.(*http.Transport).ExpectContinueTimeout = time.Minute
			r.Header.Set("Expect", "100-continue") // or we could write on, and see no answer but a reset
			want := test.status
			if !whole && want != 415 {
				want = 411
			}
			if got := do(t, c, r); got.status != want {
				t.Errorf("%s, whole: %v: %+v, not %d", test.name, whole, got, want)
			}
		}
	}
}

func TestWithoutATokenNoBodyIsRead(t *testing.T) {
	t.Parallel()
	pod, key := newPod(t, nil, plainManifest), newKey(t)
	conn := dial(t, serve(t, pod.source(key)))
	fmt.Fprintf(conn, "POST /%s/acMetadata/v1/pod/hmac/sign HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
		"Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n", newKey(t).Token(pod.uuid))
	if line := firstLine(t, conn); !strings.Contains(line, "404") {
		t.Errorf("it says %q", line)
	}
}

func TestHostileRequestsAreRefusedAndTheServiceLives(t *testing.T) {
	t.Parallel()
	pod, key := newPod(t, nil, plainManifest), newKey(t)
	address := serve(t, pod.source(key))
	for _, test := range []struct{ name, send, want string }{
		{"a header without end", "GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 64<<10), "431"},
		{"many headers", "GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X: y\r\n", 16<<10), "431"},
		{"a path without end", "GET /" + strings.Repeat("x", 64<<10), "431"},
		{"no HTTP", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", "400"},
		{"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
		{"two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"},
		{"everything", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "404"},
		{"a field that goes on", "GET / HTTP/1.1\r\nHost: x\r\n y\r\n\r\n", "400"},
		{"a length below nothing", "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400"},
		{"a length without end", "GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", "400"},
		{"a proxy's", "CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: x\r\n\r\n", "404"},
		{"escapes in the token", "GET /%00%ff/acMetadata/v1/pod/uuid HTTP/1.1\r\nHost: x\r\n\r\n", "404"},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn := dial(t, address)
			go func() { _, _ = io.WriteString(conn, test.send) }() // it may not be read to its end
			if line := firstLine(t, conn); !strings.Contains(line, test.want) {
				t.Errorf("it says %q, not %s", line, test.want)
			}
		})
	}
	if got := get(t, client(t), key.URL(address, pod.uuid)+"/acMetadata/v1/pod/uuid"); got.body != pod.uuid {
		t.Errorf("%+v", got)
	}
}

func TestWhoConnectsAndSaysNothingKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	pod, key := newPod(t, nil, plainManifest), newKey(t)
	address := serve(t, pod.source(key))
	url := key.URL(address, pod.uuid) + "/acMetadata/v1/pod/uuid"
	regular := client(t)
	if got := get(t, regular, url); got.body != pod.uuid {
		t.Fatalf("%+v", got)
	}
	var silent []net.Conn
	for range 3 * maxConns {
		conn := dial(t, address)
		if len(silent)%2 == 0 {
			_, _ = io.WriteString(conn, "GET / HTT") // or a little
		}
		silent = append(silent, conn)
		if len(silent)%16 == 0 {
			if got := get(t, regular, url); got.body != pod.uuid {
				t.Fatalf("with %d others: %+v", len(silent), got)
			}
		}
	}
	closed := 0
	for _, conn := range silent[:2*maxConns] {
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		if _, err := conn.Read(make([]byte, 1)); err != nil && !isTimeout(err) {
			closed++
		}
	}
	if closed != 2*maxConns {
		t.Errorf("%d of the older %d connections were closed", closed, 2*maxConns)
	}
}

// signing is a request to sign "x" of which the last byte is still to be sent. The
// service has seen its token.
func signing(t *testing.T, address, token string) net.Conn {
	t.Helper()
	conn := dial(t, address)
	fmt.Fprintf(conn, "POST /%s/acMetadata/v1/pod/hmac/sign HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
		"Content-Length: 9\r\nExpect: 100-continue\r\n\r\n", token)
	if line := firstLine(t, conn); !strings.Contains(line, "100") {
		t.Fatalf("it says %q", line)
	}
	_, _ = io.WriteString(conn, "content=")
	return conn
}

func TestWhoHasNoTokenCutsNobodyOff(t *testing.T) {
	t.Parallel()
	pod, key := newPod(t, nil, plainManifest), newKey(t)
	address := serve(t, pod.source(key))
	app := signing(t, address, key.Token(pod.uuid))
	for range 3 * maxConns {
		fmt.Fprintf(dial(t, address), "GET /%s/acMetadata/v1/pod/uuid HTT", pod.uuid)
	}
	// Whoever came before has come in when this one has its answer.
	if got := get(t, client(t), key.URL(address, pod.uuid)+"/acMetadata/v1/pod/uuid"); got.body != pod.uuid {
		t.Fatalf("%+v", got)
	}
	_, _ = io.WriteString(app, "x")
	if line := firstLine(t, app); !strings.Contains(line, "200") {
		t.Errorf("it says %q", line)
	}
}

func TestWhoHasATokenIsBoundedToo(t *testing.T) {
	t.Parallel()
	pod, key := newPod(t, nil, plainManifest), newKey(t)
	address := serve(t, pod.source(key))
	all := make([]net.Conn, 2*maxConns)
	for i := range all {
		all[i] = signing(t, address, key.Token(pod.uuid))
	}
	for i, conn := range all {
		if _, err := io.WriteString(conn, "x"); err != nil && i >= maxConns {
			t.Errorf("connection %d: %v", i, err)
		}
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		line, err := bufio.NewReader(conn).ReadString('\n')
		if isTimeout(err) || strings.Contains(line, "200") != (i >= maxConns) {
			t.Errorf("connection %d of %d: %q, %v", i, len(all), line, err)
		}
	}
}

// It counts what runs in the process, so that no other test runs beside it.
func TestMemoryDoesNotGrowWithRequests(t *testing.T) {
	pod, key := newPod(t, nil, plainManifest, annotatedManifest), newKey(t)
	base := key.URL(serve(t, pod.source(key)), pod.uuid) + "/acMetadata/v1/"
	c := client(t)
	ask := func(n int) {
		for range n {
			get(t, c, base+"pod/manifest")
			get(t, c, base+"apps/annotated/annotations")
			get(t, c, base+"nothing")
		}
	}
	ask(5)
	before := goroutines()
	ask(60)
	if after := goroutines(); after > before+2 { // that have yet to see that their client has gone
		t.Errorf("%d goroutines after as many requests more, %d before", after, before)
	}
}

func goroutines() int {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return strings.Count(string(stacks), "mds.(*Server).serve(")
}

func isTimeout(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp4", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func firstLine(t *testing.T, conn net.Conn) string {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return line
}
