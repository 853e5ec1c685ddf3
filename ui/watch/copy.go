package watch

import (
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/text"
)

// copyLines puts output into the clipboard, without times and names: the line that a
// search is at, or the lines in view. What would do more than stand there is escaped:
// nobody sees it before it is pasted.
func (s *Screen) copyLines() screen.Out {
	lines := s.window().Copied()
	if len(lines) == 0 {
		return screen.Say(screen.Notice{Text: "there is no output to copy yet"})
	}
	var b []byte
	for _, l := range lines {
		b = append(text.AppendEscaped(b, []byte(l)), '\n')
	}
	return screen.Say(screen.Copy{Text: string(b), What: text.Count(len(lines), "line")})
}
