package welcome

import "strings"

// Say is the page in words, a line for each thing.
func (p Page) Say() []string {
	lines := []string{about}
	for _, part := range p.parts() {
		for _, l := range part {
			lines = append(lines, strings.TrimSpace(l.head+" "+l.what+": "+l.means))
		}
	}
	for _, more := range []string{p.Missing, p.Works} {
		if more != "" {
			lines = append(lines, more)
		}
	}
	return lines
}
