package credential

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// oras-go's package credentials reads this file too, and is not used: it reads
// without bounds, of two spellings of a host takes the one that Go's random
// map order shows first, and lets a helper run for ever, print to the terminal
// that the screens are drawn on, and put its output into an error.

// dockerConfig is what config.json says about registries. Keys are hosts as
// registryHost returns them.
type dockerConfig struct {
	auths   map[string]Credential
	helpers map[string]string // credHelpers
	store   string            // credsStore
}

type dockerFile struct {
	Auths   map[string]dockerAuth `json:"auths"`
	Helpers map[string]string     `json:"credHelpers"`
	Store   string                `json:"credsStore"`
}

type dockerAuth struct {
	Auth     string `json:"auth"` // base64 of USER:PASSWORD
	User     string `json:"username"`
	Password string `json:"password"`
	Identity string `json:"identitytoken"`
	Token    string `json:"registrytoken"`
}

// dockerConfigPath is where docker looks; "" is nowhere.
func dockerConfigPath() string {
	dir := os.Getenv("DOCKER_CONFIG")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".docker")
	}
	return filepath.Join(dir, "config.json")
}

func (s *Set) readDockerConfig(path string) (*dockerConfig, error) {
	if path == "" {
		path = dockerConfigPath()
	}
	if path == "" {
		return &dockerConfig{}, nil
	}
	raw, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &dockerConfig{}, nil
	}
	if err != nil {
		return nil, err
	}
	config, err := parseDocker(path, raw)
	if err == nil && len(config.auths) > 0 {
		s.warn(path)
	}
	return config, err
}

// parseDocker reads config.json. An empty file is one that says nothing, as
// for docker.
func parseDocker(path string, raw []byte) (*dockerConfig, error) {
	config := &dockerConfig{auths: map[string]Credential{}, helpers: map[string]string{}}
	if strings.TrimSpace(string(raw)) == "" {
		return config, nil
	}
	var f dockerFile
	if err := decode(path, raw, &f); err != nil {
		return nil, err
	}
	for _, key := range byPlainness(f.Auths) {
		host, ok := registryHost(key)
		if _, known := config.auths[host]; !ok || known {
			continue
		}
		c, why := f.Auths[key].credential()
		if why != "" {
			return nil, bad(path, "%q: %s", short(key), why)
		}
		if c != (Credential{}) { // else a mark that a helper has it
			config.auths[host] = c
		}
	}
	config.store = f.Store
	return config, config.addHelpers(path, f)
}

func (d *dockerConfig) addHelpers(path string, f dockerFile) error {
	for _, key := range byPlainness(f.Helpers) {
		host, ok := registryHost(key)
		if _, known := d.helpers[host]; ok && !known && f.Helpers[key] != "" {
			d.helpers[host] = f.Helpers[key]
		}
	}
	for _, name := range append(slices.Collect(maps.Values(d.helpers)), d.store) {
		if !isHelper(name) {
			return bad(path, "%q is no name of a helper: letters, digits and -._ make one", short(name))
		}
	}
	return nil
}

// byPlainness sorts the spellings of hosts: the one that docker writes today
// counts before older ones for the same host.
func byPlainness[V any](m map[string]V) []string {
	today := func(key string) int {
		if host, _ := registryHost(key); key == hubServer || key == host && host != dockerHub {
			return 0
		}
		return 1
	}
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		if order := today(a) - today(b); order != 0 {
			return order
		}
		return strings.Compare(a, b)
	})
}

// helper is the program that is in charge of a host, or "".
func (d *dockerConfig) helper(host string) string {
	if name := d.helpers[host]; name != "" {
		return name
	}
	return d.store
}

func (a dockerAuth) credential() (c Credential, why string) {
	c = Credential{User: a.User, Password: a.Password, Identity: a.Identity, Token: a.Token}
	if a.Auth != "" {
		pair, err := base64.StdEncoding.DecodeString(a.Auth)
		user, password, ok := strings.Cut(string(pair), ":")
		if err != nil || !ok || user == "" {
			return Credential{}, `"auth" is not base64 of USER:PASSWORD`
		}
		c.User, c.Password = user, strings.TrimRight(password, "\x00") // older dockers padded
	}
	if !isToken(c.Token) || !isToken(c.Identity) {
		return Credential{}, "a token holds what no header can carry"
	}
	return c, ""
}
