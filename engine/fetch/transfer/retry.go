package transfer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// retry waits before the next try, or returns the error that ends it all: err
// if that can't pass by itself or has failed too often, or the context's.
// failed counts the tries before this one.
func (c *Client) retry(ctx context.Context, r Request, err error, failed int) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if !passes(err) {
		return err
	}
	if failed >= c.o.Attempts {
		if failed > 0 {
			return fmt.Errorf("%w (%d tries)", err, failed+1)
		}
		return err
	}
	wait := c.o.Backoff(failed)
	var status *StatusError
	if errors.As(err, &status) {
		wait = max(wait, RetryAfter(status.Header.Get("Retry-After"), time.Now()))
	}
	if r.Retrying != nil {
		r.Retrying(err, wait)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// passes says whether what went wrong may be over in a moment. A stall is not
// such a thing: it has taken its time already.
func passes(err error) bool {
	var status *StatusError
	var connect *ConnectError
	switch {
	case errors.As(err, &status):
		return status.Status == http.StatusTooManyRequests || status.Status >= 500
	case errors.As(err, &connect):
		return connect.passes()
	}
	return false
}

func (e *ConnectError) passes() bool {
	switch e.Kind {
	case Broken:
		return true
	case Refused:
		// On this very host there is no network between that could be at fault.
		u, err := url.Parse(e.URL)
		return err != nil || !Loopback(u.Hostname())
	}
	return false
}

// RetryAfter is how long a Retry-After header tells to wait, in seconds or as a
// date; at most a minute, and 0 if it says nothing that can be understood.
func RetryAfter(value string, now time.Time) time.Duration {
	wait := seconds(value)
	if when, err := http.ParseTime(strings.TrimSpace(value)); err == nil {
		wait = max(when.Sub(now), 0)
	}
	return min(wait, maxRetryAfter)
}
