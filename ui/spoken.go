package ui

import (
	"io"
	"reflect"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/linear"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/text"
)

// Line is a line that was read in linear mode.
type Line string

// spoken is the root for whoever hears it line by line: the same screens, asked for
// their words and not for their picture.
type spoken struct {
	tea.Model // the root, or what guards it
	root      *root
	speaker   *linear.Speaker
	output    output
	rows      rows
	lines     *lines // nil: they come as messages, from whoever has them
}

// output is how far what apps write has been said.
type output struct {
	of   speaksOutput
	next int
}

// speaksOutput is a screen on which apps write.
type speaksOutput interface {
	Heard(since, most int) (lines []string, left, next int)
}

// rows is how far a list has been said.
type rows struct {
	of   string // the screen's name
	next int
}

// pictured is the size of the picture that nobody sees: pages are as long as its own,
// and a question must fit into it to be answered.
const (
	picturedWidth  = 160
	picturedHeight = 100
)

// spokenBy makes a conversation of a root. What it says goes to out.
func spokenBy(r *root, model tea.Model, out io.Writer) *spoken {
	r.linear = true
	r.w, r.h = picturedWidth, picturedHeight
	return &spoken{Model: model, root: r, speaker: linear.New(out, r.env.Now)}
}

// Init implements tea.Model.
func (s *spoken) Init() tea.Cmd {
	s.speaker.Say(`podtui, line by line: "help" lists what can be done, "quit" leaves.`)
	return s.Model.Init()
}

// Update implements tea.Model. Whatever comes, what changed by it is said.
func (s *spoken) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	asked := false
	switch msg := msg.(type) {
	case Line:
		c := linear.Parse(string(msg), s.now())
		asked = c.Acts()
		before := s.asks()
		cmd = s.take(c)
		if asked && before != nil && reflect.DeepEqual(before, s.asks()) {
			s.speaker.Say("that was no answer, or too early for one")
		}
	case tea.WindowSizeMsg, tea.ColorProfileMsg, painted, rested, waited: // of a terminal that nothing is drawn on
	case noMoreLines:
		s.lines.ended = true
		if msg.err != nil {
			s.speaker.Say(msg.err.Error())
		}
	default:
		_, asked = msg.(tea.KeyPressMsg)
		cmd = s.give(msg)
	}
	s.tell(asked)
	if s.over() {
		return s, tea.Quit
	}
	return s, tea.Batch(cmd, s.lines.next(msg, s.root.env.Now(), s.root.paints, s.root.topDialog() != nil))
}

// View implements tea.Model: there is nothing to see.
func (s *spoken) View() tea.View { return tea.View{} }

// give hands a message to the root.
func (s *spoken) give(msg tea.Msg) tea.Cmd {
	_, cmd := s.Model.Update(msg)
	s.root.render() // pages are as long as they were drawn
	return cmd
}

// tell says what changed. A text that lies over the screen is read out, and gone.
func (s *spoken) tell(asked bool) {
	heard := s.heard()
	s.speaker.Tell(heard, asked)
	if _, reads := heard.Dialog.(*dialog.Text); reads {
		s.root.dialogs = s.root.dialogs[:len(s.root.dialogs)-1]
	}
}

// heard is all there is to be said now.
func (s *spoken) heard() linear.Heard {
	r := s.root
	h := linear.Heard{Notice: strings.ReplaceAll(r.notice.Text, " · ", ", "), Problem: s.trouble()}
	if v, ok := r.view().(screen.Speaker); ok {
		h.Screen = v.Say()
	}
	if s.welcomes(&h.Screen) {
		h.Screen.Text = r.welcomePage().Say()
	}
	if h.Asks = s.asks(); h.Asks != nil {
		h.Dialog = r.topDialog()
	}
	s.hear(&h)
	return h
}

// welcomes reports whether there is nothing yet, where images would be.
func (s *spoken) welcomes(now *screen.Spoken) bool {
	r := s.root
	all, _ := r.images.Stored()
	listed := r.at == atImages && now.About != "" && now.Field == nil && len(all) == 0
	return listed && !r.pods.Some() && len(r.compose.Pod().Apps) == 0
}

// asks is what is asked over the screen, nil if nothing is.
func (s *spoken) asks() *dialog.Said {
	d := s.root.topDialog()
	if d == nil {
		return nil
	}
	asks := dialog.Said{Title: "there are no words for this question"}
	if v, ok := d.(interface{ Say() dialog.Said }); ok {
		asks = v.Say()
	}
	return &asks
}

// hear takes what the apps of the pod on the screen have written since.
func (s *spoken) hear(h *linear.Heard) {
	const most = 200 // of one go: a pod may write faster than anybody hears
	v, ok := s.root.view().(speaksOutput)
	if !ok {
		return
	}
	if s.output.of != v {
		s.output = output{of: v}
	}
	h.Output, h.Left, s.output.next = v.Heard(s.output.next, most)
}

// trouble is what is wrong, or deserves a look.
func (s *spoken) trouble() string {
	r := s.root
	problem, warning := r.complaints()
	if r.at == atWatch { // whose warnings are among what goes on
		warning = ""
	}
	for _, words := range []string{problem, warning, r.options.Trouble} {
		if words != "" {
			return words
		}
	}
	if r.options.AllowUnverified {
		return skipping
	}
	return ""
}

// topDialog is what lies over the screen, nil if nothing does.
func (r *root) topDialog() dialog.Dialog {
	if n := len(r.dialogs); n > 0 {
		return r.dialogs[n-1].Dialog
	}
	return nil
}

// now is what a line is read by.
func (s *spoken) now() linear.Now {
	r := s.root
	now := linear.Now{Keys: r.env.Keys, Scopes: r.scopes(), Types: r.typing()}
	if r.typing() {
		field := keymap.Search
		if r.at == atTrust {
			field = keymap.TrustFor
		}
		now.Scopes = append([]keymap.Scope{field, keymap.Edit}, now.Scopes...)
	}
	d := r.topDialog()
	if d == nil {
		return now
	}
	now.Scopes, now.Types = []keymap.Scope{keymap.List, keymap.Dialog, keymap.Everywhere}, false
	if _, ok := d.(*dialog.Review); ok {
		now.Scopes = []keymap.Scope{keymap.Review, keymap.Everywhere}
	}
	asks := s.asks()
	if now.Types, now.Choices = asks.Types, asks.Choices; asks.Types {
		now.Scopes = []keymap.Scope{keymap.Edit, keymap.Everywhere}
	}
	return now
}

// take does what a line means.
func (s *spoken) take(c linear.Command) tea.Cmd {
	switch c.Kind {
	case linear.Repeat:
		s.speaker.Repeat(s.heard())
	case linear.Help:
		s.help()
	case linear.List, linear.More:
		s.list(c)
	case linear.Row:
		return s.row(c.N)
	case linear.Wait:
		return s.lines.hold(time.Duration(c.N) * time.Second)
	case linear.Quit:
		return s.root.quit()
	case linear.Press:
		return s.press(c.Keys)
	case linear.Do:
		return s.do(c.Action)
	case linear.Choose:
		return s.choose(c.N - 1)
	case linear.Type:
		return s.write(c.Text)
	case linear.Wrong:
		s.speaker.Say(c.Text)
	}
	return nil
}

// press presses keys, one after the other.
func (s *spoken) press(keys []string) tea.Cmd {
	var cmds []tea.Cmd
	for _, k := range keys {
		if s.root.topDialog() == nil && s.root.env.Keys.Action(Stroke(k), keymap.Everywhere) == keymap.Find {
			s.help() // the palette is one of what can be done, and for eyes
			continue
		}
		cmds = append(cmds, s.give(Stroke(k)))
	}
	return tea.Batch(cmds...)
}

// do does what an action says: of a question, or where somebody types, by its key.
func (s *spoken) do(a keymap.Action) tea.Cmd {
	switch r := s.root; {
	case a == keymap.Help || a == keymap.Find:
		s.help()
		return nil
	case r.topDialog() == nil && !r.typing():
		return s.give(screen.Perform{Action: a})
	}
	if key := s.root.env.Keys.Key(a); key != "" {
		return s.press([]string{key})
	}
	s.speaker.Say(string(a) + " has no key, and is done by one here")
	return nil
}

// choose takes one of the choices of a question.
func (s *spoken) choose(i int) tea.Cmd {
	d := s.root.topDialog()
	v, ok := d.(interface{ Choose(i int) })
	if !ok {
		return nil
	}
	v.Choose(i)
	take := keymap.DialogTake
	if _, review := d.(*dialog.Review); review {
		take = keymap.ReviewTake
	}
	return s.give(Stroke(s.root.env.Keys.Key(take)))
}

// write types a text in the place of what a field holds, and is done with it.
func (s *spoken) write(typed string) tea.Cmd {
	keys := s.root.env.Keys
	var cmds []tea.Cmd
	for _, a := range []keymap.Action{keymap.EditEnd, keymap.EditToStart} {
		if key := keys.Key(a); key != "" {
			cmds = append(cmds, s.give(Stroke(key)))
		}
	}
	cmds = append(cmds, s.give(tea.PasteMsg{Content: typed}), s.give(Stroke(keys.Key(keymap.EditAccept))))
	return tea.Batch(cmds...)
}

// page is how many rows are said at once.
const page = 20

// list says rows: from one on, or from where the last left off.
func (s *spoken) list(c linear.Command) {
	v, ok := s.root.view().(screen.Speaker)
	if !ok || s.root.topDialog() != nil {
		s.speaker.Repeat(s.heard())
		return
	}
	said := v.Say()
	from := 0
	switch {
	case c.N > 0:
		from = c.N - 1
	case c.Kind == linear.More && s.rows.of == said.Name:
		from = s.rows.next
	case said.At == 0: // what grows at its end is read there
		from = max(said.Of-page, 0)
	}
	if from >= said.Of {
		s.speaker.Say("no rows" + strings.Repeat(" after these", min(from, 1)))
		return
	}
	to := min(from+page, said.Of)
	for i := from; i < to; i++ {
		s.speaker.Say(text.Number(i+1) + ": " + v.Row(i))
	}
	s.rows = rows{said.Name, to}
	if to < said.Of {
		s.speaker.Say(text.Number(to) + ` of ` + text.Number(said.Of) + `; "more" goes on`)
	}
}

// row goes to a row by its number.
func (s *spoken) row(n int) tea.Cmd {
	v, ok := s.root.view().(screen.Speaker)
	if !ok || s.root.topDialog() != nil {
		return nil
	}
	if of := v.Say().Of; n > of {
		s.speaker.Say("there are " + text.Count(of, "row"))
		return nil
	}
	return s.root.do(s.root.view(), v.Point(n-1))
}

// help says what can be done: what matters now first, then the rest by its scope.
func (s *spoken) help() {
	r, now := s.root, s.now()
	var lines []string
	hints := func(actions []keymap.Action) {
		for _, a := range r.env.Keys.Bound(actions) {
			_, does := r.env.Keys.Hint(a)
			lines = append(lines, r.env.Keys.Key(a)+": "+does)
		}
	}
	d := r.topDialog()
	if v, ok := d.(interface{ Footer() []keymap.Action }); ok {
		hints(v.Footer())
	} else if d == nil {
		hints(r.footer())
	}
	if now.Types {
		lines = append(lines, "what is typed here is text; a line that begins with a colon is a key or a command")
	} else {
		for _, section := range r.env.Keys.Help(now.Scopes...) {
			if section.Scope == keymap.Edit || section.Scope == keymap.TrustFor { // of fields, and none is open
				continue
			}
			lines = append(lines, string(section.Scope)+":")
			for _, b := range section.Bindings {
				lines = append(lines, strings.Join(b.Keys(), ", ")+": "+b.Help().Desc)
			}
		}
	}
	s.speaker.Say(append(lines,
		"an empty line repeats where one is; list, list N and more read rows; row N goes to one; quit leaves",
		"a line is keys, such as j or j j enter, or a command by its name or words, such as pods.stop, stop or open images")...)
}
