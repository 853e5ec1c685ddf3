// Package screen is what the root and its screens say to each other, so that
// neither needs to know the other: what every screen may use, and what it can
// ask for beyond its own rectangle.
package screen

import (
	"context"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/theme"
)

// Env is what all screens share.
type Env struct {
	Theme *theme.Theme // replaced as a whole when the background becomes known
	Keys  *keymap.Map
	Now   func() time.Time

	Host      string // by which whoever is at the terminal reaches this host
	ConfigDir string // keys and credentials; "" if nobody said

	stopped map[string]bool
}

// Stop notes that a pod was asked to stop from here, or that it could not be.
func (e *Env) Stop(uuid string, asked bool) {
	if e.stopped == nil {
		e.stopped = map[string]bool{}
	}
	e.stopped[uuid] = asked
}

// Stopped reports whether a pod was asked to stop from here: that signals ended
// it then is no failure.
func (e *Env) Stopped(uuid string) bool { return e.stopped[uuid] }

// Out is what an update leads to: work that runs beside the loop, and a wish
// that the root fulfils before it takes the next message. A key that follows
// at once therefore already meets the new screen.
type Out struct {
	Cmd  tea.Cmd
	Wish Wish
}

// Wish is something that only the root can do. The types of this package are
// all there are.
type Wish any

// Ask puts a question over the screen. The answer comes back as a message.
type Ask struct {
	Dialog  dialog.Dialog
	Unasked bool   // no key led to it: it is left out where somebody types, is asked something else, or looks at another screen
	Else    Notice // what is said where it is left out
	Over    any    // the screen that it belongs to, if that is not who asks
}

// Notice says a few words in the line above the footer until the next key.
type Notice struct {
	Text  string
	Wrong bool // something did not work
}

// Believed tells that somebody is believed who was not before: what lists say of
// images is old.
type Believed struct{ Notice Notice }

// Terminal hands the terminal over: to what an app shows, until it is done. The
// screen comes back as it was, and then takes what Done makes of the error.
type Terminal struct {
	Pod  string                                                             // the UUID of the app's
	Run  func(ctx context.Context, stdin io.Reader, stdout io.Writer) error // ends with the program
	Done func(error) tea.Msg
}

// Copy puts text into the clipboard of the terminal, which may not let it.
type Copy struct{ Text, What string }

// Leave goes back one level.
type Leave struct{}

// Click is a click of the mouse into a screen, counted from its own corner.
type Click struct{ X, Y int }

// Wheel is the wheel of the mouse, turned over a screen: so many rows down, or up if
// it is less than none.
type Wheel struct{ X, Y, By int }

// Typed has keys and pastes taken as if they came now, by whoever they are for
// then: they had to wait, and each may lead elsewhere.
type Typed []tea.Msg

// Perform is the message that asks for an action by its name: what is on the screen
// does what it does for a key.
type Perform struct{ Action keymap.Action }

// Do is an Out with work only.
func Do(cmd tea.Cmd) Out { return Out{Cmd: cmd} }

// Say is an Out with a wish only.
func Say(w Wish) Out { return Out{Wish: w} }
