package transfer

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxFresh is how long anything is fresh at most, whatever its server says.
const maxFresh = 365 * 24 * time.Hour

// Freshness is for how long what came with h may be used without asking again,
// by RFC 9111 for a cache that serves one user: 0 if the header doesn't say, for
// nothing is guessed. noStore says that it must not be remembered at all.
func Freshness(h http.Header, now time.Time) (freshFor time.Duration, noStore bool) {
	c := parseCacheControl(h.Values("Cache-Control"))
	if c.noStore {
		return 0, true
	}
	if c.noCache || h.Get("Cache-Control") == "" && strings.EqualFold(strings.TrimSpace(h.Get("Pragma")), "no-cache") {
		return 0, false
	}
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		date = now
	}
	lifetime := c.maxAge
	if !c.hasMaxAge {
		// Something like "0" is not a date, and means that it is over already.
		expires, err := http.ParseTime(h.Get("Expires"))
		if err != nil {
			return 0, false
		}
		lifetime = expires.Sub(date)
	}
	age := max(now.Sub(date), seconds(h.Get("Age")), 0)
	return max(min(max(lifetime, 0), maxFresh)-age, 0), false
}

type cacheControl struct {
	noStore, noCache, hasMaxAge bool
	maxAge                      time.Duration
}

// parseCacheControl reads the directives that matter here. Of several values for
// one the strictest counts, and one that can't be read is stale.
func parseCacheControl(values []string) (c cacheControl) {
	for directive := range strings.SplitSeq(strings.Join(values, ","), ",") {
		name, value, _ := strings.Cut(directive, "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "no-store":
			c.noStore = true
		case "no-cache":
			c.noCache = true
		case "max-age":
			age := seconds(strings.Trim(strings.TrimSpace(value), `"`))
			if c.hasMaxAge {
				age = min(age, c.maxAge)
			}
			c.hasMaxAge, c.maxAge = true, age
		}
	}
	return c
}

// seconds reads a delta-seconds; what is none is 0, and what is too long to
// count is a year.
func seconds(s string) time.Duration {
	s = strings.TrimSpace(s)
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > int64(maxFresh/time.Second) {
		return maxFresh
	}
	return time.Duration(n) * time.Second
}
