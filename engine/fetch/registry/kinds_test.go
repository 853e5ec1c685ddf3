package registry

import (
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/enginetest/registrytest"
	"github.com/podtui/podtui/engine/fetch/transfer"
)

const secret = "kim's secret"

// kinds of registries, with what their users say to them.
var kinds = map[string]struct {
	o    registrytest.Options
	say  func(r *registrytest.Registry) map[string]string
	kind Kind
	err  []string // nil: all of the image comes
	then func(t *testing.T, r *registrytest.Registry)
}{
	"plain HTTP for everybody": {},
	"TLS for everybody":        {o: registrytest.Options{TLS: true}},
	"TLS, blobs on another host": {
		o: registrytest.Options{TLS: true, CDN: true, User: "kim", Password: secret}, say: kim,
		then: func(t *testing.T, r *registrytest.Registry) {
			if len(r.CDN.Requests("GET", "/blobs/")) != 4 {
				t.Errorf("not all blobs are from the other host: %v", r.CDN.Requests("", ""))
			}
			noCredentials(t, r.CDN)
		},
	},
	"password": {o: registrytest.Options{User: "kim", Password: secret}, say: kim},
	"password, not given": {
		o:    registrytest.Options{User: "kim", Password: secret},
		kind: Unauthorized, err: []string{"/team/app:1: ", "needs credentials", "auth.d or ~/.docker/config.json"},
	},
	"password, wrong": {
		o: registrytest.Options{User: "kim", Password: secret}, say: pair("kim", "wrong"),
		kind: Unauthorized, err: []string{"credentials", "refused"},
	},
	"password, for another port": {
		o:    registrytest.Options{User: "kim", Password: secret},
		kind: Unauthorized, err: []string{"needs credentials"},
		say: func(*registrytest.Registry) map[string]string { return nil },
	},
	"token for everybody": {
		o: registrytest.Options{Token: &registrytest.TokenOptions{Anonymous: true}},
		then: func(t *testing.T, r *registrytest.Registry) {
			noCredentials(t, r.Tokens.Server)
			if n := len(r.Tokens.Requests("GET", "scope=repository%3Ateam%2Fapp%3Apull")); n != 1 {
				t.Errorf("%d tokens were asked for, not one for all of the repository", n)
			}
		},
	},
	"token for a password": {
		o:   registrytest.Options{User: "kim", Password: secret, Token: &registrytest.TokenOptions{SameHost: true}},
		say: kim,
		then: func(t *testing.T, r *registrytest.Registry) {
			if n := len(r.Tokens.Requests("GET", "account=kim")); n != 1 {
				t.Errorf("%d tokens were asked for as kim", n)
			}
			for _, q := range r.Requests("", "") {
				if strings.HasPrefix(q.Authorization, "Basic") {
					t.Errorf("the password went to the registry: %s", q.Path)
				}
			}
		},
	},
	"token, nobody known": {
		o:    registrytest.Options{User: "kim", Password: secret, Token: &registrytest.TokenOptions{SameHost: true}},
		kind: Unauthorized, err: []string{"/team/app:1: ", "needs credentials"},
	},
	"token, wrong password": {
		o:   registrytest.Options{User: "kim", Password: secret, Token: &registrytest.TokenOptions{SameHost: true}},
		say: pair("kim", "wrong"), kind: Unauthorized, err: []string{"credentials", "refused"},
	},
	"token for a part of the registry": {
		o:   registrytest.Options{User: "kim", Password: secret, Token: readers("team/")},
		say: pair("lee", "word"),
	},
	"token for another part of the registry": {
		o:   registrytest.Options{User: "kim", Password: secret, Token: readers("other/")},
		say: pair("lee", "word"), kind: Unauthorized, err: []string{"credentials", "not enough"},
	},
	"identity token": {
		o: registrytest.Options{User: "kim", Password: secret, Token: &registrytest.TokenOptions{SameHost: true, Identity: "i-am-kim"}},
		say: func(*registrytest.Registry) map[string]string {
			return map[string]string{"identitytoken": "i-am-kim"}
		},
		then: func(t *testing.T, r *registrytest.Registry) {
			if n := len(r.Tokens.Requests("POST", "/token")); n != 1 {
				t.Errorf("%d POSTs to the token service", n)
			}
		},
	},
	"identity token, wrong": {
		o: registrytest.Options{User: "kim", Password: secret, Token: &registrytest.TokenOptions{SameHost: true, Identity: "i-am-kim"}},
		say: func(*registrytest.Registry) map[string]string {
			return map[string]string{"identitytoken": "i-am-lee"}
		},
		kind: Unauthorized, err: []string{"credentials", "refused"},
	},
	"bearer token of the user's own": {
		o: registrytest.Options{Token: &registrytest.TokenOptions{}},
		say: func(r *registrytest.Registry) map[string]string {
			return map[string]string{"registrytoken": r.Tokens.Token("team/app", "pull")}
		},
		then: func(t *testing.T, r *registrytest.Registry) {
			if len(r.Tokens.Requests("", "")) > 0 {
				t.Error("the token service was asked")
			}
		},
	},
	"token service on another host, https": {
		o:   registrytest.Options{TLS: true, User: "kim", Password: secret, Token: &registrytest.TokenOptions{TLS: true}},
		say: kim,
	},
	"token service on another host, plain": {
		o:   registrytest.Options{User: "kim", Password: secret, Token: &registrytest.TokenOptions{}},
		say: kim, kind: Unauthorized, err: []string{"there are credentials, but the token service is on another host, 127.0.0.3:"},
		then: func(t *testing.T, r *registrytest.Registry) { noCredentials(t, r.Tokens.Server) },
	},
	"token service on another host, plain, identity token": {
		o: registrytest.Options{User: "kim", Password: secret, Token: &registrytest.TokenOptions{Identity: "i-am-kim"}},
		say: func(*registrytest.Registry) map[string]string {
			return map[string]string{"identitytoken": "i-am-kim"}
		},
		kind: Unauthorized, err: []string{"there are credentials, but the token service is on another host"},
		then: func(t *testing.T, r *registrytest.Registry) { noCredentials(t, r.Tokens.Server) },
	},
	"token service called by another name, plain": {
		o: registrytest.Options{User: "kim", Password: secret,
			Token: &registrytest.TokenOptions{SameHost: true, Host: "localhost"}},
		say: kim, kind: Unauthorized, err: []string{"there are credentials, but the token service is on another host, localhost:"},
		then: func(t *testing.T, r *registrytest.Registry) { noCredentials(t, r.Tokens.Server) },
	},
	"from https to a plain token service": {
		o:   registrytest.Options{TLS: true, User: "kim", Password: secret, Token: &registrytest.TokenOptions{}},
		say: kim, kind: Invalid, err: []string{"token service", "plain HTTP", "not allowed"},
		then: func(t *testing.T, r *registrytest.Registry) {
			if len(r.Tokens.Requests("", "")) > 0 {
				t.Error("it was asked")
			}
		},
	},
}

func pair(user, password string) func(*registrytest.Registry) map[string]string {
	return func(*registrytest.Registry) map[string]string { return login(user, password) }
}

func kim(*registrytest.Registry) map[string]string { return login("kim", secret) }

func readers(prefix string) *registrytest.TokenOptions {
	return &registrytest.TokenOptions{
		SameHost: true, Readers: []registrytest.Reader{{User: "lee", Password: "word", Prefix: prefix}},
	}
}

func TestEachKindOfRegistry(t *testing.T) {
	t.Parallel()
	for name, c := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := registrytest.Start(t, c.o)
			r.PushLayout(t, registrytest.BusyboxLayout(t), "team/app:1")
			known := logins{"127.0.0.1:1": login("kim", secret), "127.0.0.1": login("kim", secret)}
			if c.say != nil && c.say(r) != nil {
				known[r.Host] = c.say(r)
			}
			img, err := fetch(t, client(t, transfer.Options{RootCAs: r.CAPool}, known).at(t, r.Host, "team/app:1"))
			switch {
			case c.err != nil:
				wantError(t, err, c.kind, c.err...)
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error shows the password: %v", err)
				}
			case err != nil:
				t.Fatal(err)
			case len(img.Layers) != 3:
				t.Errorf("%d layers, not 3", len(img.Layers))
			}
			if n := len(r.Requests("GET", "/v2/?")); n != 1 {
				t.Errorf("/v2/ was asked for %d times", n)
			}
			if c.then != nil {
				c.then(t, r)
			}
		})
	}
}
