package spec

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestUnquoteIsTheInverseOfQuote(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		args := rapid.SliceOf(anyText()).Draw(t, "args")
		got, err := Unquote(Quote(args))
		if err != nil || !slices.Equal(got, args) {
			t.Fatalf("%s\n got %q, %v\nwant %q", Quote(args), got, err, args)
		}
	})
}

func FuzzQuoteAndUnquote(f *testing.F) {
	for _, s := range []string{"a\x00b c\x00it's", "\xff\x00\n\x1b\\", "=x\x00~\x00#\x00$'\\x41'", "\u202eé\x00--f=a b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		args := strings.Split(s, "\x00")
		if got, err := Unquote(Quote(args)); err != nil || !slices.Equal(got, args) {
			t.Fatalf("%s\n got %q, %v\nwant %q", Quote(args), got, err, args)
		}
	})
}

// What Unquote takes apart, Quote puts together so that it is the same again; and what
// it doesn't is one clear line.
func FuzzUnquote(f *testing.F) {
	for _, s := range []string{`a 'b c' "d\"e" $'\n\x41é' \f`, "a\\\nb # c", `"$5"`, "'", `$'\c@'`, "a=~ ~b {a,b} {} * -* ://*", "a\nb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		words, err := Unquote(line)
		if err != nil {
			checkUsage(t, err)
			return
		}
		if again, err := Unquote(Quote(words)); err != nil || !slices.Equal(again, words) {
			t.Fatalf("%q: %q became %q, %v", line, words, again, err)
		}
	})
}

// lines are what is taken apart in every way there is, and shells must agree.
var plainLines = []string{
	"", "  ", "a b\tc", "  a  ", `a\ b`, `\a\'\"\\`, "a\\\nb", "a \\\n  b", "'a b'c", `"a b"'c'd`, `''`, `"" a`,
	`"a\"b\\c\d\$e\` + "`" + `f"`, "\"a\\\nb\"", "'a\\\nb'", "'a\nb'", "\"a\nb\"", `"$"`, `a$ b`, `$ $% $/`, `"$%"`, `'$HOME' '` + "`x`'", `a#b`,
	"a # b 'c", "a#'b c'", "#a", "--x=~/y", "a~ '~'", `\~`, "a:~", "{} {a} a{b}", "a=b", "!x !", "^a", "]", "%1", "--p=[::1]:80", "https://h/x?y",
	"--glob=*.go", "grün \xff\xfe", "x\\\xffy", "\x01\x7f", "a\\'b", `'it'\''s'`, `"'"'"'`, "--flag='a b'", `"--x y"=z`,
}

var bashLines = []string{
	`$'a\tb\n\r\\\'\"\?\a\b\e\E\f\v'`, `$'\1\12\123\377x\0123'`, `$'\x41\x4\x4g\xFF'`, `$'\u41\u00e9\u202e\U0001F600\U41z'`, `$'\ca\cZ\c[\c]'`,
	`$'\q\z\x\u\xg'`, `a$'b'c'd'`, `$''`, `$'#' $'a b'`, "$'a\nb'", `--x=$'\n'`, `"$'a'"`,
}

func TestUnquoteTakesLinesApartAsShellsDo(t *testing.T) {
	t.Parallel()
	for _, shell := range []struct {
		name  string
		lines []string
	}{{"sh", plainLines}, {"bash", slices.Concat(plainLines, bashLines)}} {
		for _, line := range shell.lines {
			want := throughShell(t, shell.name, line)
			if got, err := Unquote(line); err != nil || !slices.Equal(got, want) {
				t.Errorf("%q: got %q, %v; %s has %q", line, got, err, shell.name, want)
			}
		}
	}
}

// Lines of the pieces that mean something to a shell: whatever Unquote takes, bash takes
// apart into the same.
func TestWhatUnquoteTakesIsWhatBashTakes(t *testing.T) {
	t.Parallel()
	pieces := []string{"a", "B1", " ", "  ", "'", `"`, `\`, "$", "$'", "~", "=", ":", "/", "-", "--x=", "#", "{", "}", ",", "..", "*", "?", "[", "]", "!", "%", "^", "é", "\xff", `\n`, `\x41`, `\101`, "u0041", "\n", "\\\n", "://", "_", "5", "@", "+", "."}
	var lines []string
	gen := rapid.Map(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 9), func(list []string) string { return strings.Join(list, "") })
	for i := 0; len(lines) < 300; i++ {
		if line := gen.Example(i); !refuses(line) {
			lines = append(lines, line)
		}
	}
	for _, want := range []string{"'", `"`, `\`, "$'", "~", "{", "#"} { // it means nothing without them
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, want) }) {
			t.Errorf("no line has %s", want)
		}
	}
	checkLines(t, lines)
}

func refuses(line string) bool {
	_, err := Unquote(line)
	return err != nil
}

// checkLines has bash take all of them apart at once.
func checkLines(t *testing.T, lines []string) {
	var script strings.Builder
	for _, line := range lines {
		script.WriteString("printf '%s\\0' " + line + "\nprintf '\\n\\0'\n")
	}
	out := runShell(t, "bash", script.String())
	for _, line := range lines {
		words, err := Unquote(line)
		if len(words) == 0 { // printf prints an empty one for none
			words = []string{""}
		}
		want := strings.Join(words, "\x00") + "\x00\n\x00"
		rest, same := strings.CutPrefix(out, want)
		if err != nil || !same {
			t.Fatalf("%q: %q, %v; bash has %q", line, words, err, out[:min(len(out), 80)])
		}
		out = rest
	}
}

func throughShell(t *testing.T, shell, line string) []string {
	out := runShell(t, shell, "set -- "+line+"\n[ $# = 0 ] || printf '%s\\0' \"$@\"")
	if out == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
}

func runShell(t *testing.T, shell, script string) string {
	t.Helper()
	if _, err := exec.LookPath(shell); err != nil {
		t.Skipf("no %s here", shell)
	}
	c := exec.Command(shell, "-c", script)
	c.Dir, c.Env = t.TempDir(), []string{"LC_ALL=C.UTF-8", "HOME=/nowhere"}
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %q: %v: %s", shell, script, err, out)
	}
	return string(out)
}

// What a shell is needed for is refused, by what it is and where.
func TestUnquoteSaysWhatNeedsAShell(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"a $HOME/x":     "after a: $HOME/x stands for something that only a shell knows; write that, or quote it",
		"a \"${X}\"":    "after a: ${X} stands for something that only a shell knows; write that, or quote it",
		"a $1":          "after a: $1 stands for",
		"a $(id -u)":    "after a: $(id stands for what a command prints, which takes a shell; write that, or quote it",
		"a \"`id`\"":    "after a: \"`id`\" stands for what a command prints",
		"a `id`":        "after a: \"`id`\" stands for what a command prints",
		`a $"b"`:        "stands for something that only a shell knows",
		"a $[1]":        "stands for something that only a shell knows",
		"a | tee x":     "after a: | leads to another command, which takes a shell; paste the command alone",
		"a && b":        "after a: && begins another command, which takes a shell; paste the command alone",
		"a; b":          "; begins another command",
		"a &":           "after a: & leaves a command in the background",
		"a > x":         "after a: > reads or writes a file, which takes a shell; paste the command alone",
		"a 2>&1":        ">& reads or writes a file",
		"a <<X":         "<< reads or writes a file",
		"a (b)":         "after a: ( means something to a shell; quote it",
		"a ~/x":         "after a: ~ is a home folder to a shell; write its path, or quote it",
		"a X=~/x":       "after a: ~ is a home folder",
		"a X=/:~/x":     "after a: ~ is a home folder",
		"a {b,c}d":      "after a: {b,c}d is several words to a shell; write them out, or quote it",
		"a {1..3}":      "after a: {1..3} is several words",
		"a b*.go":       "after a: * in b*.go is a pattern of files to a shell; write their names, or quote it",
		"a ?":           "after a: ? in ? is a pattern",
		"a [b]":         "after a: [ in [b] is a pattern",
		"a 'b c":        `after a: a quote is opened and not closed: "'b c"`,
		"a \"b c":       `after a: a quote is opened and not closed: "\"b c"`,
		"a $'b c":       `after a: a quote is opened and not closed: "$'b c"`,
		"a \\":          "after a: the line ends with a backslash, and what follows it is missing",
		"a\nb":          "after a: another line follows; paste one alone",
		"a\x00":         "a NUL byte, which no argument can hold",
		`a $'\0'`:       `after a: "\\0'" in $'…' is a NUL byte, which no argument can hold`,
		`a $'\400'`:     "is a NUL byte",
		`a $'\uD800'`:   "is no character",
		`a $'\U110000'`: "is no character",
		`a $'\x{41}'`:   "is an escape of some shells only",
		`a $'\c1'`:      "is no character; write it in octal",
		"'":             `a quote is opened and not closed: "'"`,
	} {
		if _, err := Unquote(line); err == nil || !strings.HasPrefix(err.Error(), want) && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %s", line, err, want)
		} else {
			checkUsage(t, err)
		}
	}
}
