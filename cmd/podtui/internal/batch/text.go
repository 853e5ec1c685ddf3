package batch

import (
	"cmp"
	"fmt"
	"os"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/ui/console"
	"github.com/podtui/podtui/ui/text"
)

// textPrinter is output for people: the pod's own, and podtui's messages, each of
// which is one line on standard error.
type textPrinter struct {
	stdout, stderr *os.File
	debug          bool
	meter          *meter

	running int  // apps that have not ended
	goesOn  bool // the failure of one leaves the others running
	stopped bool // apps were running when the first one failed, which stops them
	asked   bool // the pod's end has been ordered, by podtui or by an app that failed

	console  *console.Console // has the terminal in raw mode
	prefixed bool
	apps     appNames
	streams  map[stream]*prefixer
	buffer   []byte
	files    map[string]string // where an image that is not in the store was found, by reference
	fetching map[string]string // what was said of where it comes from
}

// stream is one stream of one app.
type stream struct {
	app  int
	name string
}

func newText(stdout, stderr *os.File, debug bool) *textPrinter {
	return &textPrinter{
		stdout: stdout, stderr: stderr, debug: debug, meter: newMeter(stderr),
		streams: make(map[stream]*prefixer), files: make(map[string]string), fetching: make(map[string]string),
	}
}

// begin prefixes lines if there are apps to tell apart.
func (t *textPrinter) begin(pod Pod) {
	t.prefixed, t.running, t.goesOn = pod.Apps > 1, pod.Apps, pod.GoesOn
}

func (t *textPrinter) event(e event.Event) error {
	t.meter.event(e)
	t.apps.learn(e)
	if e.Progress() {
		return nil
	}
	if t.debug {
		t.say("debug: " + describe(e))
	}
	switch e.Type {
	case event.ImageSearch:
		t.search(e)
	case event.ImageFetch:
		switch {
		case e.State == event.Started && e.Layer == "":
			t.fetch(e)
		case e.State == event.Skipped && e.Layer == "":
			t.say("image " + e.Image + ": " + e.Message)
		}
	case event.ImageVerify:
		if e.State == event.Done {
			t.verified(e)
		}
	case event.Warning:
		t.say("warning: " + e.Message)
	case event.AppExit:
		err := t.rest(e.App)
		t.ended(e)
		return err
	case event.PodExit:
		t.over(e)
	}
	return nil
}

// ended counts an app's end, if that is for good. The first that fails ends the
// pod, unless that was on its way already, or the others go on.
func (t *textPrinter) ended(e event.Event) {
	if e.State == event.Started {
		t.say(fmt.Sprintf("app %q: %s", e.App, e.Message))
		return
	}
	t.giveBack() // what is said now must not go away with the app's screen
	t.running--
	switch {
	case *e.Status == 0:
	case t.goesOn && t.running > 0 && !t.asked:
		t.say(fmt.Sprintf("app %q: %s; the others go on", e.App, e.Message))
	case !t.goesOn:
		t.stopped = t.stopped || t.running > 0 && !t.asked
		t.asked = true
	}
}

// over says why the pod's status is not 0.
func (t *textPrinter) over(e event.Event) {
	switch {
	case *e.Status == 0:
	case t.stopped:
		t.say(e.Message + "; the others were stopped")
	default:
		t.say(e.Message)
	}
}

// verified says by whose signature an image is what it should be, or who else
// vouches for it.
func (t *textPrinter) verified(e event.Event) {
	if e.Key == "" {
		t.say("image " + e.Image + " verified: " + e.Message)
		return
	}
	t.say("signature verified: " + UserID(e.Message) + ", " + e.Key)
}

// UserID is who a key says it is, as a part of a line: escaped, and cut where
// nobody goes on who wants to be known.
func UserID(id string) string { return text.Truncate(text.Escape(id), longestUserID) }

const longestUserID = 100 // cells

func (t *textPrinter) search(e event.Event) {
	switch {
	case e.State == event.Started:
		delete(t.fetching, e.Image)
		t.say("searching for app image " + e.Image)
	case e.State == event.Done && e.ID == "":
		t.files[e.Image] = e.Message
	case e.State == event.Done && e.Message != "in the store": // somebody was asked, or waited for
		t.say("image " + e.Image + ": " + e.Message)
	}
}

// fetch says once where an image comes from, in as many words as are known. That
// it goes on, with no byte so far, is nothing new.
func (t *textPrinter) fetch(e event.Event) {
	from := cmp.Or(e.Message, t.files[e.Image], e.Image)
	if e.Message == "" && t.fetching[e.Image] != "" || t.fetching[e.Image] == from {
		return
	}
	t.fetching[e.Image] = from
	t.say("fetching image from " + from)
}

// giveBack ends what the app of an interactive pod had of the terminal.
func (t *textPrinter) giveBack() {
	if t.console != nil {
		t.console.Close()
		t.console = nil
	}
}

// say writes a message. If nobody reads it, so be it.
func (t *textPrinter) say(message string) {
	t.meter.clear()
	if t.console != nil {
		_, _ = t.console.Write([]byte("\rpodtui: " + text.Escape(message) + "\r\n"))
		return
	}
	complain(t.stderr, message)
}

// complain writes one line. What it repeats may come from strangers.
func complain(to *os.File, message string) {
	_, _ = to.WriteString("podtui: " + text.Escape(message) + "\n")
}

func (t *textPrinter) fail(message string, _ int) error {
	t.say(message)
	return nil
}

func (t *textPrinter) detached(uuid string) error {
	t.meter.clear()
	return writeAll(t.stdout, []byte(uuid+"\n"))
}

// output passes what one app alone says on as it is, and that of several line
// by line, each with the name of its app.
func (t *textPrinter) output(app int, name string, p []byte) error {
	t.meter.clear()
	if t.console != nil {
		_, err := t.console.Write(p)
		return closedBy(t.stdout, err)
	}
	if !t.prefixed {
		return writeAll(t.file(name), p)
	}
	key := stream{app, name}
	from := t.streams[key]
	if from == nil {
		from = newPrefixer(t.apps.of(app))
		t.streams[key] = from
	}
	t.buffer = from.append(t.buffer[:0], p)
	return writeAll(t.file(name), t.buffer)
}

// rest writes the last lines of an app that do not end.
func (t *textPrinter) rest(app string) error {
	for key, from := range t.streams {
		if t.apps.of(key.app) != app {
			continue
		}
		if err := writeAll(t.file(key.name), from.rest(nil)); err != nil {
			return err
		}
	}
	return nil
}

// finish writes what the apps left of a pod that was lost.
func (t *textPrinter) finish() error {
	for _, app := range t.apps {
		if err := t.rest(app); err != nil {
			return err
		}
	}
	return nil
}

func (t *textPrinter) file(stream string) *os.File {
	if stream == "stderr" {
		return t.stderr
	}
	return t.stdout
}

// describe is an event in one line, for --debug.
func describe(e event.Event) string {
	line := string(e.Type)
	for _, part := range []string{string(e.State), e.Image, e.Layer, e.App, e.ID, e.Message} {
		if part != "" {
			line += " " + part
		}
	}
	return line
}
