package keymap

import (
	"strings"
	"testing"

	"charm.land/bubbles/v2/key"
)

type stroke string

func (s stroke) String() string { return string(s) }

func TestEveryBindingSaysWhatItDoes(t *testing.T) {
	for _, b := range Default().Bindings() {
		h := b.Help()
		if h.Key == "" || h.Desc == "" || len(b.Keys()) == 0 {
			t.Errorf("%s: %+v", b.Action, h)
		}
		if h.Desc != strings.TrimSpace(h.Desc) || strings.HasSuffix(h.Desc, ".") {
			t.Errorf("%s: %q", b.Action, h.Desc)
		}
	}
}

func TestTheFirstScopeDecides(t *testing.T) {
	m := Default()
	for _, c := range []struct {
		key    stroke
		scopes []Scope
		want   Action
	}{
		{"esc", []Scope{Edit, Everywhere}, EditCancel},
		{"esc", []Scope{Images, Everywhere}, Back},
		{"s", []Scope{Watch, List, Everywhere}, WatchStop},
		{"s", []Scope{Edit}, None},
	} {
		if got := m.Action(c.key, c.scopes...); got != c.want {
			t.Errorf("%s in %v is %q, want %q", c.key, c.scopes, got, c.want)
		}
	}
}

func TestOneKeyCantMeanTwoThings(t *testing.T) {
	b := func(a Action) Binding {
		return Binding{List, a, key.NewBinding(key.WithKeys("x"), key.WithHelp("x", "x"))}
	}
	if _, err := build([]Binding{b("one"), b("two")}); err == nil || !strings.Contains(err.Error(), "one and two") {
		t.Error(err)
	}
}
