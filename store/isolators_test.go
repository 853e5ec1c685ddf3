package store

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/appc/spec/schema/types"
)

func withIsolators(lists ...string) []byte {
	app := `"exec":["/x"],"user":"0","group":"0"`
	for _, list := range lists {
		app += `,"isolators":` + list
	}
	return []byte(`{"acKind":"ImageManifest","acVersion":"0.8.11","name":"example.com/a","app":{` + app + `}}`)
}

func TestIsolatorsThatTheSchemaDoesNotKnowAreKept(t *testing.T) {
	t.Parallel()
	for name, manifest := range map[string][]byte{
		"among others": withIsolators(`[{"name":"example.com/pony","value":{"a":[1]}},{"name":"resource/memory","value":{"limit":"1G"}}]`),
		"key twice":    withIsolators(`[{"name":"os/linux/no-new-privileges","value":true}]`, `[ {"name":"example.com/pony","value":{"a":[1]}}, {"name":"resource/memory","value":{"limit":"1G"}} ]`),
		"in capitals":  []byte(strings.Replace(string(withIsolators(`[{"name":"resource/memory","value":{"limit":"1G"}},{"name":"example.com/pony","value":{"a":[1]}}]`)), "isolators", "ISOLATORS", 1)),
	} {
		for _, read := range []func([]byte) ([]types.Isolator, error){
			func(data []byte) ([]types.Isolator, error) {
				m, err := parseManifest(data)
				if err != nil {
					return nil, err
				}
				return m.App.Isolators, nil
			},
			func(data []byte) ([]types.Isolator, error) {
				m, err := parsed("sha512-ab", data)
				if err != nil {
					return nil, err
				}
				return m.App.Isolators, nil
			},
		} {
			got, err := read(manifest)
			if err != nil || len(got) != 2 || got[0].Name != "resource/memory" || got[0].Value() == nil ||
				got[1].Name != "example.com/pony" || got[1].Value() != nil || string(*got[1].ValueRaw) != `{"a":[1]}` {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
	}
}

// Each of these ended the program, or kept it busy for ever.
func TestIsolatorsAtWhichTheSchemaFallsOverAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lists []string
		want  string
	}{
		"no value":          {[]string{`[{"name":"resource/memory"}]`}, "isolator resource/memory has no value"},
		"null":              {[]string{`[{"name":"resource/memory","value":null}]`}, "isolator resource/memory has no value"},
		"null in the end":   {[]string{`[{"name":"resource/memory","value":{"limit":"1G"},"value":null}]`}, "isolator resource/memory has no value"},
		"small":             {[]string{`[{"name":"resource/memory","value":{"limit":"1e-999999999"}}]`}, "isolator resource/memory: a quantity with an exponent or without end"},
		"large":             {[]string{`[{"name":"resource/cpu","value":{"limit":"1E+999999999"}}]`}, "isolator resource/cpu: a quantity with an exponent"},
		"key twice":         {[]string{`[{"name":"resource/memory","value":{"limit":"1e-999999999","limit":"1G"}}]`}, "a quantity with an exponent"},
		"list twice":        {[]string{`[{"name":"resource/memory","value":{"limit":"1e-999999999"}}]`, `[]`}, "a quantity with an exponent"},
		"behind an unknown": {[]string{`[{"name":"example.com/pony","value":1},{"name":"resource/memory"}]`}, "isolator resource/memory has no value"},
		"without end":       {[]string{`[{"name":"resource/memory","value":{"limit":"0.` + strings.Repeat("0", 300) + `1"}}]`}, "a quantity with an exponent or without end"},
		"wrong form":        {[]string{`[{"name":"resource/memory","value":7}]`}, "cannot unmarshal number"},
		"no list":           {[]string{`{"name":"resource/memory"}`}, "cannot unmarshal object"},
		"two apps":          {[]string{`[]},"app":{"isolators":[{"name":"resource/memory"}]`}, "isolator resource/memory has no value"},
	} {
		data := withIsolators(c.lists...)
		if !json.Valid(data) {
			t.Fatalf("%s: %s", name, data)
		}
		if _, err := parseManifest(data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		if _, err := parsed("sha512-ab", data); err == nil {
			t.Errorf("%s: taken from the store", name)
		}
	}
}
