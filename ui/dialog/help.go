package dialog

import "github.com/podtui/podtui/keymap"

// NewHelp shows what the keys of some scopes do, in the words of the keymap.
func NewHelp(keys *keymap.Map, scopes ...keymap.Scope) *Text {
	d := &Text{Title: "keys"}
	for i, s := range keys.Help(scopes...) {
		if i > 0 {
			d.Lines = append(d.Lines, Span{})
		}
		d.Lines = append(d.Lines, Span{Head: string(s.Scope)})
		for _, b := range s.Bindings {
			h := b.Help()
			d.Lines = append(d.Lines, Span{Head: "  " + h.Key, Text: h.Desc})
		}
	}
	return d
}
