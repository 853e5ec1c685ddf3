package spec

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The examples of rkt's manual, to the letter: prompts, comments and output too.
func TestExamplesOfRktsManualArePods(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("testdata/rkt-run.md")
	if err != nil {
		t.Fatal(err)
	}
	want := []struct{ pod, beside string }{
		{"coreos.com/etcd:v2.0.0", ""},
		{"sha512-fa1cb92dc276b0f9bedf87981e61ecde", ""},
		{"https://github.com/coreos/etcd/releases/download/v2.0.0/etcd-v2.0.0-linux-amd64.aci", ""},
		{"docker://quay.io/coreos/etcd:v2.0.0", "--insecure-skip-verify"},
		{"docker://busybox --exec=/bin/date", "--insecure-skip-verify"},
		{"example.com/worker -- --loglevel verbose --- example.com/syncer -- --interval 30s", ""},
		{"example.com/worker --exec=/bin/ov -- --loglevel verbose --- example.com/syncer --exec=/bin/syncer2 -- --interval 30s", ""},
		{"--inherit-env --set-env=FOO=bar --set-env=EXAMPLE_OVERRIDE=over example.com/env-printer", "EXAMPLE_ENV=hello EXAMPLE_OVERRIDE=under"},
		{"coreos.com/etcd:v2.0.0", "--insecure-skip-verify"},
		{"--volume=work,kind=host,source=/opt/tenant1/work example.com/reduce-worker example.com/worker-backup", ""},
		{"--net=default coreos.com/etcd:v2.0.0", ""},
	}
	for _, example := range strings.Split(string(manual), "```")[1:] {
		if !strings.Contains(example, "rkt ") || !strings.HasPrefix(example, "\n# ") {
			continue
		}
		if len(want) == 0 {
			t.Fatalf("more examples: %s", example)
		}
		line, err := ReadLine(example)
		got := strings.Join(line.Pod.CommandLine(), " ")
		if beside := strings.Trim(fmt.Sprint(line.Beside), "[]"); err != nil || got != want[0].pod || beside != want[0].beside || line.Verb != "run" {
			t.Errorf("%s: got %s beside %s, %v; want %s beside %s", example, got, beside, err, want[0].pod, want[0].beside)
		}
		want = want[1:]
	}
	if len(want) > 0 {
		t.Errorf("no example of %v", want)
	}
}

func TestLinesAreFoundWhereverPeopleCopyThem(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"podtui's own":             "podtui --batch run --net=none img --name=a",
		"rkt's":                    "rkt run --net=none img --name=a",
		"by a path":                "/usr/local/bin/rkt run --net=none img --name=a",
		"by a relative path":       "./bin/podtui run --net=none img --name=a",
		"prepare":                  "podtui prepare --net=none img --name=a",
		"sudo":                     "sudo podtui run --net=none img --name=a",
		"sudo with flags":          "sudo -E -n -- podtui run --net=none img --name=a",
		"doas":                     "doas podtui run --net=none img --name=a",
		"prompt of root":           "# podtui run --net=none img --name=a",
		"prompt":                   "$ sudo podtui run --net=none img --name=a\n",
		"prompt of bash":           "root@host:~# podtui run --net=none img --name=a",
		"prompt of fedora":         "[me@host ~]$ sudo podtui run --net=none img --name=a",
		"prompt of zsh":            "host% podtui run --net=none img --name=a",
		"prompt of fish":           "me@host ~> sudo podtui run --net=none img --name=a",
		"indented":                 "    podtui run --net=none \\\n      img --name=a\n",
		"continued":                "podtui run \\\n  --net=none \\\n  img \\\n  --name=a",
		"continued with a prompt":  "$ podtui run \\\n> --net=none \\\n> img --name=a\nhello\n",
		"line breaks of terminals": "podtui run \\\r  --net=none img --name=a\r",
		"line breaks of Windows":   "podtui run \\\r\n  --net=none img --name=a\r\n",
		"comment above":            "# podtui run is what runs it\npodtui run --net=none img --name=a",
		"comment behind":           "podtui run --net=none img --name=a # as root",
		"another command above":    "podtui fetch img\npodtui run --net=none img --name=a",
		"output":                   "podtui: it's pasted\n$ podtui run --net=none img --name=a\npodtui: don't\n",
		"quotes":                   `podtui run "--net=none" im'g' --name=\a`,
		"a value apart":            "podtui run --net none img --name a",
	} {
		line, err := ReadLine(text)
		if got := strings.Join(line.Pod.CommandLine(), " "); err != nil || got != "--net=none img --name=a" {
			t.Errorf("%s: got %s, %v", name, got, err)
		}
	}
}

// What isn't of the pod comes back beside it, wherever it stands.
func TestWhatIsNotOfThePodIsToldBesideIt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"podtui run img": "[]",
		"podtui --batch --dir /d run img --config-dir=/c":                                                 "[--batch --dir=/d --config-dir=/c]",
		"podtui run --dir=/d img --dir=/e":                                                                "[--dir=/e]",
		"podtui --batch --batch=false run img --debug=0":                                                  "[]",
		"podtui --insecure-options=tls --insecure-skip-verify=true run img --insecure-options=image,http": "[--insecure-options=tls --insecure-skip-verify --insecure-options=image,http]",
		"rkt --local-config=/c --trust-keys-from-https run --detach img --uuid-file-save=/u":              "[--local-config=/c --trust-keys-from-https --detach --uuid-file-save=/u]",
		"podtui --output=json --batch run --dry-run img -- --dir=/x":                                      "[--output=json --batch --dry-run]",
		"FOO='a b' PODTUI_DIR=/d podtui run img":                                                          "['FOO=a b' PODTUI_DIR=/d]",
		"sudo A=1 env B= podtui run --inherit-env img":                                                    "[A=1 B=]",
		"export A=1 B=2\n# export C\n  export D=3 # x\npodtui run img\nexport E=5":                        "[A=1 B=2 D=3]",
		"echo A=1\npodtui run img":                                                                        "[]",
	} {
		line, err := ReadLine(text)
		if got := fmt.Sprint(line.Beside); err != nil || got != want || len(line.Pod.Apps) != 1 {
			t.Errorf("%s: got %s, %v; want %s", text, got, err, want)
		}
	}
	line, err := ReadLine("A=1 podtui --dir=/d run img")
	if want := []Beside{{"A", "1"}, {"--dir", "/d"}}; err != nil || !slices.Equal(line.Beside, want) || !want[0].Variable() || want[1].Variable() {
		t.Errorf("%+v, %v", line, err)
	}
}

func TestALineOfAManifestNamesItsFile(t *testing.T) {
	t.Parallel()
	line, err := ReadLine("podtui --batch prepare --pod-manifest=./p.json --net=none")
	if err != nil || line.Verb != "prepare" || !reflect.DeepEqual(line.Pod, Pod{ManifestFile: "./p.json", Network: Network{[]string{"none"}}}) {
		t.Errorf("%+v, %v", line, err)
	}
}

func TestWhatIsWrongWithALineIsToldInOne(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                                  "nothing but blanks was pasted",
		" \n\t\r\n":                                         "nothing but blanks was pasted",
		"hello world":                                       "no command line of podtui or rkt in this; it begins with hello",
		"docker run -it alpine":                             "a line of docker; podtui takes its own and rkt's, in which such an image is docker://IMAGE",
		"podtui":                                            "podtui alone makes no pod; paste a line of run or prepare",
		"rkt fetch img":                                     "rkt fetch makes no pod; paste a line of run or prepare",
		"podtui run-prepared web":                           "podtui run-prepared makes no pod; paste a line of run or prepare",
		"podtui --batch run":                                "podtui run names no image; write it behind the flags of the pod",
		"podtui run --net=none":                             "podtui run names no image",
		"podtui --net=none run img":                         "--net=none stands after the command: podtui run --net=none",
		"podtui --nett=none run img":                        "unknown flag --nett",
		"podtui --insecure-option=http run img":             "unknown flag --insecure-option; perhaps --insecure-options is meant",
		"rkt --system-config=/x run img":                    "podtui has no --system-config as rkt had; use --config-dir",
		"rkt run --stage1-path=/x img":                      "podtui has no --stage1-path as rkt had; it has no stage 1: leave the flag out",
		"podtui run --vollume=x img":                        "unknown flag --vollume; perhaps --volume is meant",
		"podtui run --help img":                             "--help: it shows help, and runs nothing; paste the line without it",
		"podtui --batch=perhaps run img":                    "--batch: --batch=perhaps: write true or false",
		"podtui run img --volume":                           "--volume has no value",
		"podtui run img | tee log":                          "after img: | leads to another command",
		"podtui run img &&\n  echo done":                    "after img: && begins another command",
		"# x\n$ podtui run \\\n>  img $HOME":                "line 3: after img: $HOME stands for something",
		"podtui run a\npodtui run b":                        "lines 1 and 2 are both command lines; paste one",
		"$ podtui run a \\\n  -- 1\nout\n\n$ rkt prepare b": "lines 1 and 5 are both command lines; paste one",
		"sudo -u me podtui run img":                         "sudo -u in front of podtui: paste the line from podtui on",
		"env -i podtui run img":                             "env -i in front of podtui: paste the line from podtui on",
		"~/podtui run img":                                  "~ is a home folder to a shell; write its path",
		"$HOME/go/bin/rkt run img":                          "$HOME/go/bin/rkt stands for something that only a shell knows",
		"podtui run 'img":                                   "after run: a quote is opened and not closed",
		"podtui run img \\":                                 "after img: the line ends with a backslash",
		"podtui run a\x00b":                                 "a NUL byte",
		"podtui run " + strings.Repeat("a", MaxLine):        "131083 bytes were pasted; a command line has at most 131072",
	} {
		line, err := ReadLine(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, %v; want %s", text, line, err, want)
			continue
		}
		checkUsage(t, err)
	}
}

// A form writes its pod as a line, and whoever pastes it has the form again, however the
// line was broken.
func TestALineOfAPodIsThatPodAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pod := validPod().Draw(t, "pod")
		words := slices.Concat([]string{"podtui", "--batch", "--dir=/a b", "run"}, pod.CommandLine())
		if rapid.Bool().Draw(t, "rkt") {
			words[0] = "/usr/bin/rkt"
		}
		text := rapid.SampledFrom([]string{"", "# ", "root@h:~# ", "$ sudo "}).Draw(t, "prompt")
		for _, word := range words {
			text += Quote([]string{word}) + rapid.SampledFrom([]string{" ", "  ", "\t", " \\\n", " \\\r\n  "}).Draw(t, "between")
		}
		line, err := ReadLine(text + rapid.SampledFrom([]string{"", "\n", "# end", "\npodtui: 'x\n"}).Draw(t, "end"))
		if err != nil || !reflect.DeepEqual(line.Pod, pod) || fmt.Sprint(line.Beside) != "[--batch --dir='/a b']" {
			t.Fatalf("%s\n got %+v, %v\nwant %+v", text, line, err, pod)
		}
	})
}

func FuzzReadLine(f *testing.F) {
	for _, s := range []string{
		"# Run by name\n# rkt run coreos.com/etcd:v2.0.0", "A=1 sudo -E env B=2 ./podtui --batch run \\\r\n> img -- 'a b' --- $'\\n'\nout", "export A=~\npodtui prepare --dir x --pod-manifest=-",
		"podtui run --volume=v,kind=host,\"source=/a,b\" --port=http:[::1]:80 img # x", "a$ b# c> d% rkt --insecure-options=image run --net=none i\n\n$ podtui fetch x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		line, err := ReadLine(text)
		if err != nil {
			checkUsage(t, err)
			return
		}
		if !makesPod(line.Verb) {
			t.Fatalf("%q: %+v", text, line)
		}
		checkStable(t, line.Pod.CommandLine())
		if line.Pod.Check() != nil {
			return
		}
		words := []string{"podtui"}
		for _, b := range line.Beside {
			if !b.Variable() {
				words = append(words, b.String())
			}
		}
		again, err := ReadLine(strings.Join(words, " ") + " " + line.Verb + " " + Quote(line.Pod.CommandLine()))
		if err != nil || !reflect.DeepEqual(again.Pod, line.Pod) {
			t.Fatalf("%q:\n%+v became\n%+v, %v", text, line, again, err)
		}
	})
}
