package spec

import (
	"errors"
	"strings"
	"testing"
)

// wrong is a bad value of every flag of run, with a part of the one line that says
// so: exit status 2, and nothing made. A flag that takes any text has a NUL byte or
// too long a one.
var wrong = map[string]map[string]string{
	"inherit-env":  {"ja": "--inherit-env=ja: write true or false"},
	"set-env":      {"": "--set-env: an empty value; write --set-env=NAME=VALUE", "=x": "--set-env==x: write --set-env=NAME=VALUE", "A": "--set-env=A: write --set-env=NAME=VALUE", "1=x": "variable 1: a name starts with a letter"},
	"set-env-file": {"": "--set-env-file: an empty value; write the file's name", "a\x00": `environment file "a\x00" holds a NUL byte`},
	"volume": {
		"v":                                    "volume v has no kind; write kind=host,source=PATH or kind=empty",
		"":                                     `--volume="" names no volume; write --volume=NAME,kind=host|empty,source=PATH`,
		",kind=empty":                          `--volume=,kind=empty names no volume; write --volume=NAME,kind=host|empty,source=PATH`,
		"v,kind=":                              "--volume: kind has no value; write --volume=NAME,kind=host|empty,source=PATH",
		"v,":                                   "--volume: an empty option; write --volume=NAME,kind=host|empty,source=PATH",
		"v,kind=nfs":                           "volume v: kind nfs is neither host nor empty",
		"v,kind=host":                          "source of volume v: nothing given; write an absolute path",
		"v,kind=host,source=work":              "source of volume v: work is not an absolute path",
		"V,kind=empty":                         "volume name V: only lower-case letters",
		"v,kind=empty,readOnly=ja":             "readOnly=ja: write true or false",
		"v,kind=empty,mode=rwx":                "volume v: mode rwx: write it in octal, such as 0755 or 1777",
		"v,kind=empty,mode=17777":              "volume v: mode 17777: write it in octal",
		"v,kind=empty,mode=0o7":                "volume v: mode 0o7: write it in octal",
		"v,kind=empty,uid=root":                "--volume=v,…uid=root: write a number from 0 to 4294967294",
		"v,kind=empty,gid=-1":                  "volume v: gid -1 is not a number from 0 to 4294967294",
		"v,kind=empty,uid=4294967295":          "volume v: uid 4294967295 is not a number from 0 to 4294967294",
		"v,kind=empty,medium=ssd":              "volume v: medium ssd: write memory, or leave it out for the disk",
		"v,kind=empty,size=64M":                "volume v: only medium=memory has a size",
		"v,kind=empty,medium=memory,size=huge": "volume v: size huge: write a number of bytes with K, M, G",
		"v,kind=empty,medium=memory,size=1":    "volume v: size 1 is less than 4Ki",
		"v,kind=empty,medium=memory,size=2E":   "volume v: size 2E is more than any machine has",
		"v,kind=host,source=/s,mode=0700":      "volume v is of the host and can't have mode=0700; kind=empty has one",
		"v,kind=host,source=/s,uid=0":          "volume v is of the host and can't have uid=0",
		"v,kind=host,source=/s,medium=memory":  "volume v is of the host and can't have medium=memory",
		"v,kind=empty,colour=red":              "--volume: unknown option colour; there are kind, source, readOnly, recursive, mode, uid, gid, medium, size",
	},
	"mount": {"": "--mount: an empty option; write --mount=volume=NAME,target=PATH", "volume=v": "--mount=volume=v: a mount has a volume and a target; write --mount=volume=NAME,target=PATH", "target=/x": "--mount=target=/x: a mount has a volume and a target", "volume=v,target=/x": "there is no volume v to mount", "v": "write --mount=volume=NAME,target=PATH"},
	"net": {
		"": "--net: an empty value; write host, none, default or the name of a network", "a,": `--net=a,: a name is missing; names stand between single commas`, "a/b": "a/b is not the name", "..": ".. is not the name",
		"a\nb": `"a\nb" is not the name`, strings.Repeat("n", 65): "is not the name of a network", "-x": "-x is not the name", "a b": `"a b" is not the name`, "grün": "grün is not the name",
		"host,default": "network host stands alone; the others are default", "default,none": "network none stands alone; the others are default", "a,b,a": "network a is given twice", "a:X=1,a": "network a is given twice",
		"host:X=1": "network host takes no arguments; they are X=1", "none:": `network none takes no arguments; they are ""`,
		"a:": `network a: an argument is missing; write a:NAME=VALUE;NAME=VALUE`, "a:IP": "network a: argument IP: write a:NAME=VALUE", "a:=1": "network a: argument =1: write", "a:X=1;;Y=2": `network a: an argument is missing; write a:NAME=VALUE;NAME=VALUE`,
		"a:X=1;X=2": "network a: argument X is given twice", "a:X=\x1b": `network a: argument X can't have the value "\x1b"`, "a:X Y=1": `network a: argument "X Y=1": write`, "a:X=" + strings.Repeat("1", 1024): "network a: its arguments have 1026 bytes; at most 1024 are taken",
	},
	"private-net": {"": "--private-net=: an empty value; write --private-net for the default network", "host,a": "network host stands alone; the others are a", "a:b": "network a: argument b: write a:NAME=VALUE", "yes/no": "yes/no is not the name of a network"},
	"port": {
		"": `--port: an empty value; write --port=NAME:[HOSTIP:]HOSTPORT`, "80": "--port=80: write --port=NAME", ":80": "--port=:80: write --port=NAME:[HOSTIP:]HOSTPORT",
		"http:": `--port=http: has no port of the host; write --port=NAME:[HOSTIP:]HOSTPORT`, "http:0": "--port=http:0: 0 is not a port; write a number from 1 to 65535", "http:65536": "65536 is not a port; write a number", "http:-1": "-1 is not a port", "http:+1": "+1 is not a port",
		"http:99999999999999999999": "99999999999999999999 is not a port", "http:80/tcp": "80/tcp is not a port; write a number", "http:80-90": "80-90 is not a port", "HTTP:80": "port name HTTP: only lower-case letters, digits and dashes between them, such as http",
		"http::80": "--port=http::80: an empty address; write --port", "http:[]:80": "an address in brackets ends with ]:HOSTPORT", "http:[::1]80": "an address in brackets ends with ]:HOSTPORT", "http:[::1:80": "an address in brackets ends with ]:HOSTPORT",
		"http:::1:80": "an address with colons is written in brackets, such as [::1]", "http:localhost:80": "--port=http:localhost:80: localhost is not an IP address", "http:1.2.3:80": "1.2.3 is not an IP address", "http:1.2.3.4:x": "x is not a port",
		"http:[fe80::1%eth0]:80": "fe80::1%eth0 has a zone, which a published port can't have", "http:[fe80::1]:80": "fe80::1 means nothing without a zone", "http:224.0.0.1:80": "224.0.0.1 is no host's own; write an address that the host has",
		"http:[ff02::1]:80": "ff02::1 is no host's own", "http:255.255.255.255:80": "255.255.255.255 is no host's own", "http:[::ffff:1.2.3.4]:80": "::ffff:1.2.3.4 is an IPv4 address; write 1.2.3.4", "http:\n:80": `"\n" is not an IP address`,
		"http:80": "--port=http:80 needs a network of the pod's own; add --private-net",
	},
	"register-mds": {"ja": "--register-mds=ja: write true or false"},
	"mds-register": {"ja": "--register-mds=ja: write true or false"},
	"pull-policy":  {"often": "--pull-policy: often is not one of new, update or never"},
	"store-only":   {"ja": "--store-only=ja: write true or false"},
	"no-store":     {"ja": "--no-store=ja: write true or false"},
	"verify-image": {"ja": "--verify-image=ja: write true or false"},
	"pod-name":     {"": "--pod-name: an empty value", "My Pod": `pod name "My Pod": only lower-case letters`},
	"on-failure":   {"panic": "--on-failure=panic: write stop or continue"},
	"interactive":  {"ja": "--interactive=ja: write true or false"},
	"detach":       {"ja": "--detach=ja: write true or false"},
	"dry-run":      {"ja": "--dry-run=ja: write true or false"},
	"hostname": {"": "--hostname: an empty value; leave the flag out for a name made of the pod's UUID",
		strings.Repeat("a", 65): "a has 65 characters; at most 64 are taken", strings.Repeat("a", 64): "a has a label of 64 characters; at most 63 are taken without a dot", "my_host": "host name my_host: write at most 64 letters, digits and dashes, with dots between labels", "a..b": "host name a..b", "-a": "host name -a",
		"a,b": "host name a,b", strings.Repeat("a", 63) + ".a" + "b": "host name aaaa"},
	"dns":           {"": "--dns: an empty value", "ns1": "--dns: ns1 is not an IP address; write one, or none for what the image says", "host": "--dns=host: leave --dns out for the host's name servers", "1.1.1": "--dns: 1.1.1 is not", "fe80::1%a\nb": `--dns: "fe80::1%a\nb" is not`},
	"dns-search":    {"": "--dns-search: an empty value", "a b": `--dns-search: "a b" is not a domain; write one such as example.com`},
	"dns-opt":       {"": "--dns-opt: an empty value", "x\ny": `--dns-opt: "x\ny" is not an option of resolv.conf(5); write one such as ndots:2`},
	"hosts-entry":   {"": `--hosts-entry: an empty value; write --hosts-entry=IP=NAME`, "web=1.1.1.1": "--hosts-entry: web is not an IP address", "1.1.1.1=": `--hosts-entry=1.1.1.1=: write --hosts-entry=IP=NAME`, "1.1.1.1=a b": `--hosts-entry: "a b" is not a host name`},
	"private-users": {"ja": "--private-users=ja: write true or false"},
	"no-overlay":    {"ja": "--no-overlay=ja: write true or false"},
	"pod-manifest":  {"": "--pod-manifest: an empty value", "pod.json": "--pod-manifest=pod.json says which images run; img can't stand beside it"},

	"exec":               {"": "--exec: an empty value", "\x00": `executable "\x00" holds a NUL byte`},
	"signature":          {"": "--signature: an empty value", "\x00": "holds a NUL byte"},
	"name":               {"": "--name: an empty value", "Web_1": "app name Web_1: only lower-case letters, digits and dashes between them, such as web-1"},
	"user":               {"": "--user: an empty value", "1:2": "user 1:2 holds a colon", "-1": "user -1 is not a number from 0 to 2147483647"},
	"group":              {"": "--group: an empty value", "a/b": "group a/b is neither a number, a name nor an absolute path"},
	"supplementary-gids": {"": `--supplementary-gids: an empty value; write --supplementary-gids=GID,…`, "7,wheel": "--supplementary-gids=7,wheel: wheel is not a number; write --supplementary-gids=GID,…", "-1": "supplementary group -1 is not a number from 0 to 4294967294"},
	"working-dir":        {"": "--working-dir: an empty value", "srv": "working folder: srv is not an absolute path"},
	"environment":        {"A": "--environment=A: write --environment=NAME=VALUE", "a b=": `variable "a b": a name starts`},
	"memory":             {"": "--memory: an empty value", "64m": "memory 64m: write a number of bytes", "1": "memory 1 is less than 6Mi", "1.5": "memory 1.5: write a number", "2E": "memory 2E is more than any machine has"},
	"cpu":                {"": "--cpu: an empty value", "half": "cpu half: write cores", "1m": "cpu 1m is not from 10m to 1000 cores"},
	"cpu-shares":         {"": "--cpu-shares: an empty value", "1": "cpu shares 1: write a number from 2 to 262144; an app without has 1024", "much": "cpu shares much"},
	"pids":               {"": "--pids: an empty value", "0": "pids 0: write a number from 1 to 4194304, or max", "-1": "pids -1", "many": "pids many"},
	"restart":            {"": "--restart: an empty value", "maybe": "restart policy maybe: write no, on-failure, on-failure:N or always"},
	"stop-signal":        {"": "--stop-signal: an empty value", "STOPP": "there is no signal STOPP"},
	"stop-timeout":       {"": "--stop-timeout: an empty value", "10": "stop timeout 10: write a duration"},
	"caps-retain":        {"": "--caps-retain: an empty value", "net_admni": "there is no capability net_admni; perhaps CAP_NET_ADMIN is meant", "ponies": "there is no capability ponies; write a name such as CAP_NET_ADMIN or net_admin", "kill,": `--caps-retain=kill,: a name is missing; names stand between single commas`},
	"caps-remove":        {"": "--caps-remove: an empty value", "kil": "there is no capability kil; perhaps CAP_KILL is meant"},
	"seccomp": {
		"": "--seccomp: an empty value", "read": `seccomp: the mode is missing; write mode=retain,CALL,… or mode=remove,CALL,…`, "mode=allow,read": "seccomp mode allow: write mode=retain or mode=remove",
		"mode=retain": "seccomp mode retain names no system call; write mode=retain,CALL,… or mode=retain,@WILDCARD", "mode=retain,errno=EPONY,read": "there is no errno EPONY; write a name such as EPERM",
		"mode=retain,colour=red": "seccomp mode=retain,colour=red: unknown option colour; there are mode and errno", "mode=retain,read,read": "read is given twice", "mode=retain,READ": "READ is not the name of a system call",
		"mode=retain,,read": "an empty name", "mode=remove,@appc.io/all": "mode remove has no wildcard @appc.io/all; there are @appc.io/empty, @docker/default-blacklist, @rkt/default-blacklist",
	},
	"no-new-privileges": {"ja": "--no-new-privileges=ja: write true or false"},
	"readonly-rootfs":   {"ja": "--readonly-rootfs=ja: write true or false"},
	"oom-score-adjust":  {"": "--oom-score-adjust: an empty value", "1001": "oom score 1001: write a number from -1000, which is killed last, to 1000", "high": "oom score high"},
	"rlimit":            {"nofile": "--rlimit=nofile: write --rlimit=NAME=VALUE", "nofiles=1": "there is no rlimit nofiles; perhaps nofile is meant", "ponies=1": "there is no rlimit ponies; there are as, core", "nofile=2:1": "rlimit nofile=2:1: the soft limit is over the hard one", "nofile=-1": "rlimit nofile=-1: write SOFT or SOFT:HARD, each a number or unlimited", "nofile=1:": "rlimit nofile=1:", "cpu=0": "rlimit cpu=0: an app runs for at least 1 second", "cpu=0:5": "rlimit cpu=0:5: an app runs for at least 1 second"},
	"annotation":        {"a": "--annotation=a: write --annotation=NAME=VALUE", "My Note=x": `--annotation: name "My Note": only lower-case letters and digits, with one of -._~/ between them, such as my_note`, "podtui.restart=x": "--annotation: podtui.restart is podtui's own; what it says has a flag", "created=today": "--annotation: created=today: ", "a=\xff": `--annotation: a="\xff" is not UTF-8`},
	"label":             {"a": "--label=a: write --label=NAME=VALUE", "a=\xff": `--label: a="\xff" is not UTF-8`},
}

// formless are flags whose value no form can be wrong of.
var formless = []string{"uuid-file-save"}

func TestWrongValueOfEveryFlagIsOneLineWithWhatWouldBeRight(t *testing.T) {
	t.Parallel()
	for _, f := range RunFlags() {
		if len(wrong[f.Name]) == 0 && !strings.Contains(strings.Join(formless, " "), f.Name) {
			t.Errorf("--%s: no wrong value is tried", f.Name)
		}
		for value, want := range wrong[f.Name] {
			for _, args := range [][]string{{"img", "--" + f.Name + "=" + value}, {"img", "--" + f.Name, value}} {
				if len(args) == 3 && !f.needsValue() {
					continue
				}
				if got := refusal(args); !strings.Contains(got, want) || !isPrintable(got) {
					t.Errorf("%q:\n got %s\nwant %s", args, got, want)
				}
			}
		}
	}
}

// refusal is the line that a command line ends with if it is wrong by form.
func refusal(args []string) string {
	pod, err := Parse(args)
	if usage := (*UsageError)(nil); errors.As(err, &usage) {
		return err.Error()
	}
	if problems := pod.Check(); len(problems) > 0 {
		return problems[0].Message
	}
	return ""
}

func TestWhatCannotStandTogetherIsRefused(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"img --caps-retain=kill --caps-remove=chown":     "--caps-retain and --caps-remove can't stand together: one says all that is kept",
		"img --rlimit=nofile=1 --rlimit=nofile=2":        "--rlimit: nofile is given twice",
		"img --annotation=a=1 --annotation=a=1":          "--annotation: a is given twice",
		"img --label=a=1 --label=a=2":                    "--label: a is given twice",
		"--dns=none --dns=1.1.1.1 img":                   "--dns=none stands alone",
		"--dns=none --dns-search=a.b img":                "--dns=none leaves the image's /etc/resolv.conf; --dns-search and --dns-opt can't stand beside it",
		"--hosts-entry=::1=a --hosts-entry=::1=a img":    "--hosts-entry: ::1=a is given twice",
		"--pod-manifest=a --pod-manifest=b":              "--pod-manifest: a and b; a pod has one manifest",
		"--pod-manifest=a img":                           "--pod-manifest=a says which images run; img can't stand beside it",
		"img --pod-manifest=a":                           "--pod-manifest=a says which images run; img can't stand beside it",
		"--pod-manifest=a --exec=/x":                     "--exec changes an image of the command line; with --pod-manifest=a the manifest says it",
		"--pod-manifest=a --environment=A=b":             "--environment changes an image of the command line",
		"--port=a:80 --private-net=false img":            "--port=a:80 needs a network of the pod's own; add --private-net",
		"--port=a:80 --net=none img":                     "--port=a:80 needs a network of the pod's own; add --private-net",
		"--private-net --net=none img":                   "network none stands alone; the others are default",
		"--private-net --net=default img":                "network default is given twice",
		"--net=a --port=a:80 --port=a:80 img":            "--port=a:80 is given twice",
		"--net=a --port=a:[::1]:8 --port=a:[0::1]:8 img": "--port=a:[0::1]:8 is given twice",
		"--pod-manifest=a -- b":                          "no image stands before it",
		"--pod-manifest=a":                               "the pod manifest a has no app", // as long as nobody has read it
	} {
		if got := refusal(strings.Fields(line)); !strings.Contains(got, want) {
			t.Errorf("%s:\n got %s\nwant %s", line, got, want)
		}
	}
}

// Flags of rkt that podtui has not, each with what to do instead, and those that
// docker and podman call otherwise.
func TestFlagsOfOthersAreToldWithWhatToUseInstead(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"--stage1-name=coreos.com/rkt/stage1-kvm img": "podtui has no --stage1-name as rkt had; it has no stage 1: leave the flag out",
		"--stage1-hash sha512-ab img":                 "it has no stage 1",
		"--stage1-path=/x img":                        "it has no stage 1",
		"--stage1-url=https://x img":                  "it has no stage 1",
		"--stage1-from-dir=x img":                     "it has no stage 1",
		"--stage1-image=x img":                        "it has no stage 1",
		"--ipc=parent img":                            "the apps of a pod share one IPC namespace of their own",
		"img --user-annotation=a=b":                   `userAnnotations; what is meant for the app goes after "--"`,
		"img --user-label=a=b":                        "use --label",
		"--spawn-metadata-service img":                "every pod has its own metadata service",
		"--mds-token=x img":                           "the token is made for each pod and told in AC_METADATA_URL",
		"--tpm img":                                   "starts are not measured into a TPM",
		"img --stdin=stream":                          `use --interactive for input; output is in "podtui logs"`,
		"img --stdout=log":                            `"podtui attach" has both`,
		"--local img":                                 "use --pull-policy=never",
		"--system-config=/x img":                      "use --config-dir",
		"--quiet img":                                 "--output=json",
		"--env A=b img":                               "unknown flag --env; perhaps --set-env is meant",
		"img --env=A=b":                               "perhaps --environment is meant",
		"--env-file=x img":                            "perhaps --set-env-file is meant",
		"img --cap-add=NET_ADMIN":                     "perhaps --caps-retain is meant",
		"img --cap-drop=all":                          "perhaps --caps-remove is meant",
		"img --ulimit nofile=1":                       "perhaps --rlimit is meant",
		"img --pids-limit=1":                          "perhaps --pids is meant",
		"img --read-only":                             "perhaps --readonly-rootfs is meant",
		"img --entrypoint x":                          "perhaps --exec is meant",
		"--network=host img":                          "perhaps --net is meant",
		"--tmpfs /x img":                              "perhaps --volume is meant",
		"img --oom-score-adj=1":                       "perhaps --oom-score-adjust is meant",
		"img --group-add=1":                           "perhaps --supplementary-gids is meant",
		"--add-host=a:1 img":                          "perhaps --hosts-entry is meant",
		"img --security-opt=x":                        "perhaps --seccomp is meant",
		"--publish 80:80 img":                         "perhaps --port is meant",
	} {
		if got := refusal(strings.Fields(line)); !strings.Contains(got, want) || !isPrintable(got) {
			t.Errorf("%s:\n got %s\nwant %s", line, got, want)
		}
	}
}

// What elsewhere and notHere name is there.
func TestFlagsThatAreNamedInsteadAreThere(t *testing.T) {
	t.Parallel()
	var names []string
	for _, f := range RunFlags() {
		names = append(names, " "+f.Name+" ")
	}
	all := strings.Join(names, "") + " config-dir  output "
	for _, flag := range strings.Fields(`-v -e -i -d -p -w -u -m -h --env --tty --publish --workdir --env-file --entrypoint --cpus --pids-limit --ulimit --cap-add --cap-drop
		--security-opt --read-only --oom-score-adj --group-add --add-host --dns-option --network --userns --tmpfs --cidfile --pull`) {
		if ours := newParser(nil).elsewhere(flag); !strings.Contains(all, " "+ours+" ") {
			t.Errorf("%s: %q", flag, ours)
		}
		if strings.Contains(all, " "+strings.TrimLeft(flag, "-")+" ") {
			t.Errorf("%s is ours", flag)
		}
	}
}
