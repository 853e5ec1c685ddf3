package oci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/appc/spec/schema/types"
)

// escapedLabel is what a label's name begins with if it can't stay what it is,
// and would begin with an escape or mean something of its own. No name that
// Escape makes otherwise has it: there two hex digits follow a tilde.
const escapedLabel = "image~label"

// labels are version, os and arch, then the image's own, sorted by their names.
func (img *Image) labels(version string) types.Labels {
	values := make(map[string]string)
	for name, value := range img.Parsed.Run.Labels {
		values[EscapeLabel(name)] = value
	}
	if version != "" {
		values["version"] = version
	}
	if os, arch, ok := AppcPlatform(img.Platform); ok {
		values["os"], values["arch"] = os, arch
	}
	var list types.Labels
	for _, name := range sortedKeys(values) {
		list = append(list, types.Label{Name: types.ACIdentifier(name), Value: values[name]})
	}
	return list
}

// EscapeLabel makes a valid appc identifier of a label's name. One that is an
// identifier already stays as it is; else each byte that can't be there becomes
// a tilde and two hex digits. Different names stay different.
func EscapeLabel(name string) string {
	var out strings.Builder
	for i := range len(name) {
		if stays(name, i) {
			out.WriteByte(name[i])
		} else {
			fmt.Fprintf(&out, "~%02x", name[i])
		}
	}
	escaped := out.String()
	switch {
	case escaped == "" || escaped[0] == '~':
		return escapedLabel + escaped
	case slices.Contains([]string{"name", "version", "os", "arch"}, escaped):
		return escapedLabel + "/" + escaped
	}
	return escaped
}

// stays tells whether a byte of a name may stay: a lower-case letter or digit,
// or a separator with one of these on either side. The tilde never does.
func stays(name string, i int) bool {
	if alphanumeric(name[i]) {
		return true
	}
	return strings.IndexByte("-._/", name[i]) >= 0 && i > 0 && alphanumeric(name[i-1]) &&
		i+1 < len(name) && alphanumeric(name[i+1])
}

func alphanumeric(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }
