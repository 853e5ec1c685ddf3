package spec

import (
	"bytes"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

func TestEnvironmentFilesAreReadAsRktReadThem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		data string
		want []Var
	}{
		"nothing":                      {"", nil},
		"only comments":                {"# A=1\n;B=2\n\n  \t\n  # C=3", nil},
		"variables":                    {"A=1\nB=\n", []Var{{"A", "1"}, {"B", ""}}},
		"no end of line":               {"A=1", []Var{{"A", "1"}}},
		"lines of Windows":             {"A=1\r\n\r\nB=2\r\n", []Var{{"A", "1"}, {"B", "2"}}},
		"an equals sign":               {"A=b=c", []Var{{"A", "b=c"}}},
		"values are what stands there": {"A= 'b' \"c\" $D # no comment ;\n", []Var{{"A", ` 'b' "c" $D # no comment ;`}}},
		"bytes that are no UTF-8":      {"A=\xff\xfe\n", []Var{{"A", "\xff\xfe"}}},
		"odd names":                    {"_a.b-C9=1", []Var{{"_a.b-C9", "1"}}},
		"escapes stay":                 {"A=\x1b[31m\\n", []Var{{"A", "\x1b[31m\\n"}}},
	} {
		got, err := ParseEnvFile("f", []byte(c.data), []Var{{"OTHER", "x"}})
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
	}
}

func TestWrongEnvironmentFilesAreToldByFileAndLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ data, want string }{
		"no variable":    {"A=1\n# x\nsecret\n", "my file:3: not NAME=VALUE, and no comment, which begins with # or ;"},
		"no name":        {"=1", `my file:1: variable "": a name starts with a letter or _`},
		"name":           {"\n1A=secret", "my file:2: variable 1A: a name starts with a letter or _ and has letters, digits, _ . and -"},
		"blank in front": {" A=secret", `my file:1: variable " A": a name starts`},
		"export":         {"export A=secret", `my file:1: variable "export A": a name starts`},
		"NUL":            {"A=secret\x00", "my file:1: variable A holds a NUL byte"},
		"twice":          {"A=1\nB=secret\nA=1\n", "my file:3: A is given twice"},
		"another file":   {"B=1\nOTHER=secret\n", "my file:2: another --set-env-file has OTHER already"},
		"too large":      {strings.Repeat("#", MaxEnvFile+1), "1048577 bytes; a file of environment variables has at most 1048576"},
	} {
		got, err := ParseEnvFile("my file", []byte(c.data), []Var{{"OTHER", "x"}})
		checkUsageOf(t, err)
		if err == nil || got != nil || !strings.Contains(err.Error(), strings.Replace(c.want, "my file", `"my file"`, 1)) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %+v, %v; want %s", name, got, err, c.want)
		}
	}
}

func checkUsageOf(t interface{ Fatalf(string, ...any) }, err error) {
	if err != nil {
		checkUsage(t, err)
	}
}

func FuzzEnvFile(f *testing.F) {
	for _, s := range []string{"A=1\n#x\n;y\n\nB=2\r\n", "A=\xff", "=\n", "A=1\nA=2", "\xef\xbb\xbfA=1"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		vars, err := ParseEnvFile("f", data, nil)
		if err != nil {
			checkUsage(t, err)
			return
		}
		// What was read, written again, is read as the same.
		var again bytes.Buffer
		for i, v := range vars {
			if i%2 == 0 {
				again.WriteString("; comment " + strconv.Itoa(i) + "\n\n")
			}
			again.WriteString(v.Name + "=" + v.Value + "\r\n")
		}
		if back, err := ParseEnvFile("f", again.Bytes(), nil); err != nil || !reflect.DeepEqual(back, vars) {
			t.Fatalf("%q became %q: %v", data, again.Bytes(), err)
		}
		if _, err := ParseEnvFile("g", data, vars); err == nil && len(vars) > 0 {
			t.Fatal("the same names of another file are taken")
		}
	})
}
