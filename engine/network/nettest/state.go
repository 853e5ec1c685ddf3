package nettest

import (
	"regexp"
	"strings"
	"time"
)

// State is everything of the namespace that a network leaves traces in: its links,
// addresses, routes, rules of the firewall, in the words of the host's own programs;
// its settings, and whom it still leads to pods.
func (n *Namespace) State() string {
	n.tb.Helper()
	var state strings.Builder
	for _, command := range []string{
		"ip -details link show", "ip address show", "ip -4 route show table all", "ip -6 route show table all", "ip rule show", "nft list ruleset",
	} {
		words := strings.Fields(command)
		state.WriteString("$ " + command + "\n" + n.Run(words[0], words[1:]...))
	}
	return state.String() + n.settings() + n.flows()
}

// Steady is a state without what of bridges and rules changes by itself: timers,
// counters, whether anybody is on them, and since when they have addresses of IPv6.
func Steady(state string) string {
	changing := regexp.MustCompile(`NO-CARRIER,|,LOWER_UP| state (UP|DOWN|UNKNOWN)| linkdown| promiscuity \d+| packets \d+ bytes \d+`)
	var steady strings.Builder
	for line := range strings.Lines(changing.ReplaceAllString(state, "")) {
		if !strings.Contains(line, "_timer") && !strings.Contains(line, "fe80:") {
			steady.WriteString(line)
		}
	}
	return steady.String()
}

// Changed are the lines that one state has and another hasn't; "" if they are equal.
func Changed(before, after string) string {
	had := make(map[string]int)
	for line := range strings.Lines(before) {
		had[line]++
	}
	var changed strings.Builder
	for line := range strings.Lines(after) {
		if had[line]--; had[line] < 0 {
			changed.WriteString("+ " + line)
		}
	}
	for line := range strings.Lines(before) {
		if had[line]--; had[line] >= 0 {
			changed.WriteString("- " + line)
		}
	}
	if changed.Len() == 0 && before != after {
		return "the order of its lines"
	}
	return changed.String()
}

// Eventually waits until something is so, and fails the test if it never is.
func (n *Namespace) Eventually(what string, is func() bool) {
	n.tb.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			n.tb.Fatalf("%s: not within a minute: %s", n.name, what)
		}
	}
}
