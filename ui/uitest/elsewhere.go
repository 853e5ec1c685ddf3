package uitest

import (
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/appc/spec/schema/types"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/fetch/registry"
)

// manyTags are as many as a registry may have. Nobody changes them: they are the
// same for each test.
var manyTags = sync.OnceValue(func() []string {
	many := make([]string, 100_000)
	for i := range many {
		many[i] = fmt.Sprintf("build-%06d", i)
	}
	return many
})

// Elsewhere gives a scripted engine hosts, pages and files to search, and images
// to fetch from them: one that comes, one whose host cuts the connection, one
// that wants credentials.
func Elsewhere(e *enginetest.Scripted) error {
	etcd := make([]string, 214)
	for i := range etcd {
		etcd[i] = fmt.Sprintf("v%d.%d.%d", 2+i/90, i/10%9, i%10)
	}
	e.Registries = map[string]*enginetest.ScriptedRegistry{
		"quay.io": {
			Repositories: []string{"coreos/clair", "coreos/etcd", "coreos/flannel", "prometheus/prometheus"},
			Tags:         map[string][]string{"coreos/etcd": etcd, "coreos/clair": {"v2.0.1", "evil\x1b[2J\u202e"}},
			Delay:        600 * time.Millisecond,
		},
		"registry.test": {
			Repositories: []string{"backup", "many", "private/app"},
			Tags:         map[string][]string{"backup": {"1", "2", "latest"}, "many": manyTags()},
			PageSize:     1000,
		},
		"slow.test": {Delay: time.Hour},
	}
	e.Names = map[string]engine.Discovered{
		"coreos.com/etcd": {Reference: "coreos.com/etcd", Prefix: "coreos.com", Signed: true,
			URLs: []string{"https://github.com/coreos/etcd/releases/download/v3.0.0/etcd-v3.0.0-linux-amd64.aci"}},
		"coreos.com/etcd:3.0.0": {Reference: "coreos.com/etcd:3.0.0", Prefix: "coreos.com", Signed: true,
			URLs: []string{"https://github.com/coreos/etcd/releases/download/v3.0.0/etcd-v3.0.0-linux-amd64.aci"}},
	}
	e.Folders = map[string][]engine.ImageFile{"./": {
		{Path: "build/etcd-dev.aci", Size: 11_000_000, Kind: "ACI"},
		{Path: "build/backup.tar", Size: 148_000_000, Kind: "archive"},
		{Path: "layouts/web", Kind: "OCI layout"},
	}}
	app := &types.App{Exec: types.Exec{"/usr/local/bin/etcd"}, User: "0", Group: "0"}
	backup := enginetest.ScriptedImage("registry.test/backup", "2", "6c", app)
	e.Files["https://registry.test/files/etcd.aci"] = enginetest.ScriptedImage("coreos.com/etcd", "3.1.0", "7d", app)
	e.Files["./build/etcd-dev.aci"] = enginetest.ScriptedImage("coreos.com/etcd", "3.2.0-dev", "8e", app)
	for reference, f := range map[string]struct {
		image engine.Image
		files []string
	}{
		"docker://quay.io/coreos/etcd:v3.5.0":  {enginetest.ScriptedImage("quay.io/coreos/etcd", "v3.5.0", "5e", app), []string{"layers"}},
		"docker://quay.io/coreos/etcd:v3.5.8":  {enginetest.ScriptedImage("quay.io/coreos/etcd", "v3.5.8", "5b", app), []string{"layers"}},
		"docker://quay.io/coreos/etcd:v3.5.9":  {enginetest.ScriptedImage("quay.io/coreos/etcd", "v3.5.9", "5c", app), []string{"layers"}},
		"docker://quay.io/coreos/etcd:v3.5.1":  {enginetest.ScriptedImage("quay.io/coreos/etcd", "v3.5.1", "5f", app), []string{"layers"}},
		"coreos.com/etcd":                      {enginetest.ScriptedImage("coreos.com/etcd", "3.0.0", "60", app), []string{"layers"}},
		"docker://registry.test/backup:2":      {backup, []string{"cut", "layers"}},
		"docker://registry.test/private/app:1": {backup, []string{"no-credentials"}},
	} {
		paths := make([]string, len(f.files))
		for i, name := range f.files {
			paths[i] = filepath.Join(Root(), "testdata", "events", "fetch", name+".jsonl")
		}
		fetch, err := enginetest.NewScriptedFetch(f.image, paths...)
		if err != nil {
			return err
		}
		e.Fetches[reference] = fetch
	}
	e.Fetches["docker://registry.test/private/app:1"].Err = &registry.Error{
		Kind: registry.Unauthorized, Of: "registry.test", Why: "401 Unauthorized: credentials are missing",
	}
	return nil
}
