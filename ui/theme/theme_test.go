package theme

import (
	"image/color"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// styles are all of a theme, by the names of its fields: whoever adds one has it
// tested.
func styles(t *Theme) map[string]Style {
	all := map[string]Style{}
	v := reflect.ValueOf(*t)
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.IsExported() && field.Type == reflect.TypeFor[Style]() {
			all[field.Name] = v.Field(i).Interface().(Style)
		}
	}
	for i, s := range t.apps {
		all["app "+strconv.Itoa(i)] = s
	}
	return all
}

// drawn is what a terminal makes of sequences: the colour of text and of what is
// behind it; nil is the terminal's own. Not known is what nobody can know the
// colour of: faint, and the sixteen.
func drawn(t *testing.T, sequences string) (text, behind color.Color, known bool) {
	t.Helper()
	known = true
	reverse := false
	for part := range strings.SplitSeq(sequences, "\x1b[") {
		part, ok := strings.CutSuffix(part, "m")
		if !ok && part != "" {
			t.Fatalf("%q is no style", sequences)
		}
		codes := strings.Split(part, ";")
		for i := 0; i < len(codes); i++ {
			switch code, _ := strconv.Atoi(codes[i]); {
			case code == 38 || code == 48:
				c, used := colourOf(codes[i+1:])
				if i += used; code == 38 {
					text = c
				} else {
					behind = c
				}
			case code == 7:
				reverse = true
			case code == 2, code >= 30 && code <= 47, code >= 90:
				known = false
			}
		}
	}
	if reverse {
		text, behind = behind, text
	}
	return text, behind, known
}

func colourOf(codes []string) (color.Color, int) {
	n := func(i int) uint8 { v, _ := strconv.Atoi(codes[i]); return uint8(v) }
	if codes[0] == "5" {
		return ansi.IndexedColor(n(1)), 2
	}
	return color.RGBA{n(1), n(2), n(3), 255}, 4
}

// contrast is that of WCAG 2: from 1 to 21.
func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.Color) float64 {
	linear := func(v uint32) float64 {
		x := float64(v) / 0xffff
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	r, g, b, _ := c.RGBA()
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func TestContrastIsThatOfWCAG(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{{"#000000", "#ffffff", 21}, {"#777777", "#ffffff", 4.478}, {"#ff0000", "#000000", 5.252}, {"16", "231", 21}} {
		if got := contrast(lipgloss.Color(c.a), lipgloss.Color(c.b)); math.Abs(got-c.want) > 0.001 {
			t.Errorf("%s on %s is %.3f, want %.3f", c.a, c.b, got, c.want)
		}
	}
}

// Everything of a theme that has colours of its own can be read on its background.
func TestEveryStyleCanBeRead(t *testing.T) {
	tested := 0
	for _, name := range Names() {
		theme := Named(name, Dark)
		if theme.ground == "" {
			continue
		}
		tested++
		least := 4.5
		if name == "high-contrast" {
			least = 7
		}
		for what, s := range styles(theme) {
			text, behind, known := drawn(t, theme.ground+s.On())
			switch {
			case !known || text == nil || behind == nil:
				t.Errorf("%s: nobody knows what %s looks like: %q", name, what, s.On())
			case contrast(colorprofile.ANSI256.Convert(text), colorprofile.ANSI256.Convert(behind)) < least:
				t.Errorf("%s: %s has too little contrast where there are 256 colours", name, what)
			case contrast(text, behind) < least:
				t.Errorf("%s: %s has a contrast of %.2f, want %.1f", name, what, contrast(text, behind), least)
			}
		}
	}
	if tested != 5 {
		t.Errorf("%d themes have colours of their own", tested)
	}
}

// What means something else looks different, and not by its colour alone where the
// same text could be either.
func TestStylesCanBeToldApart(t *testing.T) {
	for _, name := range Names() {
		theme := Named(name, Dark)
		if name == NoColours {
			continue
		}
		for _, pair := range [][2]Style{{theme.Text, theme.Dim}, {theme.Good, theme.Wrong}, {theme.Good, theme.Waiting}, {theme.Waiting, theme.Wrong}, {theme.Accent, theme.Text}} {
			if pair[0] == pair[1] {
				t.Errorf("%s: %q twice", name, pair[0].On())
			}
		}
		seen := map[Style]bool{}
		for _, s := range theme.apps {
			if seen[s] {
				t.Errorf("%s: two apps are %q", name, s.On())
			}
			seen[s] = true
		}
	}
}

// The theme of the terminal is made of the terminal's colours and no others, and the
// plain one of none.
func TestWhoChoosesNoThemeKeepsHisColours(t *testing.T) {
	for _, mode := range []Mode{Dark, Light, Plain} {
		theme := New(mode)
		for what, s := range styles(theme) {
			if strings.Contains(s.On(), "38;") || strings.Contains(s.On(), "48;") {
				t.Errorf("%s has a colour of its own: %q", what, s.On())
			}
			if _, _, known := drawn(t, strings.ReplaceAll(s.On(), "\x1b[2m", "")); mode == Plain && !known {
				t.Errorf("%s has a colour: %q", what, s.On())
			}
		}
		if theme.Dress("a\x1b[mb") != "a\x1b[mb" {
			t.Error("it has a background")
		}
	}
}

func TestAFrameIsOnTheBackgroundOfItsTheme(t *testing.T) {
	theme := Named("dark", Light)
	got := theme.Dress("one " + theme.Accent.On() + "two" + Off + " \nthree")
	for line := range strings.SplitSeq(got, "\n") {
		if !strings.HasPrefix(line, theme.ground) || !strings.HasSuffix(line, Off) {
			t.Errorf("%q", line)
		}
		for i, part := range strings.Split(line, Off) {
			if part != "" && !strings.HasPrefix(part, theme.ground) {
				t.Errorf("part %d of %q has no background", i, line)
			}
		}
	}
	if ansi.Strip(got) != "one two \nthree" {
		t.Errorf("%q", got)
	}
}

func TestTheThemeIsChoose(t *testing.T) {
	for _, c := range []struct {
		name    string
		environ map[string]string
		setting string
		want    string
		mode    Mode
	}{
		{"by nobody", nil, "", "terminal", Dark},
		{"by the background", map[string]string{"COLORFGBG": "0;15"}, "", "terminal", Light},
		{"by a strange background", map[string]string{"COLORFGBG": "0;default"}, "", "terminal", Dark},
		{"by the host", nil, "paper", "paper", Light},
		{"by who wants no colours", map[string]string{"NO_COLOR": "1"}, "paper", "plain", Plain},
		{"by name", map[string]string{"PODTUI_THEME": "gruvbox", "NO_COLOR": "1"}, "paper", "gruvbox", Dark},
		{"as the terminal's, by name", map[string]string{"PODTUI_THEME": "terminal", "NO_COLOR": "1", "COLORFGBG": "0;15"}, "paper", "terminal", Light},
		{"without colours, by name", map[string]string{"PODTUI_THEME": "plain"}, "paper", "plain", Plain},
		{"by a name that is not there", map[string]string{"PODTUI_THEME": "neon"}, "paper", "paper", Light},
	} {
		t.Run(c.name, func(t *testing.T) {
			theme, err := Choose(func(name string) string { return c.environ[name] }, c.setting)
			if theme.Name != c.want || theme.Mode != c.mode {
				t.Errorf("%s, %v", theme.Name, theme.Mode)
			}
			if wrong := c.environ["PODTUI_THEME"] == "neon"; wrong != (err != nil) {
				t.Error(err)
			}
			if err != nil && !strings.Contains(err.Error(), `PODTUI_THEME: unknown theme "neon"; there are terminal, dark, light,`) {
				t.Error(err)
			}
		})
	}
}

func TestOneGoesThroughAllThemes(t *testing.T) {
	seen := map[string]bool{}
	for name := Terminal; !seen[name]; name = Next(name) {
		if theme := Named(name, Dark); theme.Name != name {
			t.Errorf("%s is %s", name, theme.Name)
		}
		seen[name] = true
	}
	if len(seen) != len(Names()) {
		t.Errorf("%v", seen)
	}
}
