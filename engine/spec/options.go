package spec

import (
	"slices"
	"strings"
)

// option is one NAME=VALUE of a flag that takes several, with commas between.
type option struct{ name, value string }

// splitOptions reads NAME=VALUE,NAME=VALUE. A value with a comma in it is
// written as in docker's --mount: the whole option in double quotes, and a
// quote inside as two. (rkt had no way to; no option's name begins with a
// quote, so nothing that rkt read means something else here.)
func splitOptions(flag, form, text string) ([]option, error) {
	var options []option
	for more := true; more; {
		part, rest, comma, ok := cutOption(text)
		if !ok {
			return nil, usage("%s: %s: a quoted option ends with a quote, and then a comma or nothing", flag, show(text))
		}
		name, value, ok := strings.Cut(part, "=")
		switch {
		case part == "":
			return nil, usage("%s: an empty option; write %s=%s", flag, flag, form)
		case !ok || value == "":
			return nil, usage("%s: %s has no value; write %s=%s", flag, show(name), flag, form)
		case slices.ContainsFunc(options, func(o option) bool { return o.name == name }):
			return nil, usage("%s: %s is given twice", flag, show(name))
		}
		options = append(options, option{name, value})
		text, more = rest, comma
	}
	return options, nil
}

// cutOption cuts the first option off and takes its quotes away.
func cutOption(text string) (part, rest string, comma, ok bool) {
	quoted, isQuoted := strings.CutPrefix(text, `"`)
	if !isQuoted {
		part, rest, comma = strings.Cut(text, ",")
		return part, rest, comma, true
	}
	var b strings.Builder
	for {
		inner, after, closed := strings.Cut(quoted, `"`)
		b.WriteString(inner)
		if !closed {
			return "", "", false, false
		}
		if quoted, isQuoted = strings.CutPrefix(after, `"`); isQuoted {
			b.WriteByte('"')
			continue
		}
		rest, comma = strings.CutPrefix(after, ",")
		return b.String(), rest, comma, comma || after == ""
	}
}

// joinOption is the inverse of cutOption for one option.
func joinOption(name, value string) string {
	text := name + "=" + value
	if strings.Contains(value, ",") {
		return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	return text
}

func boolOption(flag, name string, o option) (*bool, error) {
	b, err := parseBool(flag+"="+name+",…"+o.name, o.value)
	return &b, err
}

func unknownOption(flag string, o option, known []string) error {
	if guess := Nearest(o.name, known); guess != "" {
		return usage("%s: unknown option %s; perhaps %s is meant", flag, show(o.name), guess)
	}
	return usage("%s: unknown option %s; there are %s", flag, show(o.name), strings.Join(known, ", "))
}
