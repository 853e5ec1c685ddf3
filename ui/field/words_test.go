package field

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/podtui/podtui/engine/spec"
)

func TestWordsReadsWhatAShellWould(t *testing.T) {
	for line, want := range map[string][]string{
		``:                      nil,
		`a  b`:                  {"a", "b"},
		`'a b' c`:               {"a b", "c"},
		`"a $x \" b"`:           {`a $x " b`},
		`a\ b`:                  {"a b"},
		`''`:                    {""},
		`a'b'"c"`:               {"abc"},
		`$'\n\x41\101\''`:       {"\nAA'"},
		`--flag='x y' -- --- z`: {"--flag=x y", "--", "---", "z"},
	} {
		got, open := Words(line)
		if !slices.Equal(got, want) || open {
			t.Errorf("Words(%s) = %q, open %v; want %q", line, got, open, want)
		}
	}
}

func TestAnOpenQuoteIsSaidAndKeepsWhatIsTyped(t *testing.T) {
	for line, want := range map[string][]string{`a "b c`: {"a", "b c"}, `a 'b`: {"a", "b"}, `a \`: {"a"}, `$'x`: {"x"}} {
		got, open := Words(line)
		if !slices.Equal(got, want) || !open {
			t.Errorf("Words(%s) = %q, open %v", line, got, open)
		}
	}
}

// What the form shows of arguments is what it reads back, byte for byte.
func TestWordsUndoesQuote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		args := rapid.SliceOf(rapid.OneOf(rapid.String(), rapid.StringMatching(`[\\'"$ \n\t\x00-\xff]{0,6}`))).Draw(t, "args")
		got, open := Words(spec.Quote(args))
		if !slices.Equal(got, args) || open {
			t.Fatalf("%q\nquoted %s\nread   %q", args, spec.Quote(args), got)
		}
	})
}
