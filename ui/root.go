package ui

import (
	"context"
	"net/netip"
	"os"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/blackbox"
	"github.com/podtui/podtui/ui/compose"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/images"
	"github.com/podtui/podtui/ui/palette"
	"github.com/podtui/podtui/ui/pod"
	"github.com/podtui/podtui/ui/pods"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/shelf"
	"github.com/podtui/podtui/ui/theme"
	"github.com/podtui/podtui/ui/trust"
	"github.com/podtui/podtui/ui/watch"
)

// view is a screen as the root sees it.
type view interface {
	Update(tea.Msg) screen.Out
	Act(a keymap.Action) screen.Out // what a key with that meaning does where nobody types
	Draw(w, h int) string
	Footer() []keymap.Action
}

// place is which screen is shown.
type place int

const (
	atImages place = iota
	atCompose
	atPods
	atTrust
	atWatch
	atPage
	atShelf
)

// root is the one model.
type root struct {
	ctx     context.Context
	env     *screen.Env
	engine  Engine
	options Options
	w, h    int

	at      place
	images  *images.Screen
	compose *compose.Screen
	pods    *pods.Screen
	trust   *trust.Screen
	shelf   *shelf.Screen
	watches []*watch.Screen // the one that is shown or was last, and those that start or could not
	unseen  []*watch.Screen // those that could not, while nobody has looked
	watch   *watch.Screen
	page    *pod.Screen   // of the pod that was looked at last
	from    place         // where the page was opened
	behind  place         // where leaving the pod that is watched leads
	shelved place         // where the shelf was opened
	seen    *watch.Screen // its pod gets the cursor when the pods are listed; then nil

	dialogs []asked
	notice  screen.Notice
	leaving bool            // ctrl+c was pressed: once more quits
	linear  bool            // nothing is drawn: all is said, line by line
	touched []string        // the pods that were started, entered or looked at from here
	runs    map[string]int  // how often a pod had been run when its screen began to follow it
	ticks   bool            // a second is under way
	signals *signals        // nil: they are not ours
	box     *blackbox.Box   // nil: who has made the root sees it panic
	coming  bool            // the demo
	visits  context.Context // ends whoever has the terminal
	paints  bool            // the first list has come

	recent []string        // what was taken in the palette, by its ID there, the last first
	past   []palette.Entry // what was composed before, as far as the palette has read it

	keeper  keeper
	begun   map[*watch.Screen]spec.Pod // what is started from here, until it runs
	unended map[string]bool            // the pods that were started here and have not ended, as far as is known, and whether the list had them

	background theme.Mode // the terminal's
	few        bool       // it has fewer than 256 colours
	mouse      mouse
	progress   progress
}

// asked is a dialog and who gets its answer.
type asked struct {
	dialog.Dialog
	by view // nil: the root
}

// NewModel returns the root as a Bubble Tea model, for whoever brings a terminal
// of his own: tests, and pictures.
func NewModel(ctx context.Context, e Engine, o Options, mode theme.Mode) tea.Model {
	if mode == theme.Plain {
		return newRoot(ctx, e, o, theme.New(mode))
	}
	return newRoot(ctx, e, o, theme.Named(o.Settings.Theme, mode))
}

func newRoot(ctx context.Context, e Engine, o Options, colours *theme.Theme) *root {
	if o.Settings.Keys == nil {
		o.Settings.Keys = keymap.Default()
	}
	if o.Environ == nil {
		o.Environ = os.Environ()
	}
	env := &screen.Env{Theme: colours, Keys: o.Settings.Keys, Now: time.Now, ConfigDir: o.ConfigDir, Host: reachedBy(o.Environ)}
	r := &root{ctx: ctx, env: env, engine: e, options: o, runs: map[string]int{}, visits: ctx, background: colours.Mode}
	if r.background == theme.Plain { // whoever goes on to another theme has a terminal with colours
		r.background = theme.Dark
	}
	r.mouse.on = o.Settings.Mouse
	r.progress.bar = hasBar(o.Environ)
	r.notice = screen.Notice{Text: r.mistakes(), Wrong: true}
	r.keeper.drafts, r.begun, r.unended = o.Drafts, map[*watch.Screen]spec.Pod{}, map[string]bool{}
	r.images = images.New(ctx, env, e)
	r.images.Welcome, r.images.Demo = r.welcome, o.Demo != nil
	r.compose = compose.New(ctx, env, e, o.Pod, compose.Options{
		Command: o.Command, AllowUnverified: o.AllowUnverified, Environ: o.Environ, Relax: o.Relax, Secrets: o.Secrets,
	})
	r.pods = pods.New(ctx, env, e)
	r.trust = trust.New(ctx, env, e)
	r.shelf = shelf.New(env, o.Drafts, func(uuid string) (poddir.Status, bool) {
		p, _, _, ok := r.pods.Pod(uuid)
		return p, ok
	})
	return r
}

// reachedBy is the address by which whoever is at the terminal reaches this host: that
// of the ssh connection, where there is one.
func reachedBy(environ []string) string {
	for _, v := range environ {
		if connection, ok := strings.CutPrefix(v, "SSH_CONNECTION="); ok {
			if fields := strings.Fields(connection); len(fields) == 4 { // the client's address and port, the host's
				if ip, err := netip.ParseAddr(fields[2]); err == nil && ip.Unmap().Is4() { // ports are published there
					return ip.Unmap().String()
				}
			}
		}
	}
	return "127.0.0.1"
}

// Init starts what the first screen needs; none of it is waited for.
func (r *root) Init() tea.Cmd {
	return tea.Batch(r.images.Load(), r.takeUp(), r.compose.Init(), r.open(place(r.options.Start)), r.pods.Follow(), r.sweep())
}

// view is the screen that is shown.
func (r *root) view() view {
	switch r.at {
	case atCompose:
		return r.compose
	case atPods:
		return r.pods
	case atTrust:
		return r.trust
	case atWatch:
		return r.watch
	case atPage:
		return r.page
	case atShelf:
		return r.shelf
	}
	return r.images
}

// typing reports whether letters go into a field, and not to the root.
func (r *root) typing() bool {
	t, ok := r.view().(interface{ Typing() bool })
	return ok && t.Typing()
}

// open goes to a screen.
func (r *root) open(p place) tea.Cmd {
	r.at = p
	if p != atCompose {
		r.compose.Hide()
	}
	if p != atPods {
		r.pods.Hide()
	}
	if p != atTrust {
		r.trust.Hide()
	}
	if p != atPage && r.page != nil {
		r.page.Hide()
	}
	switch p {
	case atImages:
		return r.images.Show()
	case atCompose:
		return tea.Batch(r.compose.Show(), r.images.Show())
	case atPods:
		r.point()
		return r.pods.Show()
	case atTrust:
		return r.trust.Show()
	case atPage:
		return r.page.Show()
	case atShelf:
		return r.shelf.Show()
	}
	return nil
}

// point puts the cursor of the list on the pod that was run or watched last.
func (r *root) point() {
	if r.seen != nil && r.seen.UUID() != "" {
		r.pods.Select(r.seen.UUID())
		r.seen = nil
	}
}

// Update takes a message.
func (r *root) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := r.route(msg)
	r.listStarts()
	r.fillPages()
	r.noteProgress()
	if keep := r.noteDraft(); keep != nil {
		cmd = tea.Batch(cmd, keep)
	}
	return r, cmd
}

// route gives a message to whom it is for. The order for a key: quitting, the top
// dialog, a focused field, the screen, the root.
func (r *root) route(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		r.w, r.h = msg.Width, msg.Height
		return nil
	case tea.KeyPressMsg:
		return r.key(msg)
	case screen.Perform:
		return r.named(msg.Action)
	case tea.MouseMsg:
		return r.mouseMsg(msg)
	case tea.PasteMsg:
		if n := len(r.dialogs); n > 0 {
			if d, ok := r.dialogs[n-1].Dialog.(interface{ Paste(string) }); ok {
				d.Paste(msg.Content)
			}
			return nil
		}
		return r.do(r.view(), r.view().Update(msg))
	}
	return tea.Batch(r.ownMessage(msg), r.broadcast(msg))
}

// ownMessage is what is for the root itself.
func (r *root) ownMessage(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case images.Loaded:
		if msg.Err != nil {
			return r.afterPaint()
		}
		return tea.Batch(r.compose.SetImages(msg.Images), r.trust.ImagesChanged(), r.afterPaint())
	case tea.BackgroundColorMsg:
		r.takeBackground(msg.IsDark())
	case tea.ColorProfileMsg:
		r.takeColours(msg.Profile)
	case tick:
		return r.tick()
	case painted:
		return tea.Batch(tea.RequestBackgroundColor, askSynchronized())
	case brought:
		return r.takeDemo(msg)
	case podRead:
		return r.takePodRead(msg)
	case keepNow:
		r.keeper.waits = false
		return r.keepDraft()
	case kept:
		return r.takeKept(msg)
	case palette.Taken:
		return r.taken(msg)
	case pastRead:
		r.takePast(msg)
	case quitAnswer:
		return tea.Quit
	}
	return nil
}

// broadcast gives a message to every screen: who waits for it knows it.
func (r *root) broadcast(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	for _, v := range r.views() {
		cmds = append(cmds, r.do(v, v.Update(msg)))
	}
	return tea.Batch(cmds...)
}

func (r *root) views() []view {
	all := []view{r.images, r.compose, r.pods, r.trust, r.shelf}
	for _, w := range r.watches {
		all = append(all, w)
	}
	if r.page != nil {
		all = append(all, r.page)
	}
	return all
}

// title is what the terminal's title bar says.
func (r *root) title() string {
	parts := []string{"podtui"}
	switch r.at {
	case atWatch:
		parts = append(parts, r.watch.Name())
	case atPage:
		parts = append(parts, r.page.Name())
	}
	if words := r.progress.words(); words != "" {
		parts = append(parts, words)
	}
	return strings.Join(parts, " · ")
}
