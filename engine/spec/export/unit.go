package export

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/spec"
)

// SystemdUnit is a service of systemd that runs a pod with podtui. Command is the line
// that does, word by word. Unsaid is what a service makes otherwise than whoever calls
// podtui himself.
//
// A stop is SIGTERM to podtui alone, which has its apps end in their own ways and time;
// what is left after that is killed. An app that ends by its stop signal has done what it
// was asked to, so that status is a success.
func SystemdUnit(pod spec.Pod, command []string) (unit []byte, unsaid []string) {
	notes := unitNotes(pod)
	var b strings.Builder
	comment(&b, "", "A pod of podtui as a service of systemd, made of the line in ExecStart=.")
	for _, note := range notes {
		comment(&b, "", "- "+note)
	}
	fmt.Fprintf(&b, "[Unit]\nDescription=%s\nWants=network-online.target\nAfter=network-online.target\n", description(pod))
	b.WriteString("\n[Service]\nType=exec\n")
	if pod.Name != "" { // the pod that ran before has it until it is gone
		fmt.Fprintf(&b, "ExecStartPre=-%s\n", unitLine(remove(pod.Name, command), " "))
	}
	fmt.Fprintf(&b, "ExecStart=%s\n", unitLine(command, continued))
	timeout, signals := ends(pod)
	fmt.Fprintf(&b, "KillMode=mixed\nTimeoutStopSec=%d\n", int((timeout+time.Second-1)/time.Second)+graceForPodtui)
	b.WriteString("SuccessExitStatus=" + strings.Join(signals, " ") + "\n")
	b.WriteString("# Should Restart= be added: a line or an executable that is wrong stays wrong.\nRestartPreventExitStatus=2 126 127\n")
	b.WriteString("Delegate=yes\n\n[Install]\nWantedBy=multi-user.target\n")
	return []byte(b.String()), notes
}

// remove is the command that makes room for the next pod of the name, in the same place.
func remove(name string, command []string) []string {
	words := command[:1:1]
	for _, word := range command[1:max(1, slices.Index(command, "run"))] {
		if strings.HasPrefix(word, "--dir=") || strings.HasPrefix(word, "--config-dir=") {
			words = append(words, word)
		}
	}
	return append(words, "rm", name)
}

// graceForPodtui is how many seconds podtui has beyond what its apps have.
const graceForPodtui = 15

// statusOfSignal is what a program that ended by a signal ends with in a shell, and podtui.
const statusOfSignal = 128

// ends is how long the apps may take to end, and what podtui ends with when they were
// asked to.
func ends(pod spec.Pod) (timeout time.Duration, statuses []string) {
	apps := pod.Apps
	if len(apps) == 0 { // its manifest has them
		apps = []spec.App{{}}
	}
	for _, app := range apps {
		own, _ := spec.ParseStopTimeout(app.StopTimeout)
		timeout = max(timeout, own)
		signal, _ := spec.ParseSignal(app.StopSignal)
		if status := number(int64(statusOfSignal + signal)); !slices.Contains(statuses, status) {
			statuses = append(statuses, status)
		}
	}
	return timeout, statuses
}

// description names the pod and its images, on one line.
func description(pod spec.Pod) string {
	var images []string
	for _, app := range pod.Apps {
		images = append(images, cmp.Or(app.ImageName, app.Image))
	}
	const most = 120
	text := strings.TrimSpace("Pod " + pod.Name)
	if list := printable(strings.Join(images, ", ")); list != "" {
		text += ": " + list
	}
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return strings.TrimRight(strings.ReplaceAll(text, "%", "%%"), `\`)
}

func unitNotes(pod spec.Pod) notes {
	var n notes
	if pod.ManifestFile == "-" {
		n.add("its manifest comes from standard input, which a service hasn't: save it, and name the file in --pod-manifest=")
	}
	for _, path := range relative(pod) {
		n.add("%s is looked for in /, where services start; write the whole path", show(path))
	}
	if pod.Interactive {
		n.add("a service has no input, and no terminal")
	}
	if pod.InheritEnv {
		n.add("apps inherit the environment of systemd")
	}
	valued := func(list []spec.Var) bool { return len(list) > 0 }
	if valued(pod.Env) || slices.ContainsFunc(pod.Apps, func(a spec.App) bool { return valued(a.Env) }) {
		n.add("everybody on the host can read values of variables here; --set-env-file=FILE keeps them apart")
	}
	return n
}

// relative are the paths of the host that whoever called podtui wrote from where he was.
func relative(pod spec.Pod) (paths []string) {
	add := func(path string) {
		if path != "" && path != "-" && !strings.HasPrefix(path, "/") && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	add(pod.ManifestFile)
	for _, file := range pod.EnvFiles {
		add(file)
	}
	for _, app := range pod.Apps {
		add(app.Signature)
		ref, err := imageref.Parse(app.Image, nil)
		if err == nil && ref.Kind == imageref.Path {
			add(app.Image)
		}
	}
	return paths
}
