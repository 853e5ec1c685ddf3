package spec

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/appc/spec/schema"
)

// What flags say, as other executors read it. Each manifest is one that the appc
// schema takes.
func TestManifestsHaveWhatFlagsSay(t *testing.T) {
	t.Parallel()
	const app = `{"exec":["/x"],"user":"0","group":"0","supplementaryGIDs":[5],"userLabels":{"a":"b"},"ports":[{"name":"http","protocol":"tcp","port":80},{"name":"dns","protocol":"udp","port":5353}],"eventHandlers":[{"name":"pre-start","exec":["/pre"]}],
		"isolators":[{"name":"resource/memory","value":{"limit":"1G"}},{"name":"os/linux/capabilities-retain-set","value":{"set":["CAP_KILL"]}},
		{"name":"os/linux/seccomp-retain-set","value":{"set":["read"]}},{"name":"resource/network-bandwidth","value":{"default":true,"limit":"1G"}}]}`
	const pids = `{"name":"os/linux/capabilities-retain-set","value":{"set":["CAP_KILL"]}},{"name":"os/linux/seccomp-retain-set","value":{"set":["read"]}},{"name":"resource/network-bandwidth","value":{"default":true,"limit":"1G"}}`
	for line, want := range map[string][]string{
		"img": {`"supplementaryGIDs":[5]`, `"userLabels":{"a":"b"}`, `"eventHandlers":[{"name":"pre-start","exec":["/pre"]}]`,
			`"isolators":[{"name":"resource/memory","value":{"limit":"1G"}},` + pids + `]`, `"annotations":null,"ports":null}`},
		"img --memory=64Mi":                                             {`"isolators":[` + pids + `,{"name":"resource/memory","value":{"limit":"64Mi"}}]`},
		"img --cpu=0.5":                                                 {`{"name":"resource/cpu","value":{"limit":"0.5"}}]`},
		"img --cpu-shares=7":                                            {`{"name":"os/linux/cpu-shares","value":7}]`},
		"img --pids=100":                                                {`{"name":"podtui.io/pids","value":{"limit":"100"}}]`},
		"img --pids=max":                                                {`{"name":"podtui.io/pids","value":{"limit":"max"}}]`},
		"img --caps-remove=mknod,kill":                                  {`"value":{"limit":"1G"}},{"name":"os/linux/seccomp-retain-set",`, `{"name":"os/linux/capabilities-remove-set","value":{"set":["CAP_KILL","CAP_MKNOD"]}}]`},
		"img --caps-retain=net_admin":                                   {`{"name":"os/linux/capabilities-retain-set","value":{"set":["CAP_NET_ADMIN"]}}]`},
		"img --no-new-privileges":                                       {`{"name":"os/linux/no-new-privileges","value":true}]`},
		"img --no-new-privileges=false":                                 {`{"name":"os/linux/no-new-privileges","value":false}]`},
		"img --oom-score-adjust=-5":                                     {`{"name":"os/linux/oom-score-adj","value":-5}]`},
		"img --rlimit=nofile=1:2 --rlimit=core=unlimited":               {`{"name":"podtui.io/rlimits","value":{"core":"unlimited","nofile":"1:2"}}]`},
		"img --seccomp=mode=remove,errno=EPERM,reboot":                  {`"CAP_KILL"]}},{"name":"resource/network-bandwidth",`, `{"name":"os/linux/seccomp-remove-set","value":{"set":["reboot"],"errno":"EPERM"}}]`},
		"img --seccomp=mode=retain,@appc.io/all":                        {`{"name":"os/linux/seccomp-retain-set","value":{"set":["@appc.io/all"]}}]`},
		"img --seccomp=mode=remove,@appc.io/empty":                      {`{"name":"os/linux/seccomp-remove-set","value":{"set":["@appc.io/empty"]}}]`},
		"img --readonly-rootfs":                                         {`"readOnlyRootFS":true`},
		"img --supplementary-gids=7,8":                                  {`"supplementaryGIDs":[7,8]`},
		"img --label=My=1 --label=a=2":                                  {`"userLabels":{"My":"1","a":"2"}`},
		"img --annotation=x=y --restart=always":                         {`"annotations":[{"name":"x","value":"y"},{"name":"podtui.reference","value":"img"},{"name":"podtui.restart","value":"always"}]`},
		"--volume=v,kind=empty img":                                     {`{"name":"v","kind":"empty","mode":"0755","uid":0,"gid":0}`},
		"--volume=v,kind=empty,mode=1777,uid=7,gid=8 img":               {`{"name":"v","kind":"empty","mode":"1777","uid":7,"gid":8}`},
		"--volume=v,kind=empty,medium=memory,size=64M img":              {`{"name":"podtui.volumes","value":"{\"v\":{\"medium\":\"memory\",\"size\":\"64M\"}}"}`},
		"--volume=v,kind=host,source=/s,readOnly=true,recursive=0 img":  {`{"name":"v","kind":"host","source":"/s","readOnly":true,"recursive":false}`},
		"--hostname=h --dns=::1 --dns-search=a.b --dns-opt=ndots:1 img": {`{"name":"podtui.dns","value":"{\"servers\":[\"::1\"],\"search\":[\"a.b\"],\"options\":[\"ndots:1\"]}"},{"name":"podtui.hostname","value":"h"}`},
		"--net=none img":                                                {`{"name":"podtui.networks","value":"[\"none\"]"}`, `"ports":null`},
		"--private-net --net=b:X=1 --port=http:80 --port=dns:[0::1]:53 img": {`{"name":"podtui.networks","value":"[\"default\",\"b:X=1\"]"}`,
			`"ports":[{"name":"http","hostPort":80},{"name":"dns","hostPort":53,"hostIP":"::1"}]`, `"ports":[{"name":"http","protocol":"tcp","port":80,"count":1,"socketActivated":false},{"name":"dns",`},
		"--hosts-entry=::1=a --private-users --no-overlay img": {`{"name":"podtui.hosts","value":"[{\"ip\":\"::1\",\"name\":\"a\"}]"},{"name":"podtui.no-overlay","value":"true"},{"name":"podtui.private-users","value":"true"}`},
	} {
		pod, err := Parse(strings.Fields(line))
		if err != nil {
			t.Fatal(err)
		}
		data := string(manifestOf(t, pod, []Image{image(t, "example.com/a", app)}, Surroundings{}))
		for _, part := range want {
			if !strings.Contains(data, part) {
				t.Errorf("%s:\n got %s\nwant %s", line, data, part)
			}
		}
		var back schema.PodManifest
		if err := json.Unmarshal([]byte(data), &back); err != nil {
			t.Errorf("%s: the schema doesn't take %s: %v", line, data, err)
		}
	}
}

// Absent and empty are two things for the metadata service.
func TestManifestsKeepNoAnnotationsAndAnEmptyListApart(t *testing.T) {
	t.Parallel()
	images := []Image{image(t, "example.com/a", plainApp)}
	for fields, want := range map[string]string{"": `"annotations":null,"ports"`, `,"annotations":[]`: `"annotations":[],"ports"`} {
		pod, err := FromManifest([]byte(onlyPod(fields)))
		if err != nil {
			t.Fatal(err)
		}
		record, err := json.Marshal(pod)
		if err != nil {
			t.Fatal(err)
		}
		var kept Pod
		if err := json.Unmarshal(record, &kept); err != nil {
			t.Fatal(err)
		}
		if data := string(manifestOf(t, kept, images, Surroundings{})); !strings.Contains(data, want) {
			t.Errorf("%q: got %s, want %s", fields, data, want)
		}
	}
}

func TestManifestOfAPodKeepsItsManifestsIsolators(t *testing.T) {
	t.Parallel()
	const isolators = `"isolators":[{"name":"resource/memory","value":{"limit":"1G"}},{"name":"example.com/pony","value":[1]}]`
	pod, err := FromManifest([]byte(onlyPod(`,` + isolators + `,"userAnnotations":{"b":"1"},"userLabels":{"c":"2"}`)))
	if err != nil {
		t.Fatal(err)
	}
	data := string(manifestOf(t, pod, []Image{image(t, "example.com/a", plainApp)}, Surroundings{}))
	if !strings.Contains(data, isolators) || !strings.Contains(data, `"userAnnotations":{"b":"1"},"userLabels":{"c":"2"}`) {
		t.Errorf("got %s", data)
	}
}
