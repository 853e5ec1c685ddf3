package theme

import (
	"strconv"
	"strings"
)

// Choose decides by the environment alone, so that the first screen can be
// drawn before the terminal has been asked anything: NO_COLOR, then COLORFGBG
// as rxvt, Konsole and others set it, else a dark background.
func Choose(getenv func(string) string) Mode {
	if getenv("NO_COLOR") != "" {
		return Plain
	}
	parts := strings.Split(getenv("COLORFGBG"), ";")
	background, err := strconv.Atoi(parts[len(parts)-1])
	if err == nil && (background == 7 || background >= 9 && background <= 15) {
		return Light
	}
	return Dark
}
