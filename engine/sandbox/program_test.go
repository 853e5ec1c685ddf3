package sandbox

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runc/libcontainer/configs"
)

// What a start reads is what it was given: counts, limits, the filter, then every string
// with a zero behind it.
func FuzzProgram(f *testing.F) {
	f.Add("/", "sh", "-c", "PATH=/bin", "A=1", []byte{1, 2, 3, 4, 5, 6, 7, 8})
	f.Add("/\xff", "", "\xfe\x01", "A=1", "A=2", []byte(nil))
	f.Add("a\x00b", "", "", "", "", []byte(nil))
	f.Fuzz(func(t *testing.T, dir, arg0, arg1, var0, var1 string, filter []byte) {
		p := program{dir: dir, argv: []string{arg0, arg1}, env: []string{var0, var1}, filter: filter}
		for range len(filter) % 3 {
			p.rlimits = append(p.rlimits, configs.Rlimit{Type: 7, Soft: 1, Hard: 2})
		}
		b, err := p.bytes()
		if zero := strings.Contains(dir+arg0+arg1+var0+var1, "\x00"); zero {
			// Of two variables with one name, the first is not looked at.
			if err == nil && (strings.Contains(dir+arg0+arg1+var1, "\x00") || nameOf(var0) != nameOf(var1)) {
				t.Error("a zero byte was taken")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		env := p.env
		if nameOf(var0) == nameOf(var1) {
			env = env[1:]
		}
		number := func(i int) int { return int(binary.NativeEndian.Uint32(b[4*i:])) }
		if number(0) != len(b)-20 || number(1) != len(p.rlimits) || number(2) != len(filter) || number(3) != 2 || number(4) != len(env) {
			t.Errorf("heading %v", b[:20])
		}
		want := slices.Concat([]string{dir, arg0, arg1}, env)
		if text := string(b[20+24*len(p.rlimits)+len(filter):]); text != strings.Join(want, "\x00")+"\x00" {
			t.Errorf("%q, want %q", text, want)
		}
	})
}

func TestLastOfAVariableCounts(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"":                "",
		"A=1 B=2":         "A=1 B=2",
		"A=1 B=2 A=3":     "B=2 A=3",
		"A=1 A=2 A=3 B=":  "A=3 B=",
		"A=1=x A=2=x =C=": "A=2=x =C=",
	} {
		if got := strings.Join(lastOfEach(strings.Fields(given)), " "); got != want {
			t.Errorf("%s: %s, want %s", given, got, want)
		}
	}
}
