// Package event is the vocabulary in which the engine says what it does: one
// struct, a closed list of types, and the rules about their order. The TUI
// draws events, batch prints them (--output=json prints them as they are), and
// every pod keeps those that made it in its folder, so that a pod that was run
// from the TUI and one that was run from a script tell the same story.
//
// The package carries events; it decides nothing, formats nothing for people,
// and knows neither pods on disk nor screens. A Broker stands between an engine
// that must not wait and a reader that takes its time.
//
// # Order
//
// For each image: search, verify, fetch, unpack, each once to its end and only as
// far as there is something to do; verify begins with the signature and ends once
// the bytes have come. Where the copy that is here turns out not to serve, all of
// it happens once more. An image that is in the store has a search that ends with
// "here" and no fetch and no unpack. For the pod:
// prepare after the last image, network if the pod has one of its own, then one
// app.start for each app, app.log as it comes, an app.exit for each app.start, and
// pod.exit last. An app.exit that is Started says that the app's restart policy starts
// it again: another app.start follows. A pod that is run again goes on with another
// pod.prepare. A step that takes time is reported more than once: State tells how far
// it is. An error event ends the stream of whatever it names, and nothing is reported
// Done that did not happen.
package event

import (
	"encoding/json"
	"time"
)

// Type says what an event is about. The values are part of the contract of
// --output=json and never change their meaning.
type Type string

// All types there are (contract, section 4).
const (
	ImageSearch Type = "image.search" // where an image reference is looked for; Message: the place
	ImageFetch  Type = "image.fetch"  // bytes coming in; Bytes, Total (0: unknown); Message: the source
	ImageVerify Type = "image.verify" // Message: by whom it was verified, Key: with which key; or why it was not
	ImageUnpack Type = "image.unpack" // Bytes, Total: of the archive as it was read
	PodPrepare  Type = "pod.prepare"  // the pod's folder and record are written
	PodNetwork  Type = "pod.network"  // private networks are set up; Message: their names, at last with the pod's addresses
	AppStart    Type = "app.start"    // the app's executable runs; before that with Started, if event handlers run first
	AppLog      Type = "app.log"      // one line of output: Stream, Line
	AppExit     Type = "app.exit"     // Status: 0…255, 128+N for signal N; Message: its cause in words
	PodExit     Type = "pod.exit"     // Status: the pod's; Message: its cause in words
	Warning     Type = "warning"      // Message; nothing stops
	Error       Type = "error"        // Message; Status: what podtui exits with
)

// State says how far a step is.
type State string

// A step that takes no time worth telling has only Done.
const (
	Started State = "started" // it begins, or goes on: Bytes counts
	Done    State = "done"    // it ended well
	Skipped State = "skipped" // it was not done, on purpose; Message says why
	Failed  State = "failed"  // it ended badly; an Error event follows
)

// Event is one thing that happened. Fields that do not apply are zero, and
// then absent from JSON.
//
// Line holds what an app wrote, byte for byte. JSON is text: there, each byte
// that is no part of UTF-8 becomes U+FFFD. Whoever wants the bytes reads the
// pod's logs.
type Event struct {
	Time    time.Time `json:"time"`
	Type    Type      `json:"type"`
	State   State     `json:"state,omitempty"`
	Image   string    `json:"image,omitempty"`   // the reference as it was asked for
	ID      string    `json:"id,omitempty"`      // the image's ID, once it is known
	Layer   string    `json:"layer,omitempty"`   // a layer's digest; "": the step is the whole image's
	App     string    `json:"app,omitempty"`     // the app's name
	Pod     string    `json:"pod,omitempty"`     // the pod's UUID
	Bytes   int64     `json:"bytes,omitempty"`   // so far
	Total   int64     `json:"total,omitempty"`   // 0: unknown
	Stream  string    `json:"stream,omitempty"`  // "stdout" or "stderr"
	Line    string    `json:"line,omitempty"`    // without its newline
	Status  *int      `json:"status,omitempty"`  // an exit status
	Key     string    `json:"key,omitempty"`     // the fingerprint of the key that vouches for the image
	Message string    `json:"message,omitempty"` // lower case, no full stop, no advice

	Apps []App           `json:"apps,omitempty"` // of pod.prepare: what was decided of each app, in their order
	Plan json.RawMessage `json:"plan,omitempty"` // of a pod.prepare that was skipped: the pod as it would run (engine.Plan)
}

// App is what was decided of an app.
type App struct {
	Name string     `json:"name"`
	Env  []Variable `json:"env"`
}

// Variable is an environment variable and where it comes from, in the words of
// spec.Origin. What it holds may be a secret, and events are kept.
type Variable struct {
	Name string   `json:"name"`
	From string   `json:"from"`
	Over []string `json:"over,omitempty"` // the sources that it won over, the latest first
}

// Progress reports whether the event only says that a step goes on. Such
// events may be dropped in favour of a later one of the same step; all others
// must reach their reader.
func (e Event) Progress() bool { return e.State == Started && e.Bytes > 0 }

// Sink takes events. It is called from any goroutine, must not block for long,
// and must not keep the engine waiting for a screen.
type Sink func(Event)

// Emit stamps the event if it has no time yet and hands it to the sink. A nil
// sink takes everything and tells nobody.
func (s Sink) Emit(e Event) {
	if s == nil {
		return
	}
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	s(e)
}

// Status makes the pointer that Event.Status wants.
func Status(n int) *int { return &n }
