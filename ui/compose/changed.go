package compose

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/podtui/podtui/engine/spec"
)

// tellMoment tells what is different between two moments.
func (s *Screen) tellMoment(before, after moment) string {
	if same(before.pod, after.pod) {
		for name, secret := range after.marks {
			if was, said := before.marks[name]; !said || was != secret {
				return "the mask of " + name
			}
		}
	}
	return s.tellChange(&before.pod, &after.pod)
}

// tellChange tells in a few words what a change of a pod was about, without a value: some
// are secrets. Of several things it names the first.
func (s *Screen) tellChange(before, after *spec.Pod) string {
	if n, m := len(before.Apps), len(after.Apps); n != m {
		return s.tellApps(before, after)
	}
	var all []string
	for i := range after.Apps {
		for _, what := range changedFields(before.Apps[i], after.Apps[i]) {
			all = append(all, what+" of "+s.nameIn(after, i))
		}
	}
	if moved := s.moved(before, after); moved != "" {
		return moved
	}
	b, a := *before, *after
	b.Apps, a.Apps = nil, nil
	all = append(all, changedFields(b, a)...)
	switch len(all) {
	case 0:
		return "a change"
	case 1:
		return all[0]
	}
	return fmt.Sprintf("%s, and %d more", all[0], len(all)-1)
}

// tellApps tells which apps came or went.
func (s *Screen) tellApps(before, after *spec.Pod) string {
	more, fewer, word := after, before, " added"
	if len(before.Apps) > len(after.Apps) {
		more, fewer, word = before, after, " removed"
	}
	n := len(more.Apps) - len(fewer.Apps)
	if len(fewer.Apps) == 0 && n > 1 {
		return "all apps" + word
	}
	at := 0 // the first that the other has not
	for at < len(fewer.Apps) && sameApp(more.Apps[at], fewer.Apps[at]) {
		at++
	}
	if n == 1 {
		return "app " + s.nameIn(more, at) + word
	}
	return fmt.Sprintf("app %s and %d more%s", s.nameIn(more, at), n-1, word)
}

// moved tells that apps changed places, if that is all that happened.
func (s *Screen) moved(before, after *spec.Pod) string {
	for i := range after.Apps {
		if sameApp(before.Apps[i], after.Apps[i]) {
			continue
		}
		if i+1 < len(after.Apps) && sameApp(before.Apps[i], after.Apps[i+1]) && sameApp(before.Apps[i+1], after.Apps[i]) {
			return "app " + s.nameIn(after, i) + " moved"
		}
		return ""
	}
	return ""
}

func sameApp(a, b spec.App) bool { return reflect.DeepEqual(a, b) }

// changedFields names what of a pod or of an app is not as it was, by the words of the
// form; of a variable, a volume or a port which one it is.
func changedFields(before, after any) []string {
	was, is := reflect.ValueOf(before), reflect.ValueOf(after)
	var all []string
	for i := range is.NumField() {
		if reflect.DeepEqual(was.Field(i).Interface(), is.Field(i).Interface()) {
			continue
		}
		word := fieldWord(is.Type().Field(i))
		if names := changedNames(was.Field(i), is.Field(i)); len(names) > 0 {
			for _, name := range names {
				all = append(all, word+" "+name)
			}
			continue
		}
		all = append(all, word)
	}
	return all
}

// fieldWord is what the form calls a field.
func fieldWord(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	words := map[string]string{
		"env": "env", "volumes": "volume", "ports": "port", "mounts": "mount", "workingDir": "folder", "supplementaryGIDs": "groups",
		"readOnlyRoot": "root", "annotations": "annotation", "labels": "label", "capsRetain": "caps", "capsRemove": "no caps",
		"noNewPrivileges": "new privs", "cpuShares": "shares", "oomScoreAdj": "oom", "stopSignal": "stop", "stopTimeout": "timeout",
		"onFailure": "failure", "interactive": "input", "inheritEnv": "inherit", "envFiles": "env files", "hostname": "host name",
		"hostsEntries": "hosts", "privateUsers": "users", "noOverlay": "overlay", "registerMDS": "metadata", "verifyImage": "check",
		"manifestFile": "manifest",
	}
	if word, ok := words[name]; ok {
		return word
	}
	return name
}

// changedNames are the names of what came, went or changed in a list whose elements
// have one.
func changedNames(was, is reflect.Value) []string {
	if is.Kind() != reflect.Slice || is.Type().Elem().Kind() != reflect.Struct {
		return nil
	}
	old, now := byName(was), byName(is)
	var all []string
	for _, list := range []reflect.Value{is, was} {
		for i := range list.Len() {
			name := nameOf(list.Index(i))
			if !reflect.DeepEqual(old[name], now[name]) {
				all = append(all, name)
			}
			delete(old, name) // each is said once
			delete(now, name)
		}
	}
	return all
}

// byName are the elements of a list; those of one name together.
func byName(list reflect.Value) map[string][]any {
	all := make(map[string][]any)
	for i := range list.Len() {
		name := nameOf(list.Index(i))
		all[name] = append(all[name], list.Index(i).Interface())
	}
	return all
}

// nameOf is what an element of a list is told by: a mount by its path.
func nameOf(v reflect.Value) string {
	for _, field := range []string{"Name", "Path"} {
		if f := v.FieldByName(field); f.IsValid() && f.Kind() == reflect.String {
			return f.String()
		}
	}
	return ""
}
