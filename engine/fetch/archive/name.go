package archive

import (
	"slices"
	"strings"
)

// name adds the first of the names that is one, and remembers the others: they
// find the image too.
func (i *image) name(names ...string) {
	names = slices.DeleteFunc(names, func(n string) bool { return !validName(n) })
	if len(names) == 0 {
		return
	}
	if !slices.Contains(i.names, names[0]) {
		i.names = append(i.names, names[0])
	}
	i.others = append(i.others, names[1:]...)
}

// validName takes what can be a name for people: what a terminal would act upon
// is none, and neither is a book.
func validName(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return s != "" && len(s) <= maxName
}

// called tells whether the image has that name, as docker would understand it.
func (i image) called(reference string) bool {
	for _, n := range slices.Concat(i.names, i.others) {
		if n == reference || whole(n) == whole(reference) {
			return true
		}
	}
	return false
}

// whole fills in what docker leaves out of a name: busybox is
// docker.io/library/busybox:latest.
func whole(name string) string {
	host, rest, ok := strings.Cut(name, "/")
	if !ok || !strings.ContainsAny(host, ".:") && host != "localhost" {
		host, rest = "docker.io", name
	}
	if host == "index.docker.io" {
		host = "docker.io"
	}
	if host == "docker.io" && !strings.Contains(rest, "/") {
		rest = "library/" + rest
	}
	if !strings.Contains(rest[strings.LastIndexByte(rest, '/')+1:], ":") {
		rest += ":latest"
	}
	return host + "/" + rest
}
