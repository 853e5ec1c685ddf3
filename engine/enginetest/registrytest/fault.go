package registrytest

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// Fault answers a request instead of the server's handler, which it may ask.
type Fault func(w http.ResponseWriter, r *http.Request, answer http.Handler)

// Match says which requests meet a fault.
type Match struct {
	Method string // "" is any
	Path   string // a part of the path
	Skip   int    // so many of them are spared first
	Times  int    // so many meet it; 0 is all
}

type injected struct {
	Match
	fault Fault
	seen  int
}

// Inject makes requests meet a fault from now on. Of several that match a
// request, the one that was injected last answers.
func (s *Server) Inject(m Match, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &injected{Match: m, fault: f})
}

func (i *injected) takes(r *Request) bool {
	if i.Method != "" && i.Method != r.Method || !strings.Contains(r.Path, i.Path) {
		return false
	}
	i.seen++
	return i.seen > i.Skip && (i.Times == 0 || i.seen <= i.Skip+i.Times)
}

// Answer answers by itself. Header are names and values in turn.
func Answer(status int, body string, header ...string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Add(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// Giant answers with so many bytes of nothing, announced or not.
func Giant(size int64, announced bool, header ...string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Add(header[i], header[i+1])
		}
		if announced {
			w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
		}
		w.WriteHeader(http.StatusOK)
		block := make([]byte, 64<<10)
		for left := size; left > 0; left -= int64(len(block)) {
			if _, err := w.Write(block[:min(left, int64(len(block)))]); err != nil {
				return
			}
		}
	}
}

// Header answers as usual, but with this header instead of the right one; an
// empty value takes it away.
func Header(name, value string) Fault {
	return func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
		answer.ServeHTTP(&changed{ResponseWriter: w, head: func(h http.Header) {
			h.Del(name)
			if value != "" {
				h.Set(name, value)
			}
		}}, r)
	}
}

// Length announces so many bytes more, or fewer, than there are.
func Length(more int64) Fault {
	return func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
		answer.ServeHTTP(&changed{ResponseWriter: w, head: func(h http.Header) { addLength(h, more) }}, r)
	}
}

// Extra sends more bytes after the body, and announces them as if they belonged
// to it.
func Extra(bytes string) Fault {
	return func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
		answer.ServeHTTP(&changed{ResponseWriter: w, head: func(h http.Header) { addLength(h, int64(len(bytes))) }}, r)
		_, _ = w.Write([]byte(bytes))
	}
}

// Cut breaks the connection after so many bytes of the body.
func Cut(after int64) Fault {
	return func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
		answer.ServeHTTP(&changed{ResponseWriter: w, left: after, end: func() {}}, r)
		panic(http.ErrAbortHandler)
	}
}

// Stall sends no more after so many bytes of the body, and keeps the connection
// until the client goes, or the server.
func Stall(after int64) Fault {
	return func(w http.ResponseWriter, r *http.Request, answer http.Handler) {
		answer.ServeHTTP(&changed{ResponseWriter: w, left: after, end: func() { <-r.Context().Done() }}, r)
		panic(http.ErrAbortHandler)
	}
}

// Redirect sends the client to another URL. What is behind it does not matter.
func Redirect(status int, to string) Fault {
	return Answer(status, "", "Location", to)
}

func addLength(h http.Header, more int64) {
	if n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64); err == nil {
		h.Set("Content-Length", strconv.FormatInt(n+more, 10))
	}
}

// changed is an answer that is changed on its way.
type changed struct {
	http.ResponseWriter
	head func(http.Header)
	end  func() // what happens when so many bytes of the body have gone
	left int64
}

var errCut = errors.New("cut by the test")

func (c *changed) WriteHeader(status int) {
	if c.head != nil {
		c.head(c.Header())
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *changed) Write(p []byte) (int, error) {
	if c.end == nil || int64(len(p)) < c.left {
		c.left -= int64(len(p))
		return c.ResponseWriter.Write(p)
	}
	n, err := c.ResponseWriter.Write(p[:c.left])
	c.left = 0
	if err == nil {
		// What was promised must be on its way before the end comes.
		err = http.NewResponseController(c.ResponseWriter).Flush()
	}
	if err == nil {
		c.end()
		err = errCut
	}
	return n, err
}

// Unwrap is how http.ResponseController reaches Flush.
func (c *changed) Unwrap() http.ResponseWriter { return c.ResponseWriter }
