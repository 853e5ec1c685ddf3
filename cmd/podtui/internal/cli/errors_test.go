package cli

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// What is joined becomes a line for each, and never a line with \n in it.
func TestEachErrorIsALine(t *testing.T) {
	t.Parallel()
	one, two, three := errors.New("one"), errors.New("two"), errors.New("three")
	for name, test := range map[string]struct {
		err  error
		want []string
	}{
		"one":                 {one, []string{"one"}},
		"failures":            {failures{one, two}, []string{"one", "two"}},
		"joined":              {errors.Join(one, two), []string{"one", "two"}},
		"one that was joined": {errors.Join(nil, two), []string{"two"}},
		"joined twice":        {errors.Join(one, errors.Join(two, three)), []string{"one", "two", "three"}},
		"joined failures":     {failures{errors.Join(one, two), three}, []string{"one", "two", "three"}},
		"wrapped in words":    {fmt.Errorf("%w; %w", one, two), []string{"one; two"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, err := range apart(test.err) {
				got = append(got, new(program).asFailure(err).message)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
