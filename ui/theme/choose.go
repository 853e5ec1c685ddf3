package theme

import (
	"fmt"
	"strconv"
	"strings"
)

// Variable is the environment variable that names a theme.
const Variable = "PODTUI_THEME"

// Choose decides by the environment and the settings of the host, so that the
// first screen can be drawn before the terminal has been asked anything. Whoever
// names a theme for himself gets it; then NO_COLOR counts, and then what the host's
// settings say, who may be somebody else. A name that is not there is an error, and
// then no name.
func Choose(getenv func(string) string, setting string) (*Theme, error) {
	var wrong error
	own := getenv(Variable)
	if own != "" && !Known(own) {
		wrong = fmt.Errorf("%s: unknown theme %q; there are %s", Variable, own, strings.Join(Names(), ", "))
		own = ""
	}
	switch {
	case own != "":
		return Named(own, background(getenv)), wrong
	case getenv("NO_COLOR") != "":
		return New(Plain), wrong
	}
	return Named(setting, background(getenv)), wrong
}

// background is the terminal's, as COLORFGBG tells it: rxvt, Konsole and others set
// it. Dark, if nobody says so.
func background(getenv func(string) string) Mode {
	parts := strings.Split(getenv("COLORFGBG"), ";")
	number, err := strconv.Atoi(parts[len(parts)-1])
	if err == nil && (number == 7 || number >= 9 && number <= 15) {
		return Light
	}
	return Dark
}
