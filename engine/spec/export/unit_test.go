package export

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/podtui/podtui/engine/spec"
)

func lineOf(pod spec.Pod) []string {
	return append([]string{"podtui", "--dir=/srv/pods", "--batch", "run"}, pod.CommandLine()...)
}

func TestPodsAreWrittenForSystemd(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{
		"registry": "podtui run docker://web:1",
		"whole": `podtui run --pod-name=reduce --inherit-env --interactive --set-env=FOO='100% of $HOME' --set-env-file=./secrets --volume=work,kind=host,source=/opt/work
			example.com/worker --exec=/bin/ov --stop-timeout=1m30s --stop-signal=INT -- --level 'very much' ';' '' --- ./web.aci -- -g "it's; \"quoted\\"`,
		"manifest": "podtui run --pod-manifest=-",
	} {
		said, err := spec.ReadLine(strings.ReplaceAll(line, "\n", " "))
		if name == "whole" { // one app alone can have an input, and both are to be told
			said, err = spec.ReadLine(strings.ReplaceAll(strings.ReplaceAll(line, "--interactive ", ""), "\n", " "))
			said.Pod.Interactive = true
		}
		if err != nil {
			t.Fatal(err)
		}
		unit, notes := SystemdUnit(said.Pod, lineOf(said.Pod))
		for _, note := range notes {
			if !strings.Contains(string(unit), "\n# - "+note+"\n") {
				t.Errorf("%s: %s is no comment", name, note)
			}
		}
		golden(t, name+".service", unit)
		verify(t, name, unit)
	}
}

// verify has systemd itself look at a unit. It runs nothing.
func verify(t *testing.T, name string, unit []byte) {
	t.Helper()
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		return // the units are held against the manual anyway
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "podtui") // it wants to find what is executed
	file := filepath.Join(dir, name+".service")
	unit = []byte(strings.ReplaceAll(strings.ReplaceAll(string(unit), "=podtui ", "="+program+" "), "=-podtui ", "=-"+program+" "))
	if err := os.WriteFile(program, []byte("#!/bin/true\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, unit, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(analyze, "verify", "--man=no", "--recursive-errors=no", file).CombinedOutput()
	if err != nil || strings.Contains(string(out), name+".service") {
		t.Errorf("%s: systemd-analyze: %v: %s\n%s", name, err, out, unit)
	}
}

// Whatever words there are, systemd executes them.
func TestSystemdExecutesTheWordsOfTheLine(t *testing.T) {
	t.Parallel()
	word := rapid.OneOf(
		rapid.SampledFrom([]string{"", ";", "--", "---", "run", "#", "# x", "%", "%n", "%%", "$", "$A", "$$", "${A}", `\`, `a\`, `"`, "'", "a b", "\n", "\t\r\x01\x7f", "\xff\xfe", "ü\u202e", "@a", "-a", "+a", "=", "[Unit]", "\\n", "\\x41", "a;b", "; b", "\u00a0", "\ufeff"}),
		rapid.Map(rapid.SliceOfN(rapid.ByteRange(1, 255), 0, 8), func(b []byte) string { return string(b) }),
	)
	rapid.Check(t, func(t *rapid.T) {
		words := append([]string{"podtui"}, rapid.SliceOf(word).Draw(t, "words")...)
		unit, _ := SystemdUnit(spec.Pod{}, words)
		got := executed(t, unit)
		if !slices.Equal(got, words) {
			t.Fatalf("%q in\n%s\nis %q", words, unit, got)
		}
		if !utf8.Valid(unit) {
			t.Fatalf("not UTF-8, which systemd doesn't read: %q", unit)
		}
	})
}

// executed is argv of ExecStart= as systemd makes it: its lines (systemd.syntax(7)), their
// words, then specifiers, then variables, of which none is set (systemd.service(5)).
func executed(t *rapid.T, unit []byte) []string {
	var text string
	lines := strings.Split(string(unit), "\n")
	for i := 0; i < len(lines); i++ {
		if !strings.HasPrefix(lines[i], "ExecStart=") {
			continue
		}
		text = strings.TrimPrefix(lines[i], "ExecStart=")
		for strings.HasSuffix(text, `\`) {
			i++
			if next := strings.TrimLeft(lines[i], " \t"); next != "" && strings.Contains("#;", next[:1]) {
				continue // a comment
			}
			text = strings.TrimSuffix(text, `\`) + " " + lines[i]
		}
	}
	var words []string
	for text = strings.TrimLeft(text, " \t"); text != ""; text = strings.TrimLeft(text, " \t") {
		if text[0] == ';' && (len(text) == 1 || text[1] == ' ') {
			t.Fatalf("another command in %s", unit)
		}
		var word string
		word, text = systemdWord(t, text)
		words = append(words, variables(specifiers(t, word)))
	}
	return words
}

func systemdWord(t *rapid.T, text string) (word, rest string) {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote == 0 && (c == ' ' || c == '\t'):
			return b.String(), text[i:]
		case c == '\\':
			i++
			switch text[i] {
			case 'x':
				n, err := strconv.ParseUint(text[i+1:i+3], 16, 8)
				if err != nil {
					t.Fatalf("%s: %v", text[i:], err)
				}
				b.WriteByte(byte(n))
				i += 2
			case 'n':
				b.WriteByte('\n')
			case 't':
				b.WriteByte('\t')
			case '\\', '"':
				b.WriteByte(text[i])
			default:
				t.Fatalf("an escape that systemd hasn't: %s", text[i-1:])
			}
		default:
			b.WriteByte(c)
		}
	}
	if quote != 0 {
		t.Fatalf("a quote that nothing closes: %s", text)
	}
	return b.String(), ""
}

func specifiers(t *rapid.T, s string) string {
	rest := strings.ReplaceAll(s, "%%", "\x00")
	if strings.Contains(rest, "%") {
		t.Fatalf("a specifier in %q", s)
	}
	return strings.ReplaceAll(rest, "\x00", "%")
}

// variables replaces ${NAME} anywhere, and $NAME that is a word of its own.
func variables(s string) string {
	if len(s) > 1 && s[0] == '$' && s[1] != '{' && s[1] != '$' {
		return "REPLACED"
	}
	rest := strings.ReplaceAll(s, "$$", "\x00")
	if strings.Contains(rest, "${") {
		return "REPLACED"
	}
	return strings.ReplaceAll(rest, "\x00", "$")
}

func TestAStopOfAServiceIsASuccessByEachAppsSignal(t *testing.T) {
	t.Parallel()
	said, err := spec.ReadLine("podtui run a --stop-signal=INT --stop-timeout=1500ms b c --stop-signal=2 d --stop-signal=QUIT")
	if err != nil {
		t.Fatal(err)
	}
	unit, _ := SystemdUnit(said.Pod, lineOf(said.Pod))
	for _, want := range []string{"\nSuccessExitStatus=130 143 131\n", "\nTimeoutStopSec=25\n", "\nKillMode=mixed\n"} {
		if !strings.Contains(string(unit), want) {
			t.Errorf("no %s in\n%s", want, unit)
		}
	}
}
