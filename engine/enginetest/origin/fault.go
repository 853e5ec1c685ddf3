package origin

import (
	"net/http"
	"strconv"
)

// Fault is what goes wrong with one answer: it stands before the handler that
// would answer well.
type Fault func(well http.Handler) http.Handler

// Times is the same fault for some requests in a row.
func Times(n int, fault Fault) []Fault {
	faults := make([]Fault, n)
	for i := range faults {
		faults[i] = fault
	}
	return faults
}

// Fine is no fault: that request is answered well.
func Fine() Fault { return func(well http.Handler) http.Handler { return well } }

// Status answers with a status and some headers, as name and value in turn.
func Status(status int, header ...string) Fault {
	return instead(func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		http.Error(w, http.StatusText(status), status)
	})
}

// RedirectTo sends to another URL.
func RedirectTo(url string) Fault {
	return instead(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", url)
		w.WriteHeader(http.StatusFound)
	})
}

// RedirectLoop sends to the same URL again.
func RedirectLoop() Fault {
	return instead(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", r.URL.RequestURI())
		w.WriteHeader(http.StatusFound)
	})
}

// IgnoreRange answers with 200 and all of it to whatever part was asked for.
func IgnoreRange() Fault {
	return before(func(r *http.Request) { r.Header.Del("Range") })
}

// IgnoreIfRange sends the part though the content is other than the client has.
func IgnoreIfRange() Fault {
	return before(func(r *http.Request) { r.Header.Del("If-Range") })
}

// SendPart answers with 206 and a part that the client didn't ask for, such as
// "bytes=5-9".
func SendPart(part string) Fault {
	return before(func(r *http.Request) {
		r.Header.Set("Range", part)
		r.Header.Del("If-Range")
	})
}

// NotSatisfiable answers 416; the total is what the content is said to have, and
// is not told if it is negative.
func NotSatisfiable(total int64) Fault {
	if total < 0 {
		return Status(http.StatusRequestedRangeNotSatisfiable)
	}
	return instead(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Range", "bytes */"+strconv.FormatInt(total, 10))
		w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
	})
}

// ContentRange lies about which part is sent, whatever is sent.
func ContentRange(value string) Fault { return Header("Content-Range", value) }

// ContentType lies about what it is.
func ContentType(kind string) Fault { return Header("Content-Type", kind) }

// Header replaces a header of the answer; "" leaves it out.
func Header(name, value string) Fault {
	return func(well http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			well.ServeHTTP(&reheader{ResponseWriter: w, name: name, value: value}, r)
		})
	}
}

// ChangesTo is content that changes under way: from this request on it is other.
func (f *Resource) ChangesTo(data []byte) Fault {
	return before(func(*http.Request) { f.Replace(data) })
}

// Both is two faults of one answer, such as other content that is cut as well.
func Both(first, second Fault) Fault {
	return func(well http.Handler) http.Handler { return first(second(well)) }
}

// instead answers by itself.
func instead(answer http.HandlerFunc) Fault {
	return func(http.Handler) http.Handler { return answer }
}

// before changes the request, or the world, and then answers well.
func before(change func(*http.Request)) Fault {
	return func(well http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r = r.Clone(r.Context())
			change(r)
			well.ServeHTTP(w, r)
		})
	}
}

type reheader struct {
	http.ResponseWriter
	name, value string
}

func (h *reheader) WriteHeader(status int) {
	h.Header().Del(h.name)
	if h.value != "" {
		h.Header().Set(h.name, h.value)
	}
	h.ResponseWriter.WriteHeader(status)
}

func (h *reheader) Unwrap() http.ResponseWriter { return h.ResponseWriter }
