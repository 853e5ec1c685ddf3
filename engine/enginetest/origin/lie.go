package origin

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Length says that the content has so many bytes, sends what it has, and closes
// the connection.
func Length(bytes int64) Fault {
	return raw(func(w io.Writer, well *answer) error {
		well.header.Set("Content-Length", strconv.FormatInt(bytes, 10))
		return well.writeTo(w)
	})
}

// NoLength sends all of it without a word about its length; nothing but the end
// of the connection tells that it is over.
func NoLength() Fault {
	return raw(func(w io.Writer, well *answer) error {
		well.header.Del("Content-Length")
		return well.writeTo(w)
	})
}

// Chunked sends all of it without a word about its length, but with a mark at
// its end.
func Chunked() Fault {
	return func(well http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a := listen(well, r)
			a.header.Del("Content-Length")
			a.copyTo(w, a.body.Bytes())
		})
	}
}

// OtherBytes sends as many bytes as it should, with the headers that they should
// have, but none of them is right.
func OtherBytes() Fault {
	return func(well http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a := listen(well, r)
			wrong := a.body.Bytes()
			for i := range wrong {
				wrong[i] = ^wrong[i]
			}
			a.copyTo(w, wrong)
		})
	}
}

// MoreBytes sends all of it and so many bytes more, without a word about the
// length.
func MoreBytes(extra int) Fault {
	return func(well http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a := listen(well, r)
			a.header.Del("Content-Length")
			a.copyTo(w, append(a.body.Bytes(), make([]byte, extra)...))
		})
	}
}

// Gzipped compresses the content for the way, though nobody asked for it.
func Gzipped() Fault {
	return func(well http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a := listen(well, r)
			var packed bytes.Buffer
			z := gzip.NewWriter(&packed)
			_, _ = z.Write(a.body.Bytes()) // a buffer takes everything
			z.Close()
			a.header.Set("Content-Encoding", "gzip")
			a.header.Set("Content-Length", strconv.Itoa(packed.Len()))
			a.copyTo(w, packed.Bytes())
		})
	}
}

// Endless sends content until the client has enough.
func Endless() Fault {
	return instead(func(w http.ResponseWriter, r *http.Request) {
		block := make([]byte, 32<<10)
		for {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
}

// EndlessHeader sends header lines until the client has enough.
func EndlessHeader() Fault {
	line := "X-Padding: " + strings.Repeat("x", 1000) + "\r\n"
	return raw(func(w io.Writer, _ *answer) error {
		_, err := io.WriteString(w, "HTTP/1.1 200 OK\r\n")
		for err == nil {
			_, err = io.WriteString(w, line)
		}
		return err
	})
}

// NotHTTP answers with a line of something else.
func NotHTTP(line string) Fault {
	return raw(func(w io.Writer, _ *answer) error {
		_, err := io.WriteString(w, line+"\r\n")
		return err
	})
}

// raw writes to the connection itself, and closes it then.
func raw(write func(io.Writer, *answer) error) Fault {
	return func(well http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a, x := listen(well, r), exchangeOf(r)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			defer conn.Close()
			x.sent(a.status, a.body.Len())
			_ = write(conn, a) // the client may have had enough
		})
	}
}

// answer is what would have been answered well.
type answer struct {
	status int
	header http.Header
	body   bytes.Buffer
}

// listen takes down what a handler answers.
func listen(well http.Handler, r *http.Request) *answer {
	a := &answer{header: make(http.Header)}
	well.ServeHTTP(a, r)
	return a
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// writeTo writes it as bytes of HTTP.
func (a *answer) writeTo(w io.Writer) error {
	a.header.Set("Connection", "close")
	var head strings.Builder
	fmt.Fprintf(&head, "HTTP/1.1 %d %s\r\n", a.status, http.StatusText(a.status))
	if err := a.header.Write(&head); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%s\r\n%s", head.String(), a.body.Bytes())
	return err
}

// copyTo answers with its header and other content. The flush makes net/http
// decide about a length that isn't told.
func (a *answer) copyTo(w http.ResponseWriter, content []byte) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	http.NewResponseController(w).Flush()
	_, _ = w.Write(content) // the client may have had enough
}
