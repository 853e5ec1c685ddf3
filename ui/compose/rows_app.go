package compose

import (
	"fmt"
	"strings"

	"github.com/appc/spec/schema/types"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/field"
	"github.com/podtui/podtui/ui/stages"
)

// appRows are the fields of one app.
func (s *Screen) appRows(i int) []row {
	p, at := &s.draft.pod, fmt.Sprintf("apps[%d]", i)
	app, e := p.Apps[i], p.ResolveApp(i, s.manifest(i), s.around())
	rows := []row{
		s.imageRow(i, at),
		signatureRow(i, at, app.Signature),
		s.nameRow(i, at, e),
		s.execRow(i, at, e),
	}
	rows = append(rows, s.argsRows(i, at, e)...)
	rows = append(rows,
		word(at+".user", "user", e.User, app.User, func(p *spec.Pod) *string { return &p.Apps[i].User }),
		word(at+".group", "group", e.Group, app.Group, func(p *spec.Pod) *string { return &p.Apps[i].Group }),
		s.folderRow(i, at, e),
	)
	if k := s.of(i); k.elsewhere() {
		unknown(rows)
	}
	for j := range rows { // names are completed
		switch rows[j].path {
		case at + ".user":
			rows[j].edit.offer = oneOf(named(s.knows(i).Users))
		case at + ".group":
			rows[j].edit.offer = oneOf(named(s.knows(i).Groups))
		}
	}
	rows = append(rows, s.envRows(at+".env", app.Env, e.Env, spec.FromApp, func(p *spec.Pod) *[]spec.Var { return &p.Apps[i].Env })...)
	rows = append(rows, s.mountRows(i, at, e)...)
	return append(rows, s.moreRows(i, at, e)...)
}

// folderRow is where the app begins.
func (s *Screen) folderRow(i int, at string, e spec.Effective) row {
	r := word(at+".workingDir", "folder", e.WorkingDir, s.draft.pod.Apps[i].WorkingDir, func(p *spec.Pod) *string { return &p.Apps[i].WorkingDir })
	r.alert = s.astray(i, e.WorkingDir.Value)
	r.edit.rests = true
	r.edit.warn = func(t string) string { return s.astray(i, t) }
	return r
}

// unknown says of fields that are not yours that the image's value is not known:
// the image is not here yet.
func unknown(rows []row) {
	for i := range rows {
		r := &rows[i]
		if r.key == "image" || r.key == "signature" || r.key == "args" || r.key == "arg new" || r.echoes || r.own || r.note == "after the image" {
			continue
		}
		if r.note = "once it is fetched"; r.folds == nil {
			r.value = ""
		}
		if r.edit != nil && strings.HasPrefix(r.edit.hint, ifEmpty) {
			r.edit.hint = ""
		}
	}
}

// ifEmpty begins the hint of what a field is if nothing is typed into it.
const ifEmpty = "empty: "

// word is a field of one word that the image has a value for, or a default.
func word(path, label string, e spec.Setting, own string, of func(*spec.Pod) *string) row {
	r := row{path: path, key: path, label: label, value: e.Value, note: whence(e.From, e.Image), own: own != ""}
	if r.own {
		r.note = mine(e.Image)
		r.reset = func(p *spec.Pod) { *of(p) = "" }
	}
	r.edit = &edit{start: own, set: func(p *spec.Pod, t string) { *of(p) = t }}
	if own == "" {
		r.edit.hint = ifEmpty + e.Value
	}
	return r
}

// signer is how much of a note says who verified an image.
const signer = 40

func (s *Screen) imageRow(i int, at string) row {
	k := s.of(i)
	r := row{path: at + ".image", key: "image", label: "image", value: s.draft.pod.Apps[i].Image}
	switch {
	case k.reading:
		r.note = "reading it …"
	case k.err != nil:
		r.alert = "! can't be had"
	case k.refused != nil:
		r.alert = "! " + k.refused.Refusal.Kind.String()
	case k.elsewhere():
		r.alert = "! not fetched yet"
	case !k.found:
		r.alert = "! not in the store"
	case k.image.Verified == nil:
		r.alert = k.doubt.Mark()
	default:
		r.note = "verified by " + stages.Signer(k.image.Verified.By, k.image.Verified.Key, signer)
	}
	r.edit = &edit{start: r.value, set: func(p *spec.Pod, t string) { p.Apps[i].Image = t }, hint: "name, hash, file or URL"}
	return r
}

// signatureRow is the file with the image's signature, if that is not where the image
// comes from.
func signatureRow(i int, at, file string) row {
	set := func(p *spec.Pod, t string) { p.Apps[i].Signature = field.Home(t) }
	r := row{path: at + ".signature", key: "signature", label: "signature", value: "—", note: "the image's own",
		edit: &edit{start: file, path: true, hint: "a file, instead of the image's own", set: set}}
	if file != "" {
		r.value, r.own, r.note = file, true, "yours, instead of the image's own"
		r.reset = func(p *spec.Pod) { set(p, "") }
	}
	return r
}

func (s *Screen) nameRow(i int, at string, e spec.Effective) row {
	r := word(at+".name", "name", e.Name, s.draft.pod.Apps[i].Name, func(p *spec.Pod) *string { return &p.Apps[i].Name })
	if !r.own {
		r.value, r.note = s.appName(i), "after the image"
		r.edit.hint = ifEmpty + r.value
	}
	return r
}

// execRow is the executable: the image's with its arguments, or yours instead
// of both.
func (s *Screen) execRow(i int, at string, e spec.Effective) row {
	app := s.draft.pod.Apps[i]
	image := spec.Quote(e.ImageExec)
	r := row{path: at + ".exec", key: "exec", label: "exec", value: image, note: from(e.ExecFrom), own: app.Exec != ""}
	switch {
	case image == "":
		r.note = "the " + r.note + " has none"
	case e.ExecFrom == spec.FromPodManifest:
		r.note = whence(e.ExecFrom, spec.Quote(s.imageSays(i).Exec))
	}
	if r.own {
		r.value, r.note, r.alert = app.Exec, mine(image), warnExec(app.Exec)
		r.reset = func(p *spec.Pod) { p.Apps[i].Exec = "" }
	}
	r.edit = &edit{
		start: app.Exec,
		set:   func(p *spec.Pod, t string) { p.Apps[i].Exec = t },
		below: func(p *spec.Pod) []string { return s.argv(p, i) },
		hint:  "a path, instead of the image's exec and its arguments",
		warn:  warnExec,
	}
	return r
}

// imageSays is what the image of app i says about running it.
func (s *Screen) imageSays(i int) types.App {
	if m := s.manifest(i).Manifest; m != nil && m.App != nil {
		return *m.App
	}
	return types.App{}
}

// sayer is who tells what app i is where no flag does.
func (s *Screen) sayer(i int) spec.Origin {
	if len(s.draft.pod.Apps[i].Says) > 0 {
		return spec.FromPodManifest
	}
	return spec.FromImage
}

// warnExec hints at a whole command line in the place of a path. A path may
// hold spaces, though few do: so it is no problem.
func warnExec(path string) string {
	if strings.ContainsAny(strings.TrimSpace(path), " \t") {
		return "! arguments go into args"
	}
	return ""
}
