package network

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// folder makes a folder of configuration files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "net.d")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func look(t *testing.T, folders ...map[string]string) Known {
	t.Helper()
	f := Folders{Plugins: []string{folder(t, map[string]string{"bridge": "", "ptp": "", "portmap": "", "host-local": ""})}}
	for _, files := range folders {
		f.Config = append(f.Config, folder(t, files))
	}
	return Look(f)
}

func chooses(k Known, names ...string) string {
	networks, err := k.Choose(spec.Network{Names: names})
	if err != nil {
		return err.Error()
	}
	var said []string
	for _, n := range networks {
		o, is, err := ownOf(n)
		text := fmt.Sprintf("%s %s", n.Name, o.Subnet)
		if !is {
			text = n.Name + " cni"
		}
		if n.Args != "" {
			text += " " + n.Args
		}
		if err != nil {
			text = err.Error()
		}
		said = append(said, text)
	}
	return strings.Join(said, ", ")
}

// rktDefault is stage1/net/conf/99-default.conf of rkt.
const rktDefault = `{
	"cniVersion": "0.1.0",
	"name": "default",
	"type": "ptp",
	"ipMasq": true,
	"ipam": { "type": "host-local", "subnet": "172.16.99.0/24", "routes": [ { "dst": "0.0.0.0/0" } ] }
}`

func TestNetworksAreChosenByTheirNames(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"10-bridge.conf":   `{"cniVersion": "0.4.0", "name": "lan", "type": "bridge", "ipam": {"type": "host-local", "subnet": "10.9.0.0/16"}}`,
		"20-list.conflist": `{"cniVersion": "1.0.0", "name": "chain", "plugins": [{"type": "ptp"}, {"type": "portmap"}]}`,
		"30-own.json":      `{"name": "backend", "type": "podtui", "subnet": "10.3.3.0/28", "ipMasq": false}`,
		"readme.txt":       `no configuration`,
	}
	for _, c := range []struct {
		name  string
		files map[string]string
		asked []string
		want  string
	}{
		{"the default network", nil, []string{"default"}, "default 172.16.28.0/24"},
		{"the restricted one", nil, []string{"default-restricted"}, "default-restricted 172.16.29.0/24"},
		{"none", nil, []string{"none"}, ""},
		{"the host's", nil, []string{"host"}, ""},
		{"several, in their order", files, []string{"lan", "default", "backend"}, "lan cni, default 172.16.28.0/24, backend 10.3.3.0/28"},
		{"with arguments", files, []string{"chain:IP=10.1.2.3;X=y"}, "chain cni IP=10.1.2.3;X=y"},
		{"arguments for podtui's own", files, []string{"default:IP=172.16.28.5"}, `network "default" takes no arguments; they are "IP=172.16.28.5"`},
		{"one range twice", nil, []string{"default", "default6"}, `networks "default" and "default6" have addresses in common: 172.16.28.0/24 and 172.16.28.0/24`},
		{"unknown", nil, []string{"lan"}, `there is no network "lan"; there are default, default-restricted, default6`},
		{"a range of the host's choice", map[string]string{"99-default.conf": `{"name": "default", "type": "podtui", "subnet": "10.5.0.0/16"}`}, []string{"default"}, "default 10.5.0.0/16"},
		{"a name of its choice", map[string]string{"99-default.conf": `{"name": "pods", "type": "podtui", "subnet": "10.5.0.0/16"}`}, []string{"default"}, "pods 10.5.0.0/16"},
		{"that name itself", map[string]string{"99-default.conf": `{"name": "pods", "type": "podtui", "subnet": "10.5.0.0/16"}`}, []string{"pods"}, "pods 10.5.0.0/16"},
		{"both names", map[string]string{"99-default.conf": `{"name": "pods", "type": "podtui", "subnet": "10.5.0.0/16"}`}, []string{"pods", "default"}, `network "default" is "pods", which the pod has already`},
		{"rkt's file", map[string]string{"99-default.conf": rktDefault}, []string{"default"}, "default 172.16.99.0/24"},
		{"rkt's plugin in another file", map[string]string{"10-ptp.conf": strings.Replace(rktDefault, `"default"`, `"p2p"`, 1)}, []string{"p2p"}, "p2p cni"},
		{"rkt's file that says more", map[string]string{"99-default.conf": strings.Replace(rktDefault, `"ipMasq"`, `"hairpin": 1, "ipMasq"`, 1)}, []string{"default"}, "default cni"},
		{"the default as a bridge", map[string]string{"99-default.conf": `{"name": "default", "type": "bridge"}`}, []string{"default"}, "default cni"},
		{"a default beside 99-default.conf", map[string]string{"10-mine.conf": `{"name": "default", "type": "podtui", "subnet": "10.1.0.0/24"}`, "99-default.conf": `{"name": "default", "type": "podtui", "subnet": "10.2.0.0/24"}`}, []string{"default"}, "default 10.2.0.0/24"},
		{"one beside another name there", map[string]string{"10-mine.conf": `{"name": "default", "type": "podtui", "subnet": "10.1.0.0/24"}`, "99-default.conf": `{"name": "pods", "type": "podtui", "subnet": "10.2.0.0/24"}`}, []string{"default"}, "pods 10.2.0.0/24"},
		{"a default without that file", map[string]string{"10-mine.conf": `{"name": "default", "type": "podtui", "subnet": "10.1.0.0/24"}`}, []string{"default"}, "default 10.1.0.0/24"},
		{"the first of a name", map[string]string{"a.conf": `{"name": "n", "type": "podtui", "subnet": "10.1.0.0/24"}`, "b.conf": `{"name": "n", "type": "podtui", "subnet": "10.2.0.0/24"}`}, []string{"n"}, "n 10.1.0.0/24"},
		{"bits beyond the range", map[string]string{"a.conf": `{"name": "n", "type": "podtui", "subnet": "10.1.0.77/24"}`}, []string{"n"}, "n 10.1.0.0/24"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := look(t, c.files)
			if got := chooses(k, c.asked...); got != c.want {
				t.Errorf("chosen: %s\nnot:    %s", got, c.want)
			}
			if strings.Contains(c.name, " beside ") || c.name == "the first of a name" {
				if all, said := k.Warnings(), k.WarningsFor(spec.Network{Names: c.asked}); len(all) != 1 || !slices.Equal(said, all) || !strings.Contains(all[0], "it is not used, since ") {
					t.Errorf("warned: %q, and the pod's user: %q", all, said)
				}
			} else if len(k.Warnings()) > 0 {
				t.Errorf("warned: %q", k.Warnings())
			}
		})
	}
}

func TestUnknownNetworksAreTold(t *testing.T) {
	t.Parallel()
	_, err := look(t).Choose(spec.Network{Names: []string{"x"}})
	var unknown *UnknownError
	if !errors.As(err, &unknown) || unknown.Name != "x" || !slices.Equal(unknown.Here, []string{"default", "default-restricted", "default6"}) {
		t.Errorf("%v", err)
	}
}

func TestFirstFolderWins(t *testing.T) {
	t.Parallel()
	k := look(t, map[string]string{"z.conf": `{"name": "n", "type": "podtui", "subnet": "10.1.0.0/24"}`},
		map[string]string{"99-default.conf": `{"name": "other", "type": "podtui", "subnet": "10.9.0.0/24"}`, "a.conf": `{"name": "n", "type": "podtui", "subnet": "10.2.0.0/24"}`})
	if got := chooses(k, "n", "default", "other"); got != "n 10.1.0.0/24, default 172.16.28.0/24, other 10.9.0.0/24" {
		t.Errorf("chosen: %s", got)
	}
	if n, err := k.find("n"); err != nil || filepath.Base(n.File) != "z.conf" || len(n.Plugins) != 1 {
		t.Errorf("%+v, %v", n, err)
	}
}

// A broken file is a warning to everybody, and an error to who asks for its network.
func TestBrokenFilesHurtOnlyTheirNetwork(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, content, name, want string }{
		{"cut.conf", `{"name": "cut", "type": "bridge"`, "cut", "it ends in the middle of its JSON; perhaps a bracket or a quote is missing"},
		{"nameless.conf", `{"type": "bridge"}`, "", "it names no network"},
		{"empty.conf", ``, "", "it is empty; JSON belongs there"},
		{"list.conf", `[1]`, "", "an array where an object belongs"},
		{"name.conf", `{"name": "../up", "type": "bridge"}`, "", `"../up" is no name of a network`},
		{"host.conf", `{"name": "host", "type": "bridge"}`, "", `no network can be called "host"`},
		{"typeless.conf", `{"name": "typeless"}`, "typeless", `it names no plugin; write "type": "podtui", "bridge" or another`},
		{"none.conflist", `{"name": "none-in-it", "plugins": []}`, "none-in-it", `its list "plugins" is empty`},
		{"misspelt.conf", `{"name": "misspelt", "type": "podtui", "subnet": "10.0.0.0/24", "ipmask": true}`, "misspelt", `it says "ipmask", which a network of the type podtui hasn't; it has cniVersion, name, type, subnet,`},
		{"range.conf", `{"name": "range", "type": "podtui"}`, "range", `subnet "": write a range of IPv4 such as 172.16.28.0/24`},
		{"small.conf", `{"name": "small", "type": "podtui", "subnet": "10.0.0.1/32"}`, "small", "a pod takes two addresses"},
		{"loop.conf", `{"name": "loop", "type": "podtui", "subnet": "127.1.0.0/16"}`, "loop", "no host can have these addresses"},
		{"six.conf", `{"name": "six", "type": "podtui", "subnet": "10.0.0.0/24", "subnet6": "10.0.0.0/24"}`, "six", "write a range of IPv6"},
		{"mtu.conf", `{"name": "mtu", "type": "podtui", "subnet": "10.0.0.0/24", "mtu": 20}`, "mtu", "mtu 20: write a number from 1280 to 65535"},
		{"99-default.conf", `{"name": "default", "type": "podtui", "subnet": 5}`, "default", "subnet: 5 where a string belongs"},
		{"99-default.conf", `{`, "default", "99-default.conf: it ends in the middle"},
		{"word.conf", `{"name": "word", "type": "podtui", "subnet": "10.0.0.0/24", "ipMasq": "yes"}`, "word", `ipMasq: "yes" where true or false belongs`},
		{"comma.conf", "{\n \"name\": \"comma\",\n \"type\": \"bridge\" \"mtu\": 5\n}", "comma", `line 3 is not JSON from "\"mtu\": 5" on`},
		{"number.conf", `{"name": 5, "type": "bridge"}`, "", "name: 5 where a string belongs"},
		{"version.conflist", `{"cniVersion": 1, "name": "version", "plugins": []}`, "version", "cniVersion: 1 where a string belongs"},
		{"object.conflist", `{"name": "object", "plugins": {"type": "bridge"}}`, "object", `plugins: {"type": "bridge"} where an array belongs`},
		{"ipam.conf", `{"name": "ipam", "type": "bridge", "ipam": "dhcp"}`, "ipam", `ipam: "dhcp" where an object belongs`},
		{"null.conflist", `{"name": "null", "plugins": [null]}`, "null", "it names no plugin"},
		{"names.conf", `{"name": "names", "type": "podtui", "subnet": "10.0.0.0/24", "Name": "other"}`, "names", `it says "Name" twice; say it once`},
		{"nets.conflist", `{"name": "nets", "plugins": [{"type": "bridge", "ipam": {"subnet": "10.0.0.0/24", "subnet": "10.1.0.0/24"}}]}`, "nets", `it says "subnet" twice; say it once`},
		{"server.conf", `{"name": "server", "type": "podtui", "subnet": "10.0.0.0/24", "dns": {"nameservers": ["192.0.2.53", "resolver"]}}`, "server", `dns: nameserver "resolver" is not an IP address; write one such as 192.0.2.53`},
		{"lines.conf", `{"name": "lines", "type": "podtui", "subnet": "10.0.0.0/24", "dns": {"domain": "a\nnameserver 1.1.1.1"}}`, "lines", `dns: "a\nnameserver 1.1.1.1" is not a domain; write one such as example.com`},
		{"search.conf", `{"name": "search", "type": "podtui", "subnet": "10.0.0.0/24", "dns": {"search": ["example.com", "-"]}}`, "search", `dns: "-" is not a domain`},
		{"option.conf", `{"name": "option", "type": "podtui", "subnet": "10.0.0.0/24", "dns": {"options": ["nd ots"]}}`, "option", `dns: "nd ots" is not an option of resolv.conf(5); write one such as ndots:2`},
		{"huge.conf", `{"name": "huge", ` + strings.Repeat(" ", maxFile) + `"type": "bridge"}`, "", "larger than"},
	} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			k := look(t, map[string]string{c.file: c.content, "zz.conf": `{"name": "good", "type": "podtui", "subnet": "10.7.0.0/24"}`})
			if warned := k.Warnings(); len(warned) != 1 || !strings.Contains(warned[0], c.file) || !strings.Contains(warned[0], c.want) {
				t.Errorf("warned %q, not of %q", warned, c.want)
			}
			if got := chooses(k, "good"); got != "good 10.7.0.0/24" {
				t.Errorf("another network: %s", got)
			}
			if c.name == "" {
				return
			}
			if got := chooses(k, c.name); !strings.Contains(got, c.want) || !strings.Contains(got, c.file) || !strings.Contains(got, fmt.Sprintf("%q", c.name)) {
				t.Errorf("asked for it: %s", got)
			}
		})
	}
}

// However many are broken, a pod's user has one line of it, and is told more only where
// the network that is asked for may be in one of them.
func TestManyBrokenFilesAreOneLine(t *testing.T) {
	t.Parallel()
	files := map[string]string{"good.conf": `{"name": "good", "type": "podtui", "subnet": "10.7.0.0/24"}`}
	for i := range 4 {
		files[fmt.Sprintf("%d.conf", i)] = fmt.Sprintf(`{"name": "n%d", "type": `, i)
	}
	for i := range 3 {
		files[fmt.Sprintf("z%d.conf", i)] = "no JSON"
	}
	k := look(t, files)
	said := k.WarningsFor(spec.Network{Names: []string{"good"}})
	if len(said) != 1 || !strings.HasPrefix(said[0], "7 files of networks can't be read: /") || !strings.Contains(said[0], "/0.conf (it ends in the middle") || !strings.HasSuffix(said[0], "and 2 more") {
		t.Errorf("said: %q", said)
	}
	if len(k.Warnings()) != 7 {
		t.Errorf("all: %q", k.Warnings())
	}
	if got := chooses(k, "n1"); !strings.HasPrefix(got, `network "n1": /`) || strings.Contains(got, "z0.conf") {
		t.Errorf("one that is broken: %s", got)
	}
	if got := chooses(k, "other"); !strings.Contains(got, `there is no network "other"`) || !strings.Contains(got, "it may be one that can't be read: /") ||
		strings.Contains(got, "/0.conf") || strings.Count(got, "line 1 is not JSON from ") != 3 {
		t.Errorf("one that may be: %s", got)
	}
}

func TestFoldersMayBeAnything(t *testing.T) {
	t.Parallel()
	dir := folder(t, nil)
	if err := unix.Mkfifo(filepath.Join(dir, "pipe.conf"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", filepath.Join(dir, "zero.conf")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "file.txt")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	k := Look(Folders{Config: []string{dir, file, filepath.Join(dir, "none")}})
	if len(k.Warnings()) != 3 || len(k.List) != 3 {
		t.Errorf("%q, %d networks", k.Warnings(), len(k.List))
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(rktDefault), true)
	f.Add([]byte(`{"name": "n", "type": "podtui", "subnet": "10.0.0.0/8", "subnet6": "fd00::/64", "dns": {"nameservers": ["1.1.1.1"]}}`), false)
	f.Add([]byte(`{"cniVersion": "1.0.0", "name": "chain", "plugins": [{"type": "ptp"}, {"type": "portmap"}]}`), false)
	f.Add([]byte(`{"name": "n", "plugins": [null]}`), false)
	f.Fuzz(func(t *testing.T, data []byte, standard bool) {
		n, err := parseConfig(data, standard)
		if err != nil {
			return
		}
		if checkName(n.Name) != nil {
			t.Errorf("the network is called %q", n.Name)
		}
		o, is, err := ownOf(n)
		if err != nil {
			t.Errorf("taken, and not understood later: %v", err)
		}
		if is && (o.slots() < 1 || o.slots() > mostSlots) {
			t.Errorf("%d slots in %v", o.slots(), o)
		}
		if is {
			for _, slot := range []int{0, o.slots() - 1} {
				host, pod := pair(o.Subnet, slot)
				if !o.Subnet.Contains(host.Addr()) || !o.Subnet.Contains(pod.Addr()) || host.Masked() != pod.Masked() || host == pod {
					t.Errorf("slot %d of %v: %v and %v", slot, o.Subnet, host, pod)
				}
			}
		}
	})
}
