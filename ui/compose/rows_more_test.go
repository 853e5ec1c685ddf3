package compose

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/screen"
)

func TestHowAnAppIsKeptApartIsTypedAndSwitched(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path              string
		keys              []string
		flag, value, note string
	}{
		"memory":              {"apps[0].memory", typed(" 64M "), "--memory=64M", "64M", "yours, 64.0 MB"},
		"shares":              {"apps[0].cpuShares", typed("512"), "--cpu-shares=512", "512", "yours, 0.5 of what others get"},
		"many shares":         {"apps[0].cpuShares", typed("4096"), "--cpu-shares=4096", "4096", "yours, 4 times what others get"},
		"no shares":           {"apps[0].cpuShares", nil, "", "1024", "default: as all others"},
		"pids":                {"apps[0].pids", typed("64"), "--pids=64", "64", "yours, processes and threads at most"},
		"as many as podman":   {"apps[0].pids", nil, "", "2048", "default: processes and threads"},
		"oom":                 {"apps[0].oomScoreAdj", typed("500"), "--oom-score-adjust=500", "500", "yours, killed before others"},
		"never killed":        {"apps[0].oomScoreAdj", typed("-1000"), "--oom-score-adjust=-1000", "-1000", "yours, never killed for memory"},
		"one rlimit":          {"apps[0].rlimits", typed("nofile=64:128"), "--rlimit=nofile=64:128", "nofile=64:128", "yours, soft:hard"},
		"groups":              {"apps[0].supplementaryGIDs", typed("5, 6"), "--supplementary-gids=5,6", "5,6", "yours"},
		"kept":                {"apps[0].capsRetain", typed("net_admin"), "--caps-retain=net_admin", "net_admin", "yours"},
		"none kept beside":    {"apps[0].capsRemove", nil, "", "—", "default: none is taken away"},
		"lost":                {"apps[0].capsRemove", typed("CAP_MKNOD,kill"), "--caps-remove=CAP_MKNOD,kill", "CAP_MKNOD,kill", "yours"},
		"a filter":            {"apps[0].seccomp", typed("mode=retain,errno=EPERM,read,write"), "--seccomp=mode=retain,errno=EPERM,read,write", "mode=retain,errno=EPERM,read,write", "yours, others get EPERM"},
		"a filter that kills": {"apps[0].seccomp", typed("mode=remove,reboot"), "--seccomp=mode=remove,reboot", "mode=remove,reboot", "yours, these kill it"},
		"no filter":           {"apps[0].seccomp", typed("mode=retain,@appc.io/all"), "--seccomp=mode=retain,@appc.io/all", "mode=retain,@appc.io/all", "yours, every system call"},
		"docker's filter":     {"apps[0].seccomp", nil, "", "default", "default: docker's profile"},
		"no new privileges":   {"apps[0].noNewPrivileges", []string{"space"}, "--no-new-privileges=true", "none", "yours, no program gains any"},
		"privileges, twice":   {"apps[0].noNewPrivileges", []string{"space", "space"}, "", "allowed", "default: setuid programs gain them"},
		"read-only":           {"apps[0].readOnlyRoot", []string{"space"}, "--readonly-rootfs=true", "read-only", "yours, it writes to volumes only"},
		"writable":            {"apps[0].readOnlyRoot", nil, "", "writable", "default: its own copy of the image"},
		"a host name":         {"hostname", typed("web"), "--hostname=web", "web", "yours"},
		"a name server":       {"dns.servers", typed("1.1.1.1"), "--dns=1.1.1.1", "1.1.1.1", "yours"},
		"a domain":            {"dns.search", typed("example.com"), "--dns-search=example.com", "example.com", "yours"},
		"private users":       {"privateUsers", []string{"space"}, "--private-users", "private", "yours, root is nobody on the host"},
		"the host's users":    {"privateUsers", []string{"space", "space"}, "", "the host's", "root is the host's root"},
		"no overlay":          {"noOverlay", []string{"space"}, "--no-overlay", "no", "yours, images are copied"},
	} {
		s := filled(t, spec.Pod{Apps: []spec.App{{Image: "img"}}})
		s.pressed(t, name, c.path, c.keys, c.flag, c.value, c.note)
	}
}

func TestVolumesHaveWhatTheirKindHas(t *testing.T) {
	t.Parallel()
	empty := spec.Volume{Name: "v", Kind: spec.EmptyVolume}
	host := spec.Volume{Name: "v", Kind: spec.HostVolume, Source: "/usr"}
	memory := spec.Volume{Name: "v", Kind: spec.EmptyVolume, Medium: spec.MemoryMedium}
	for name, c := range map[string]struct {
		volume spec.Volume
		path   string
		keys   []string
		want   string
	}{
		"mode":           {empty, "mode", typed("1777"), "v,kind=empty,mode=1777"},
		"uid":            {empty, "uid", typed("1000"), "v,kind=empty,uid=1000"},
		"gid":            {empty, "gid", typed("1000"), "v,kind=empty,gid=1000"},
		"memory":         {empty, "medium", []string{"space"}, "v,kind=empty,medium=memory"},
		"memory, twice":  {empty, "medium", []string{"space", "space"}, "v,kind=empty"},
		"size":           {memory, "size", typed("64M"), "v,kind=empty,medium=memory,size=64M"},
		"no mounts":      {host, "recursive", []string{"space"}, "v,kind=host,source=/usr,recursive=false"},
		"mounts, twice":  {host, "recursive", []string{"space", "space"}, "v,kind=host,source=/usr"},
		"another kind":   {host, "kind", []string{"space"}, "v,kind=empty"},
		"kinds, there":   {memory, "kind", []string{"space"}, "v,kind=host"},
		"kinds and back": {memory, "kind", []string{"space", "space"}, "v,kind=empty,medium=memory"},
	} {
		s := filled(t, spec.Pod{Apps: []spec.App{{Image: "img"}}, Volumes: []spec.Volume{c.volume}})
		if find(s, "volumes[0]."+c.path) == nil {
			t.Errorf("%s: no such field", name)
			continue
		}
		press(s, c.keys...)
		if got := s.draft.pod.CommandLine()[0]; got != "--volume="+c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// A size is what batch takes for one, and nothing else: the form has no reader of its own.
func TestASizeIsWhatBatchTakesForOne(t *testing.T) {
	t.Parallel()
	memory := spec.Volume{Name: "v", Kind: spec.EmptyVolume, Medium: spec.MemoryMedium}
	for _, size := range []string{"64MB", "64 MB", "64m", "64MIB", "1e6", "lots"} {
		for _, path := range []string{"apps[0].memory", "volumes[0].size"} {
			s := filled(t, spec.Pod{Apps: []spec.App{{Image: "img"}}, Volumes: []spec.Volume{memory}})
			find(s, path)
			press(s, typed(size)...)
			if p := s.problemOf(s.current()); p == nil || !strings.Contains(p.text, size) || !strings.Contains(p.text, "such as 64Mi") {
				t.Errorf("%s %s: %+v", path, size, p)
			}
			again, err := spec.Parse(s.draft.pod.CommandLine())
			if err == nil && len(again.Check()) == 0 {
				t.Errorf("%s %s: batch takes %q", path, size, s.draft.pod.CommandLine())
			}
		}
	}
}

// What a field has no place for is neither kept in part nor dropped: its line stays
// open, with the reason.
func TestWhatCanNotBeKeptStaysOpen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ path, wrong, why, mend, want string }{
		"a word as uid": {"volumes[0].uid", "abc", "abc is no number", "7", "--volume=v,kind=empty,uid=7"},
		"a word as gid": {"volumes[0].gid", "7x", "7x is no number", "7", "--volume=v,kind=empty,gid=7"},
		"no such group": {"apps[0].supplementaryGIDs", "staff,wheell", "wheell is no number, and no group of the image", "staff,10", "--supplementary-gids=50,10"},
	} {
		for _, key := range []tea.KeyPressMsg{{Code: tea.KeyEnter}, {Code: tea.KeyDown}, {Code: tea.KeyUp}, {Code: tea.KeyTab, Mod: tea.ModShift}} {
			s := filled(t, spec.Pod{Apps: []spec.App{{Image: "img"}}, Volumes: []spec.Volume{{Name: "v", Kind: spec.EmptyVolume}}})
			s.meet(staffed())
			find(s, c.path)
			press(s, "enter")
			press(s, strings.Split(c.wrong, "")...)
			out := s.Update(key)
			if out.Wish != (screen.Notice{Text: c.why, Wrong: true}) || !s.Typing() || s.path.Value() != c.wrong || s.Problem() != c.why {
				t.Errorf("%s, %s: %v, %q is open: %q", name, key, out.Wish, s.path.Value(), s.Problem())
				continue
			}
			s.path.Set("")
			press(s, strings.Split(c.mend, "")...)
			if s.Update(key); !slices.Contains(s.draft.pod.CommandLine(), c.want) {
				t.Errorf("%s, mended: %s", name, s.Line())
			}
		}
	}
}

// meet makes "img" an image that knows these people.
func (s *Screen) meet(p engine.People) {
	image := enginetest.ScriptedImage("example.com/img", "1.0", "9f", nil)
	s.images["img"] = &known{found: true, image: image}
	s.Update(peopleRead{id: image.ID, People: p})
}

func staffed() engine.People {
	return engine.People{Users: []engine.Person{{Name: "root"}, {Name: "worker", ID: 1000}}, Groups: []engine.Person{{Name: "staff", ID: 50}}}
}

func TestWordsAreCompleted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ path, typed, want, offered string }{
		"a capability":        {"apps[0].capsRetain", "net_a", "CAP_NET_ADMIN", "CAP_NET_ADMIN"},
		"what several begin":  {"apps[0].capsRetain", "cap_net", "CAP_NET_", "CAP_NET_RAW"},
		"the last of several": {"apps[0].capsRetain", "kill,sys_adm", "kill,CAP_SYS_ADMIN", "CAP_SYS_ADMIN"},
		"a kind of filter":    {"apps[0].seccomp", "mode=ret", "mode=retain", "mode=retain"},
		"a wildcard":          {"apps[0].seccomp", "mode=remove,@d", "mode=remove,@docker/default-blacklist", "@docker"},
		"a wildcard of rkt":   {"apps[0].seccomp", "mode=retain,@r", "mode=retain,@rkt/default-whitelist", "@rkt"},
		"an errno":            {"apps[0].seccomp", "mode=retain,errno=EP", "mode=retain,errno=EPERM", "EPERM"},
		"a size":              {"apps[0].memory", "25", "256Mi", "268 MB"},
		"an rlimit":           {"apps[0].rlimits", "nofi", "nofile=", "nofile="},
		"a user":              {"apps[0].user", "wo", "worker", "worker  1000"},
		"a group":             {"apps[0].group", "st", "staff", "staff  50"},
		"a volume":            {"mounts[0]", "da", "data:", "data:  empty volume"},
	} {
		s := filled(t, spec.Pod{Apps: []spec.App{{Image: "img"}}, Mounts: []spec.Mount{{}}, Volumes: []spec.Volume{{Name: "data", Kind: spec.EmptyVolume}}})
		s.meet(staffed())
		s.Update(s.foresee()())
		find(s, c.path)
		press(s, "enter")
		s.path.Set("")
		press(s, strings.Split(c.typed, "")...)
		if got := strings.Join(s.candidates(), "\n"); !strings.Contains(got, c.offered) {
			t.Errorf("%s: offered\n%s", name, got)
		}
		s.Update(tea.KeyPressMsg{Code: tea.KeyTab})
		if got := s.path.Value(); got != c.want {
			t.Errorf("%s: %q became %q, want %q", name, c.typed, got, c.want)
		}
	}
}

// A key that completes goes on to the next field where there is nothing to complete.
func TestAWholeWordIsLeftWithTheKeyThatCompletes(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"", "CAP_KILL", "nothing"} {
		s := filled(t, spec.Pod{Apps: []spec.App{{Image: "img"}}})
		find(s, "apps[0].capsRetain")
		press(s, append([]string{"enter"}, strings.Split(word, "")...)...)
		s.Update(tea.KeyPressMsg{Code: tea.KeyTab})
		if s.editing == nil || s.editing.row.path != "apps[0].capsRemove" {
			t.Errorf("after %q: %+v", word, s.editing)
		}
	}
}

func TestWhoIsNotInTheImageStandsAtItsField(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ user, group, problem string }{
		"known":      {"worker", "staff", ""},
		"numbers":    {"7", "7", ""},
		"of a file":  {"/bin/sh", "/bin/sh", ""},
		"nobody":     {"wroker", "", `user "wroker": there is none of that name in the image's /etc/passwd; perhaps "worker" is meant`},
		"no group":   {"", "admins", `group "admins": there is none of that name in the image's /etc/group`},
		"the images": {"", "", ""},
	} {
		s := filled(t, spec.Pod{Apps: []spec.App{{Image: "img", User: c.user, Group: c.group, Exec: "/x"}}})
		if got := s.strangers(0); got != nil {
			t.Errorf("%s: before anybody looked: %v", name, got)
		}
		s.meet(staffed())
		if got := s.Problem(); got != c.problem {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// What the host said of a volume is said of that volume, wherever it is by now, and
// of nothing else.
func TestWhatTheHostSaidStaysWithItsVolume(t *testing.T) {
	t.Parallel()
	gone := spec.Volume{Name: "gone", Kind: spec.HostVolume, Source: "/no/such/folder"}
	there := spec.Volume{Name: "there", Kind: spec.HostVolume, Source: "/usr"}
	s := filled(t, spec.Pod{Apps: []spec.App{{Image: "img"}}, Volumes: []spec.Volume{there, gone}})
	look := s.foresee()
	if late := s.foresee(); true {
		s.Update(look()) // an answer that nobody waits for any more
		if len(s.problems) > 0 {
			t.Errorf("took an old answer: %v", s.problems)
		}
		s.Update(late())
	}
	at := func() (all []string) {
		for _, p := range s.problems {
			all = append(all, p.path)
		}
		return all
	}
	if got := at(); len(got) != 1 || got[0] != "volumes[1].source" {
		t.Fatalf("problems at %q", got)
	}
	s.draft.change(func(p *spec.Pod) { p.Volumes = p.Volumes[1:] })
	s.refresh()
	if got := at(); len(got) != 1 || got[0] != "volumes[0].source" {
		t.Errorf("after the other went: %q", got)
	}
	s.draft.change(func(p *spec.Pod) { p.Volumes[0].Source = "/usr" })
	s.refresh()
	if got := at(); len(got) != 0 {
		t.Errorf("of another folder: %q", got)
	}
}
