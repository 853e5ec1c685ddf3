package credential

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxFiles is how many files are read of a folder.
const maxFiles = 1000

// authFiles is what auth.d says. The keys are hosts, in lower case.
type authFiles struct {
	domains    map[string]fromFile // rktKind "auth": web servers
	registries map[string]fromFile // rktKind "dockerAuth"
}

// fromFile is a credential and where it stands, for the message that it stands
// somewhere else as well.
type fromFile struct {
	Credential
	path string
}

func newAuthFiles() authFiles {
	return authFiles{domains: map[string]fromFile{}, registries: map[string]fromFile{}}
}

// readAuthFolders reads the system's folder and what overrides it, host by
// host, as rkt's configuration.md says.
func (s *Set) readAuthFolders(src Sources) (authFiles, error) {
	all := newAuthFiles()
	for _, dir := range []string{src.SystemDir, src.ConfigDir} {
		if dir == "" {
			continue
		}
		files, err := s.readAuthFolder(dir)
		if err != nil {
			return authFiles{}, err
		}
		maps.Copy(all.domains, files.domains)
		maps.Copy(all.registries, files.registries)
	}
	return all, nil
}

// readAuthFolder reads DIR/*.json, and nothing in folders below it. Hidden
// files are what editors leave behind. Unlike rkt it follows symlinks:
// passing one over in silence would show as a refused login only.
func (s *Set) readAuthFolder(dir string) (authFiles, error) {
	files := newAuthFiles()
	names, err := jsonFiles(dir)
	if err != nil {
		return files, err
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		raw, err := readFile(path)
		if errors.Is(err, fs.ErrNotExist) { // a symlink to nothing
			err = bad(path, "leads to a file that does not exist")
		}
		if err != nil {
			return files, err
		}
		secret, err := files.parse(path, raw)
		if err != nil {
			return files, err
		}
		if secret {
			s.warn(path)
		}
	}
	return files, nil
}

// jsonFiles returns the names of a folder's files, sorted. A folder that is
// not there has none.
func jsonFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, bad(dir, "%v", reason(err))
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && filepath.Ext(e.Name()) == ".json" && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	if len(names) > maxFiles {
		return nil, bad(dir, "%d files; at most %d are read", len(names), maxFiles)
	}
	return names, nil
}

// authFile is a file of auth.d, of either kind.
type authFile struct {
	Kind        string   `json:"rktKind"`
	Version     string   `json:"rktVersion"`
	Domains     []string `json:"domains"`
	Registries  []string `json:"registries"`
	Type        string   `json:"type"`
	Credentials struct {
		User     string `json:"user"`
		Password string `json:"password"`
		Token    string `json:"token"`
	} `json:"credentials"`
}

// ignored are the kinds of rkt's configuration that hold no credentials. rkt
// kept them in folders of their own; one in auth.d harms nobody.
var ignored = []string{"paths", "stage1"}

// parse adds what a file says, and reports whether there is a secret in it.
func (a authFiles) parse(path string, raw []byte) (secret bool, err error) {
	var header struct {
		Kind string `json:"rktKind"`
	}
	if err := decode(path, raw, &header); err != nil {
		return false, err
	}
	if slices.Contains(ignored, header.Kind) {
		return false, nil
	}
	var f authFile
	if err := decode(path, raw, &f); err != nil {
		return false, err
	}
	switch {
	case f.Kind == "":
		return false, bad(path, `no "rktKind"; "auth" and "dockerAuth" are known`)
	case f.Kind != "auth" && f.Kind != "dockerAuth":
		return false, bad(path, `unknown rktKind %q; "auth" and "dockerAuth" are known`, short(f.Kind))
	case f.Version != "v1":
		return false, bad(path, `rktVersion is %q; "v1" is known`, short(f.Version))
	case f.Kind == "auth":
		return true, a.addDomains(path, f)
	}
	return true, a.addRegistries(path, f)
}

func (a authFiles) addDomains(path string, f authFile) error {
	if len(f.Domains) == 0 {
		return bad(path, `no "domains"`)
	}
	c, why := f.credential(f.Type)
	if why != "" {
		return bad(path, "%s", why)
	}
	for _, domain := range f.Domains {
		host := lower(domain)
		if !isHost(host) {
			return bad(path, `%q in "domains" is not HOST or HOST:PORT`, short(domain))
		}
		if err := add(a.domains, host, c, path); err != nil {
			return err
		}
	}
	return nil
}

func (a authFiles) addRegistries(path string, f authFile) error {
	if len(f.Registries) == 0 {
		return bad(path, `no "registries"`)
	}
	c, why := f.credential("basic")
	if why != "" {
		return bad(path, "%s", why)
	}
	for _, registry := range f.Registries {
		host, ok := registryHost(registry)
		if !ok {
			return bad(path, `%q in "registries" is not HOST or HOST:PORT`, short(registry))
		}
		if err := add(a.registries, host, c, path); err != nil {
			return err
		}
	}
	return nil
}

// add refuses a second file for a host: which of them counts would depend on
// their names. One file may name a host twice, for Docker Hub has several names.
func add(to map[string]fromFile, host string, c Credential, path string) error {
	if other, ok := to[host]; ok && other.path != path {
		return &FileError{Paths: []string{other.path, path}, Reason: "both are for " + host}
	}
	to[host] = fromFile{Credential: c, path: path}
	return nil
}

// credential returns what the file holds, or what is wrong with it.
func (f authFile) credential(kind string) (c Credential, why string) {
	switch kind {
	case "basic":
		c.User, c.Password = f.Credentials.User, f.Credentials.Password
		switch {
		case c.User == "":
			return c, `no "user" in "credentials"`
		case c.Password == "":
			return c, `no "password" in "credentials"`
		case strings.Contains(c.User, ":"):
			return c, `a colon in "user": basic authentication can't say it`
		}
	case "oauth":
		c.Token = f.Credentials.Token
		switch {
		case c.Token == "":
			return c, `no "token" in "credentials"`
		case !isToken(c.Token):
			return c, `"token" holds what no header can carry`
		}
	case "":
		return c, `no "type"; "basic" and "oauth" are known`
	default:
		return c, fmt.Sprintf(`unknown "type" %q; "basic" and "oauth" are known`, short(kind))
	}
	return c, ""
}

// isToken refuses what would end the header early, or be refused by net/http
// with the token in the message.
func isToken(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c >= 0x7f })
}

// short cuts what a message repeats of a file.
func short(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}
