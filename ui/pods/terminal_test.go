package pods

import (
	"context"
	"errors"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/theme"
)

func screenWith(t *testing.T, pods ...poddir.Status) *Screen {
	t.Helper()
	env := &screen.Env{Theme: theme.New(theme.Plain), Keys: keymap.Default(), Now: time.Now}
	s := New(t.Context(), env, enginetest.NewScripted())
	s.feed = &follow{bell: make(chan struct{}, 1)}
	c := changes{from: s.feed, all: true, now: map[string]poddir.Status{}}
	for _, p := range pods {
		c.now[p.UUID] = p
	}
	s.Update(c)
	return s
}

var web = poddir.Status{UUID: "3f1c9a2e-2222", Name: "web", State: poddir.Running, Apps: []poddir.AppStatus{{Name: "nginx"}}}

// Where an app has no shell its programs are offered, and what is chosen runs.
func TestWithoutAShellAProgramIsAskedFor(t *testing.T) {
	s := screenWith(t, web)
	if _, ok := s.ActOn(keymap.PodEnter, web.UUID, "").Wish.(screen.Terminal); !ok {
		t.Fatal("no terminal is wished for")
	}
	v := visit{action: keymap.PodEnter, uuid: web.UUID, app: "nginx"}
	asked, _ := s.Update(left{v, 0, &engine.NoShellError{App: "nginx", Executables: []string{"/usr/sbin/nginx", "/bin/my prog"}}}).Wish.(screen.Ask)
	prompt, ok := asked.Dialog.(*dialog.Prompt)
	if !ok {
		t.Fatalf("asked %+v", asked)
	}
	var answer tea.Msg
	for _, k := range []tea.KeyPressMsg{{Code: tea.KeyDown}, {Code: 'x', Text: " "}, {Code: '-', Text: "-"}, {Code: 't', Text: "t"}, {Code: tea.KeyEnter}} {
		_, answer = prompt.Key(k, keymap.Default(), time.Now())
	}
	command, ok := answer.(commandAnswer)
	if !ok || command.typed != "/usr/sbin/nginx -t" || command.app != "nginx" {
		t.Fatalf("answer %+v", answer)
	}
	if _, ok := s.Update(answer).Wish.(screen.Terminal); !ok {
		t.Error("nothing was run")
	}
}

func TestHowAVisitEndedIsSaid(t *testing.T) {
	s := screenWith(t, web)
	attach, enter := visit{action: keymap.PodAttach, uuid: web.UUID, app: "nginx"}, visit{action: keymap.PodEnter, uuid: web.UUID, app: "nginx"}
	for _, c := range []struct {
		left left
		want string
	}{
		{left{attach, 0, engine.ErrDetached}, "detached: web/nginx goes on"},
		{left{attach, 3, nil}, "web/nginx exited 3"},
		{left{attach, 0, errors.New("no such pod")}, "web/nginx: no such pod"},
		{left{enter, 0, nil}, ""},
		{left{enter, 2, nil}, "left web/nginx: status 2"},
		{left{enter, 0, context.Canceled}, ""},
	} {
		notice, _ := s.Update(c.left).Wish.(screen.Notice)
		if notice.Text != c.want {
			t.Errorf("%+v: %q, want %q", c.left, notice.Text, c.want)
		}
	}
}
