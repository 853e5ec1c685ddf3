package cli

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/text"
)

// planPod is --dry-run: the pod is checked and shown, and nothing is made. Flags
// that say what becomes of a pod that runs mean nothing then.
func (p *program) planPod(ctx context.Context, pod spec.Pod, f front) error {
	e, err := p.openFor(ctx, pod, &f)
	if err != nil {
		return err
	}
	if e == nil {
		err := engine.PlanOfNothing(pod, p.output().Event)
		return &statusError{engine.ExitStatus(err), err}
	}
	defer e.Close()
	var plan engine.Plan
	err = batch.Interruptible(ctx, func(ctx context.Context) (err error) {
		o := p.runOptions()
		o.Around = f.around
		plan, err = e.Plan(ctx, pod, o, p.output().Event)
		return err
	})
	if err != nil {
		return &statusError{engine.ExitStatus(err), err}
	}
	if p.globals.json() { // the engine has told it
		return nil
	}
	return p.println(planText(plan))
}

// planText is a plan for people: a line for each thing, what it is, what it will
// be, and where that comes from.
func planText(plan engine.Plan) string {
	var t planLines
	t.pod(plan)
	for _, app := range plan.Apps {
		t.app(app)
	}
	for _, v := range plan.Volumes {
		t.head("volume "+v.Name, volumeWords(v))
	}
	return strings.Join(t, "\n")
}

type planLines []string

// planColumn is where values begin.
const planColumn = 16

// head begins what further lines tell more of.
func (t *planLines) head(what, value string) {
	*t = append(*t, strings.TrimRight(text.Pad(text.Escape(what), planColumn-1)+" "+text.Escape(value), " "))
}

// add adds a line, with what is known of where its value comes from.
func (t *planLines) add(what, value string, from ...string) {
	if origin := joinWords("; ", from...); origin != "" {
		value = strings.TrimLeft(value+"  ("+origin+")", " ")
	}
	t.head("  "+what, value)
}

// maybe is add for what there may be none of.
func (t *planLines) maybe(what, value string, from ...string) {
	if value != "" {
		t.add(what, value, from...)
	}
}

func (t *planLines) setting(what string, s spec.Setting) {
	t.add(what, s.Value, string(s.From), instead(s))
}

// instead is what an image alone would have given.
func instead(s spec.Setting) string {
	if s.Image == "" || s.From == spec.FromImage {
		return ""
	}
	return "image: " + s.Image
}

func (t *planLines) pod(plan engine.Plan) {
	t.head("pod", plan.Name)
	if plan.Hostname.Value == "" {
		plan.Hostname.Value = "podtui-…"
	}
	t.setting("hostname", plan.Hostname)
	t.add("network", strings.Join(plan.Networks, ","))
	for _, p := range plan.Ports {
		t.add("port", portWords(p), p.Name)
	}
	t.add("on failure", string(plan.OnFailure))
	for _, on := range []struct {
		is   bool
		what string
	}{
		{plan.Interactive, "interactive"}, {plan.PrivateUsers, "private users"},
		{plan.NoOverlay, "no overlay"}, {plan.Metadata, "metadata"},
	} {
		if on.is {
			t.add(on.what, "yes")
		}
	}
	for _, limit := range limitWords(plan.Limits) {
		t.add("limit", limit, "of all apps together")
	}
	for _, name := range slices.Sorted(maps.Keys(plan.Sysctls)) {
		t.add("sysctl", name+"="+plan.Sysctls[name])
	}
	t.maybe("insecure", strings.Join(plan.Insecure, ","))
}

func (t *planLines) app(app engine.PlannedApp) {
	verified := ""
	if app.Unverified {
		verified = ", not verified"
	}
	t.head("app "+app.Name.Value, app.ImageName+verified)
	t.add("image", app.ImageID, "asked for as "+app.Image)
	t.setting("name", app.Name)
	arguments := ""
	if app.OwnArgs > 0 {
		arguments = text.Count(app.OwnArgs, "argument") + " of the app"
	}
	t.add("exec", spec.Quote(app.Exec), string(app.ExecFrom), arguments)
	t.setting("user", app.User)
	t.setting("group", app.Group)
	t.maybe("groups", strings.Trim(fmt.Sprint(app.Groups), "[]"))
	t.setting("folder", app.WorkingDir)
	for _, v := range app.Env {
		if v.Name == spec.MetadataURL {
			v.Value = "…" // known once the pod runs
		}
		t.add("env", v.Name+"="+v.Value, string(v.From), overWords(v))
	}
	for _, i := range app.Isolators {
		t.add("isolator", i.Name+" "+i.Value, string(i.From), instead(spec.Setting{From: i.From, Image: i.Image}))
	}
	for _, b := range app.Bindings {
		t.add("mount", b.Path, "volume "+b.Volume, bindingWords(b))
	}
	for _, file := range app.Files {
		t.add("file", file.Path, string(file.From), file.Value)
	}
	t.maybe("pre-start", spec.Quote(app.Handlers.PreStart))
	t.maybe("post-stop", spec.Quote(app.Handlers.PostStop))
	t.add("restart", app.Life.Restart.String())
	t.add("stop", fmt.Sprintf("%s, SIGKILL after %v", signalName(app.Life.StopSignal), app.Life.StopTimeout))
}

// overWords are the values that a variable's won over.
func overWords(v spec.EnvVar) string {
	words := make([]string, len(v.Over))
	for i, over := range v.Over {
		words[i] = string(over.From) + ": " + over.Value
	}
	return strings.Join(words, ", ")
}

func bindingWords(b spec.Binding) string {
	point, access := "", ""
	if b.MountPoint != "" {
		point = "mount point " + b.MountPoint
	}
	if b.ReadOnly {
		access = "read-only"
	}
	return joinWords("; ", string(b.From), point, access)
}

func volumeWords(v spec.Volume) string {
	words := []string{strings.TrimSpace(v.Kind + " " + v.Source)}
	if v.ReadOnly != nil {
		words = append(words, "readOnly="+strconv.FormatBool(*v.ReadOnly))
	}
	if v.Recursive != nil {
		words = append(words, "recursive="+strconv.FormatBool(*v.Recursive))
	}
	for _, o := range []struct{ name, value string }{{"medium", v.Medium}, {"size", v.Size}, {"mode", v.Mode}, {"uid", idOf(v.UID)}, {"gid", idOf(v.GID)}} {
		if o.value != "" {
			words = append(words, o.name+"="+o.value)
		}
	}
	return strings.Join(words, ", ")
}

func signalName(n int) string {
	if name := unix.SignalName(unix.Signal(n)); name != "" {
		return name
	}
	return "signal " + strconv.Itoa(n)
}

func idOf(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

func limitWords(l spec.Limits) []string {
	var words []string
	for _, limit := range []struct {
		name  string
		value int64
	}{
		{"memory", l.Memory}, {"memory request", l.MemoryRequest}, {"cpu (thousandths)", l.CPU}, {"cpu shares", l.CPUShares},
		{"pids", l.PIDs}, {"block bandwidth", l.BlockBandwidth}, {"block operations", l.BlockIOPS},
	} {
		if limit.value > 0 {
			words = append(words, fmt.Sprintf("%s %d", limit.name, limit.value))
		}
	}
	return words
}

// joinWords joins what is not empty.
func joinWords(between string, words ...string) string {
	var some []string
	for _, word := range words {
		if word != "" {
			some = append(some, word)
		}
	}
	return strings.Join(some, between)
}

// portWords is a published port, or a range: "tcp 127.0.0.1:8080 → 80".
func portWords(p spec.Published) string {
	host, pod := strconv.Itoa(p.HostPort), strconv.Itoa(p.Port)
	if p.Count > 1 {
		host += "-" + strconv.Itoa(p.HostPort+p.Count-1)
		pod += "-" + strconv.Itoa(p.Port+p.Count-1)
	}
	if p.HostIP != "" {
		host = net.JoinHostPort(p.HostIP, host)
	}
	return p.Protocol + " " + host + " → " + pod
}
