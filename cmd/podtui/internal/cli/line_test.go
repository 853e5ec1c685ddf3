package cli

import (
	"fmt"
	"testing"

	"github.com/podtui/podtui/engine/spec"
)

// A pasted line may have every flag that podtui itself takes, before the command and
// after it: the form that takes the line tells what becomes of each.
func TestPastedLinesMayHaveEveryFlagOfPodtui(t *testing.T) {
	t.Parallel()
	g := defaults()
	flags := g.flags()
	for _, f := range new(front).flags() {
		flags = append(flags, globalFlag{name: f.Name, value: map[bool]string{false: "VALUE"}[f.Bool]})
	}
	for _, f := range flags {
		flag := "--" + f.name
		if f.value != "" {
			flag += "=x"
		}
		lines := []string{"podtui run img " + flag, "podtui run " + flag + " img"}
		if f.help != "" {
			lines = append(lines, "podtui "+flag+" run img")
		}
		for _, text := range lines {
			line, err := spec.ReadLine(text)
			if got, want := fmt.Sprint(line.Beside), "["+flag+"]"; err != nil || got != want {
				t.Errorf("%s: got %s, %v; want %s", text, got, err, want)
			}
		}
	}
}
