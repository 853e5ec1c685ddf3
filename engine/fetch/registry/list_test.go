package registry

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/enginetest/registrytest"
	"github.com/podtui/podtui/engine/fetch/oci"
	"github.com/podtui/podtui/engine/fetch/transfer"
)

// pages reads a list to its end.
func pages(t *testing.T, page func(after string) ([]string, string, error)) (all [][]string) {
	t.Helper()
	for after := ""; ; {
		names, next, err := page(after)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, names)
		if next == "" {
			return all
		}
		if len(all) > 20 {
			t.Fatalf("no end of pages: %v", all)
		}
		after = next
	}
}

// tagged pushes a small image under many names.
func tagged(t *testing.T, r *registrytest.Registry, repo string, tags ...string) {
	t.Helper()
	blobs := registrytest.Blobs{}
	d, err := blobs.AddImage(registrytest.Image{Layers: [][]registrytest.Entry{{{Name: "a", Body: "b"}}}})
	if err != nil {
		t.Fatal(err)
	}
	for digest, blob := range blobs {
		if digest != d.Digest {
			r.PushBlob(t, repo, blob)
		}
	}
	for _, tag := range tags {
		r.PushManifest(t, repo, tag, oci.OCIManifest, blobs[d.Digest])
	}
}

func TestTagsComeInPagesEvenFromARegistryWithoutThem(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{Token: &registrytest.TokenOptions{Anonymous: true}})
	tagged(t, r, "team/app", "3", "1.0", "latest", "2", "a_B-c.d")
	c := client(t, transfer.Options{}, nil)
	got := pages(t, func(after string) ([]string, string, error) {
		return c.at(t, r.Host, "team/app").Tags(t.Context(), after, 2)
	})
	if want := "[[1.0 2] [3 a_B-c.d] [latest]]"; fmt.Sprint(got) != want {
		t.Errorf("%v, not %s", got, want)
	}
	all, next, err := c.at(t, r.Host, "team/app").Tags(t.Context(), "", 0)
	if err != nil || len(all) != 5 || next != "" {
		t.Errorf("all at once: %v %q %v", all, next, err)
	}
	_, _, err = c.at(t, r.Host, "team/none").Tags(t.Context(), "", 0)
	wantError(t, err, NotFound, "no such repository")
}

func TestRepositoriesComeInPages(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{User: "kim", Password: secret, Token: &registrytest.TokenOptions{SameHost: true}})
	for _, repo := range []string{"a", "b/c", "b/d", "e", "f"} {
		tagged(t, r, repo, "1")
	}
	c := client(t, transfer.Options{}, logins{r.Host: login("kim", secret)})
	got := pages(t, func(after string) ([]string, string, error) { return c.Repositories(t.Context(), r.Host, after, 2) })
	if flat := slices.Concat(got...); fmt.Sprint(flat) != "[a b/c b/d e f]" || len(got[0]) != 2 {
		t.Errorf("%v", got)
	}
	_, _, err := client(t, transfer.Options{}, nil).Repositories(t.Context(), r.Host, "", 2)
	wantError(t, err, Unauthorized, r.Host+": ", "needs credentials")
}

func TestListsOfStrangers(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{})
	many := make([]string, 5000)
	for i := range many {
		many[i] = fmt.Sprintf("v%04d", i)
	}
	long, _ := json.Marshal(map[string]any{"tags": many})
	for name, c := range map[string]struct {
		body string
		link []string
		want string // the names, in a line
		next string
		err  string
	}{
		"null":                 {`{"name":"x","tags":null}`, nil, "", "", ""},
		"nothing":              {`{}`, nil, "", "", ""},
		"names that are none":  {`{"tags":["ok","../x","a/b","\u001b[2J","","-x","a:b","a@b","` + strings.Repeat("x", 200) + `"]}`, nil, "ok", "", ""},
		"not JSON":             {`<html>`, nil, "", "", "not JSON"},
		"relative link":        {`{"tags":["a"]}`, []string{"Link", `</v2/team/app/tags/list?last=a&n=2>; rel="next"`}, "a", "last=a&n=2", ""},
		"absolute link":        {`{"tags":["a"]}`, []string{"Link", `<` + r.URL + `/v2/team/app/tags/list?next_page=gAA%3D>; rel="next"`}, "a", "next_page=gAA%3D", ""},
		"link to another path": {`{"tags":["a"]}`, []string{"Link", `</v2/other/secret?last=a>; rel="next"`}, "a", "last=a", ""},
		"link to another host": {`{"tags":["a"]}`, []string{"Link", `<http://127.0.0.9/v2/x?last=a>; rel="next"`}, "", "", "another host, 127.0.0.9"},
		"link to itself":       {`{"tags":["a"]}`, []string{"Link", `<?n=2>; rel="next"`}, "a", "", ""},
		"link that isn't next": {`{"tags":["a"]}`, []string{"Link", `</x?y>; rel="prev", </x?z>; rel=last`}, "a", "", ""},
		"link without an end":  {`{"tags":["a"]}`, []string{"Link", `</x?y; rel="next"`}, "a", "", ""},
		"giant link":           {`{"tags":["a"]}`, []string{"Link", `<?` + strings.Repeat("x", 5000) + `>; rel="next"`}, "a", "", ""},
		"more than asked for":  {string(long), nil, "v0000 v0001", "last=v0001&n=2", ""},
		"giant":                {`{"tags":["` + strings.Repeat("x", 5<<20) + `"]}`, nil, "", "", "bytes"},
	} {
		t.Run(name, func(t *testing.T) { // one after the other: the last fault counts
			r.Inject(registrytest.Match{Path: "/tags/list"}, answer(200, c.body, c.link...))
			tags, next, err := client(t, transfer.Options{}, nil).at(t, r.Host, "team/app").Tags(t.Context(), "", 2)
			if c.err != "" {
				wantError(t, err, Invalid, c.err)
				return
			}
			if err != nil || strings.Join(tags, " ") != c.want || next != c.next {
				t.Errorf("%v: tags %q, next %q", err, tags, next)
			}
		})
	}
}

func TestRegistryThatListsNothing(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 404, 405} {
		r := registrytest.Start(t, registrytest.Options{})
		r.Inject(registrytest.Match{Path: "/_catalog"}, answer(status, ""))
		_, _, err := client(t, transfer.Options{}, nil).Repositories(t.Context(), r.Host, "", 0)
		wantError(t, err, Unlisted, r.Host+": does not list its repositories")
	}
}

func TestCursorsOfNobodyAreRefused(t *testing.T) {
	t.Parallel()
	r := registrytest.Start(t, registrytest.Options{})
	for _, after := range []string{"a b", "a#b", "\x1b", "a=%zz", strings.Repeat("x", 5000)} {
		_, _, err := client(t, transfer.Options{}, nil).Repositories(t.Context(), r.Host, after, 0)
		wantError(t, err, Invalid, "leads to no page")
	}
	if n := len(r.Requests("", "")); n > 0 {
		t.Errorf("%d requests", n)
	}
}
