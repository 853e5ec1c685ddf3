package origin

import (
	"net/http"
	"strconv"
	"strings"
)

// CutAfter resets the connection after so many bytes of content.
func CutAfter(bytes int64) Fault {
	return after(func(*http.Request) int64 { return bytes }, reset)
}

// CutAt resets the connection at an offset of the whole content, wherever the
// part begins that was asked for.
func CutAt(offset int64) Fault {
	return after(func(r *http.Request) int64 { return max(offset-rangeStart(r), 0) }, reset)
}

// CutsAt cuts at several offsets in turn.
func CutsAt(offsets ...int64) []Fault {
	faults := make([]Fault, len(offsets))
	for i, offset := range offsets {
		faults[i] = CutAt(offset)
	}
	return faults
}

// CloseAfter closes the connection in order after so many bytes of content,
// though it has promised more.
func CloseAfter(bytes int64) Fault {
	return after(func(*http.Request) int64 { return bytes }, func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
}

// StallAfter sends nothing more after so many bytes of content, and keeps the
// connection open.
func StallAfter(bytes int64) Fault {
	return after(func(*http.Request) int64 { return bytes }, func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).Flush()
		exchangeOf(r).wait(r)
		panic(http.ErrAbortHandler)
	})
}

// Silence never answers.
func Silence() Fault {
	return instead(func(w http.ResponseWriter, r *http.Request) {
		exchangeOf(r).wait(r)
		panic(http.ErrAbortHandler)
	})
}

// after lets so many bytes of content pass, and does then what doesn't return.
func after(bytes func(*http.Request) int64, end http.HandlerFunc) Fault {
	return func(well http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			well.ServeHTTP(&cutting{ResponseWriter: w, left: bytes(r), end: func() { end(w, r) }}, r)
		})
	}
}

func reset(w http.ResponseWriter, r *http.Request) {
	http.NewResponseController(w).Flush()
	exchangeOf(r).reset()
	panic(http.ErrAbortHandler)
}

// rangeStart is the offset that a request asks from.
func rangeStart(r *http.Request) int64 {
	start, _, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Range"), "bytes="), "-")
	offset, _ := strconv.ParseInt(start, 10, 64)
	return offset
}

type cutting struct {
	http.ResponseWriter
	left int64
	end  func()
}

func (c *cutting) Write(b []byte) (int, error) {
	if int64(len(b)) <= c.left {
		c.left -= int64(len(b))
		return c.ResponseWriter.Write(b)
	}
	n, err := c.ResponseWriter.Write(b[:c.left])
	if err == nil {
		c.end()
	}
	return n, err
}

func (c *cutting) Unwrap() http.ResponseWriter { return c.ResponseWriter }
