package spec

import (
	"bytes"
	"slices"
	"strings"
)

// MaxEnvFile is how many bytes a file of --set-env-file may have.
const MaxEnvFile = 1 << 20

// ParseEnvFile reads a file of --set-env-file, whose name is for errors: NAME=VALUE
// a line, "#" and ";" begin comments, as rkt read them. A value is what stands
// there, byte for byte: no quotes, no blanks and nothing else of it means anything,
// but for a carriage return at its end, which belongs to the line's.
//
// A name that comes twice is an error, also if another file has it: earlier holds
// what was read before. The variables that come back are this file's alone. An error
// is a *UsageError.
func ParseEnvFile(name string, data []byte, earlier []Var) ([]Var, error) {
	if len(data) > MaxEnvFile {
		return nil, usage("%s: %d bytes; a file of environment variables has at most %d", show(name), len(data), MaxEnvFile)
	}
	seen := make(map[string]bool, len(earlier))
	for _, v := range earlier {
		seen[v.Name] = true
	}
	var vars []Var
	number := 0
	for line := range bytes.Lines(data) {
		number++
		text := strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r")
		if isComment(text) {
			continue
		}
		v, problem := parseEnvLine(text)
		switch {
		case problem != "":
			return nil, usage("%s:%d: %s", show(name), number, problem)
		case seen[v.Name] && !slices.ContainsFunc(vars, func(o Var) bool { return o.Name == v.Name }):
			return nil, usage("%s:%d: another --set-env-file has %s already", show(name), number, v.Name)
		case seen[v.Name]:
			return nil, usage("%s:%d: %s is given twice", show(name), number, v.Name)
		}
		seen[v.Name] = true
		vars = append(vars, v)
	}
	return vars, nil
}

func isComment(line string) bool {
	text := strings.TrimLeft(line, " \t")
	return text == "" || text[0] == '#' || text[0] == ';'
}

// parseEnvLine repeats no value: it may be a secret.
func parseEnvLine(line string) (v Var, problem string) {
	name, value, ok := strings.Cut(line, "=")
	switch {
	case !ok:
		return v, "not NAME=VALUE, and no comment, which begins with # or ;"
	case !validVarName(name):
		return v, "variable " + show(name) + ": a name starts with a letter or _ and has letters, digits, _ . and -"
	case strings.ContainsRune(value, 0):
		return v, "variable " + name + " holds a NUL byte, which no program can be given"
	}
	return Var{Name: name, Value: value}, ""
}
