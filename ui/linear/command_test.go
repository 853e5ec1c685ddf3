package linear

import (
	"reflect"
	"strings"
	"testing"

	"github.com/podtui/podtui/keymap"
)

func here(types bool, choices ...string) Now {
	return Now{Keys: keymap.Default(), Types: types, Choices: choices, Scopes: []keymap.Scope{keymap.Pods, keymap.Pod, keymap.List, keymap.Everywhere}}
}

func TestLinesAreReadByWhatCanBeDoneNow(t *testing.T) {
	press := func(keys ...string) Command { return Command{Kind: Press, Keys: keys} }
	do := func(a keymap.Action) Command { return Command{Kind: Do, Action: a} }
	for _, c := range []struct {
		line string
		now  Now
		want Command
	}{
		{"\n", here(false), Command{Kind: Repeat}},
		{"help\n", here(false), Command{Kind: Help}},
		{":", here(false), Command{Kind: Help}},
		{"list 21", here(false), Command{Kind: List, N: 21}},
		{"wait 5", here(false), Command{Kind: Wait, N: 5}},
		{"row 3", here(false), Command{Kind: Row, N: 3}},
		{"more", here(false), Command{Kind: More}},
		{"quit", here(false), Command{Kind: Quit}},
		{"j", here(false), press("j")},
		{"j j enter", here(false), press("j", "j", "enter")},
		{"escape", here(false), press("esc")},
		{":stop", here(false), do(keymap.PodsStop)},
		{"stop", here(false), do(keymap.PodsStop)},
		{"pods.stop", here(false), do(keymap.PodsStop)},
		{"open images", here(false), do(keymap.GoImages)},
		{"go to trust", here(false), do(keymap.GoTrust)},
		{"collect garbage", here(false), do(keymap.PodsCollect)},
		{"mark all", here(false), do(keymap.PodsMarkAll)},
		{"coll", here(false), do(keymap.PodsCollect)},
		{"stop", here(true), Command{Kind: Type, Text: "stop"}},
		{" two words \n", here(true), Command{Kind: Type, Text: " two words "}},
		{"::name", here(true), Command{Kind: Type, Text: ":name"}},
		{":enter", here(true), press("enter")},
		{"quit", here(false, "cancel", "quit"), Command{Kind: Choose, N: 2}},
		{"1", here(false, "cancel", "quit"), Command{Kind: Choose, N: 1}},
		{"3", here(false, "cancel", "quit"), press("3")},
	} {
		if got := Parse(c.line, c.now); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q (typing %v, choices %q): %+v, want %+v", c.line, c.now.Types, c.now.Choices, got, c.want)
		}
	}
}

func TestLinesThatMeanNothingSayWhy(t *testing.T) {
	for line, want := range map[string]string{
		"frobnicate": "help lists",
		"stopp":      "perhaps stop is meant",
		"sel":        "could be",
		"m":          "no key and no command",
	} {
		if got := Parse(line, here(false)); got.Kind != Wrong || !strings.Contains(got.Text, want) {
			t.Errorf("%q: %+v, want %q", line, got, want)
		}
	}
}

// A line means something whatever is in it, and only what can be done here.
func FuzzLines(f *testing.F) {
	for _, line := range []string{"", "j j", ":stop", "::", "row 99999999999999999999", "open \x1b[2J", "list -1"} {
		f.Add(line, true)
		f.Add(line, false)
	}
	f.Fuzz(func(t *testing.T, line string, types bool) {
		now := here(types, "cancel", "remove")
		c := Parse(line, now)
		switch c.Kind {
		case Do:
			if !bound(c.Action, now) {
				t.Errorf("%q does %s, which is nothing here", line, c.Action)
			}
		case Press:
			if len(c.Keys) == 0 {
				t.Errorf("%q presses nothing", line)
			}
		case List, Row, Choose:
			if c.N < 0 {
				t.Errorf("%q: %+v", line, c)
			}
		case Type:
			if !types {
				t.Errorf("%q is typed where no field is", line)
			}
		}
	})
}
