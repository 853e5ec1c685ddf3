package origin

import (
	"math"
	"net/http"
	"time"
)

// Drip sends a byte at a time, and waits after each.
func Drip(every time.Duration) Fault { return slow(1, 1, every, nil) }

// Throttle sends so many bytes a second.
func Throttle(bytes int64) Fault {
	const steps = 20 // a second
	piece := max(bytes/steps, 1)
	return slow(piece, piece, time.Second/steps, nil)
}

// HoldAfter lets so many bytes of content pass, and the rest once the gate is
// closed.
func HoldAfter(bytes int64, gate <-chan struct{}) Fault {
	return slow(bytes, math.MaxInt64, math.MaxInt64, gate)
}

// slow pauses after the first bytes and then after each piece, for a time or
// until the gate is closed.
func slow(first, piece int64, pause time.Duration, gate <-chan struct{}) Fault {
	return func(well http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			well.ServeHTTP(&paced{ResponseWriter: w, r: r, left: first, piece: piece, pause: pause, gate: gate}, r)
		})
	}
}

type paced struct {
	http.ResponseWriter
	r           *http.Request
	left, piece int64
	pause       time.Duration
	gate        <-chan struct{}
}

func (p *paced) Write(b []byte) (written int, err error) {
	for len(b) > 0 {
		n, err := p.ResponseWriter.Write(b[:min(int64(len(b)), p.left)])
		written, b, p.left = written+n, b[n:], p.left-int64(n)
		if err != nil {
			return written, err
		}
		if p.left > 0 {
			continue
		}
		p.left = p.piece
		if err := p.wait(); err != nil {
			return written, err
		}
	}
	return written, nil
}

func (p *paced) wait() error {
	http.NewResponseController(p.ResponseWriter).Flush()
	timer := time.NewTimer(p.pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-p.gate:
		return nil
	case <-p.r.Context().Done():
		return p.r.Context().Err()
	case <-exchangeOf(p.r).closing:
		return http.ErrServerClosed
	}
}

func (p *paced) Unwrap() http.ResponseWriter { return p.ResponseWriter }
