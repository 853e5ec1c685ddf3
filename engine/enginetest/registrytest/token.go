package registrytest

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// What docker-registry and its token service agree upon.
const (
	service = "registry of a test"
	issuer  = "token service of a test"
)

// TokenOptions says whom the token service gives tokens. Whoever gives the
// registry's User and Password may do everything.
type TokenOptions struct {
	Anonymous bool          // everybody may pull
	Readers   []Reader      // who may pull some
	Identity  string        // who has this refresh token may do everything
	TLS       bool          // the service speaks https
	Host      string        // how the realm calls the service; "" is its address, a host of its own
	SameHost  bool          // the service is on the registry's host, on another port
	Expires   time.Duration // 0: five minutes; docker-registry allows a minute more
}

// Reader may pull from repositories whose name begins with Prefix.
type Reader struct{ User, Password, Prefix string }

// TokenServer is a token service whose tokens are real: docker-registry checks
// their signature, their audience, their time and what they allow.
type TokenServer struct {
	*Server
	options        TokenOptions
	user, password string
	key            *ecdsa.PrivateKey
	cert           *x509.Certificate
}

func startTokens(tb testing.TB, a *authority, o TokenOptions, user, password string) *TokenServer {
	tb.Helper()
	t := &TokenServer{options: o, user: user, password: password}
	t.cert, t.key = certify(tb, &x509.Certificate{
		Subject: pkix.Name{CommonName: issuer}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}, nil, nil)
	ip := tokenIP
	if o.SameHost {
		ip = registryIP
	}
	t.Server = serve(tb, ip, a.when(o.TLS), http.HandlerFunc(t.serveToken))
	return t
}

// Realm is the URL that the registry names.
func (t *TokenServer) Realm() string {
	realm := t.URL + "/token"
	if t.options.Host != "" {
		address, port, _ := strings.Cut(t.Host, ":")
		realm = strings.Replace(realm, address+":"+port, t.options.Host+":"+port, 1)
	}
	return realm
}

// rootFile writes the certificate that docker-registry checks tokens by.
func (t *TokenServer) rootFile(tb testing.TB, dir string) string {
	tb.Helper()
	file := filepath.Join(dir, "tokens.crt")
	writePEM(tb, file, "CERTIFICATE", t.cert.Raw)
	return file
}

// serveToken is the GET of the distribution's token specification, and the
// POST of its OAuth2 one.
func (t *TokenServer) serveToken(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm() // what can't be read is not there
	who, known := t.identify(r)
	switch {
	case !known:
		reply(w, http.StatusUnauthorized, object{"details": "incorrect username or password"})
	case r.Form.Get("service") != service:
		reply(w, http.StatusBadRequest, object{"details": "no such service"})
	default:
		token := t.sign(t.allowed(who, r.Form["scope"]))
		reply(w, http.StatusOK, object{
			"token": token, "access_token": token,
			"expires_in": int(t.expires().Seconds()), "issued_at": time.Now().UTC().Format(time.RFC3339),
		})
	}
}

// identify finds out who asks. The zero Reader is everybody; who may do
// everything has User "*".
func (t *TokenServer) identify(r *http.Request) (Reader, bool) {
	user, password, basic := r.BasicAuth()
	if r.Method == http.MethodPost {
		if r.PostForm.Get("grant_type") == "refresh_token" {
			ok := t.options.Identity != "" && r.PostForm.Get("refresh_token") == t.options.Identity
			return Reader{User: "*"}, ok
		}
		user, password, basic = r.PostForm.Get("username"), r.PostForm.Get("password"), true
	}
	if !basic {
		return Reader{}, true
	}
	if t.user != "" && user == t.user && password == t.password {
		return Reader{User: "*"}, true
	}
	i := slices.IndexFunc(t.options.Readers, func(known Reader) bool {
		return known.User == user && known.Password == password
	})
	if i < 0 {
		return Reader{}, false
	}
	return t.options.Readers[i], true
}

// allowed is what of the scopes is granted. What isn't is left out, as services
// do: it is the registry that refuses.
func (t *TokenServer) allowed(who Reader, scopes []string) []object {
	access := []object{}
	for _, scope := range scopes {
		for one := range strings.SplitSeq(scope, " ") {
			kind, rest, _ := strings.Cut(one, ":")
			i := strings.LastIndexByte(rest, ':')
			if i < 0 {
				continue
			}
			name, actions := rest[:i], strings.Split(rest[i+1:], ",")
			if who.User != "*" {
				may := kind == "repository" && (t.options.Anonymous || who.User != "" && strings.HasPrefix(name, who.Prefix))
				actions = slices.DeleteFunc(actions, func(a string) bool { return !may || a != "pull" })
			}
			access = append(access, object{"type": kind, "name": name, "actions": actions})
		}
	}
	return access
}

func (t *TokenServer) expires() time.Duration {
	if t.options.Expires != 0 {
		return t.options.Expires
	}
	return 5 * time.Minute
}

// Token is one that allows actions (pull, push) on a repository.
func (t *TokenServer) Token(repo string, actions ...string) string {
	return t.sign([]object{{"type": "repository", "name": repo, "actions": actions}})
}

// sign makes a JSON web token (ES256, with the certificate in its header).
func (t *TokenServer) sign(access []object) string {
	now := time.Now()
	head := part(object{"typ": "JWT", "alg": "ES256", "x5c": []string{base64.StdEncoding.EncodeToString(t.cert.Raw)}})
	body := part(object{
		"iss": issuer, "sub": "", "aud": service, "jti": rand.Text(), "access": access,
		"iat": now.Unix(), "nbf": now.Add(-time.Minute).Unix(), "exp": now.Add(t.expires()).Unix(),
	})
	sum := sha256.Sum256([]byte(head + "." + body))
	r, s, err := ecdsa.Sign(rand.Reader, t.key, sum[:])
	if err != nil {
		panic(err) // the key is ours
	}
	var signature [64]byte
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return head + "." + body + "." + base64.RawURLEncoding.EncodeToString(signature[:])
}

func part(o object) string {
	text, err := json.Marshal(o)
	if err != nil {
		panic(err) // strings and numbers of ours
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func reply(w http.ResponseWriter, status int, o object) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(o)
}
