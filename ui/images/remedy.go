package images

import (
	"errors"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/text"
	"github.com/podtui/podtui/ui/theme"
)

// span is a stretch of a row in one style.
type span struct {
	style theme.Style
	text  string
}

// advice says what can be done about a fetch that does not go on: what would
// mend it, and the keys.
func (s *Screen) advice(one *fetching, width int) [][]span {
	if one.under() {
		return nil
	}
	t := s.env.Theme
	var rows [][]span
	if one.state == stopped {
		rows = append(rows, []span{{t.Text, "stopped here; what came is kept"}})
	}
	if one.state == failed {
		if !one.stages.Failed() { // else it stands at its stage
			for _, row := range text.Wrap(text.Escape(one.cause()), max(width, 1)) {
				rows = append(rows, []span{{t.Wrong, row}})
			}
		}
		for _, row := range text.Wrap(text.Escape(s.remedy(one)), max(width, 1)) {
			if row != "" {
				rows = append(rows, []span{{t.Text, row}})
			}
		}
	}
	return append(rows, s.ways(one))
}

// ways are the keys that lead on.
func (s *Screen) ways(one *fetching) []span {
	actions := []keymap.Action{keymap.FetchesAgain, keymap.FetchesSearch}
	if err := one.refused(); dialog.Reviewable(err) {
		actions = []keymap.Action{keymap.FetchesReview, keymap.FetchesUnverified, keymap.FetchesRemove}
	} else if err != nil {
		actions = []keymap.Action{keymap.FetchesAgain, keymap.FetchesUnverified, keymap.FetchesRemove}
	}
	t := s.env.Theme
	var row []span
	for i, a := range s.env.Keys.Bound(actions) {
		key, does := s.env.Keys.Hint(a)
		if n := one.stages.Kept(); a == keymap.FetchesAgain && n > 0 && !one.file() && one.refused() == nil {
			does += " from " + text.Bytes(n)
		}
		if i > 0 {
			row = append(row, span{t.Dim, " · "})
		}
		row = append(row, span{t.Accent, key}, span{t.Dim, " " + does})
	}
	return row
}

// remedy says what would mend a failure, "" if only trying again may.
func (s *Screen) remedy(one *fetching) string {
	if err := one.refused(); err != nil {
		return dialog.Mend(err)
	}
	host := hostOf(one.reference)
	switch engine.CureOf(one.err) {
	case engine.AllowHTTP:
		return "Nothing protects what comes over plain HTTP. podtui that is started with --insecure-options=http takes it."
	case engine.TrustServer:
		return "Tell this host the CA of " + host + " (SSL_CERT_FILE names a file with it), or start podtui with --insecure-options=tls, which takes any certificate."
	case engine.GiveCredential:
		return "Credentials for " + host + " are read from any file " + s.authFolder() + "/*.json, as rkt's, and from docker's config.json, where docker login writes them."
	case engine.MendCredential:
		return "A file with credentials is wrong; it is read again when this goes on."
	}
	switch {
	case errors.Is(one.err, syscall.ENOSPC):
		return "Make room: podtui image gc removes what nothing needs."
	case strings.Contains(one.err.Error(), "not found"), strings.Contains(one.err.Error(), "no such"):
		return "The search may find what is meant."
	}
	return ""
}

// authFolder is where credentials are.
func (s *Screen) authFolder() string {
	if s.env.ConfigDir == "" {
		return "auth.d in podtui's --config-dir"
	}
	return filepath.Join(s.env.ConfigDir, "auth.d")
}

// hostOf is the host that a reference names, for people.
func hostOf(reference string) string {
	ref, err := imageref.Parse(reference, nil)
	if err != nil {
		return "the host"
	}
	switch ref.Kind {
	case imageref.Registry:
		return ref.Registry.Host
	case imageref.URL:
		return ref.URL.Host
	case imageref.Name:
		host, _, _ := strings.Cut(ref.Name.Name, "/")
		return host
	}
	return "the host"
}
