package spec

import (
	"strconv"
	"strings"
)

// CommandLine is the pod as what follows "run", in one canonical form: flags of
// the pod, then each image with its flags and arguments. Parse reads it back to
// an equal pod if Check finds no problem. Of any other pod, such as one that a form
// is still filling, it shows what there is.
//
// A pod that came from a manifest has --pod-manifest in place of images and what
// only a manifest can say: Parse and WithManifest give an equal pod.
func (p Pod) CommandLine() []string {
	var line []string
	if p.ManifestFile != "" {
		line = append(line, "--pod-manifest="+p.ManifestFile)
	}
	if p.Name != "" {
		line = append(line, "--pod-name="+p.Name)
	}
	if p.InheritEnv {
		line = append(line, "--inherit-env")
	}
	line = appendAll(line, "--set-env-file=", p.EnvFiles)
	line = appendVars(line, "--set-env=", p.Env)
	for _, v := range p.Volumes {
		line = append(line, v.flag())
	}
	line = appendMounts(line, p.Mounts)
	for _, name := range p.Network.Names {
		line = append(line, "--net="+name)
	}
	for _, port := range p.Ports {
		line = append(line, port.flag())
	}
	line = p.appendHostFiles(line)
	for _, f := range []struct {
		flag string
		on   bool
	}{{"--private-users", p.PrivateUsers}, {"--no-overlay", p.NoOverlay}} {
		if f.on {
			line = append(line, f.flag)
		}
	}
	if p.OnFailure != "" {
		line = append(line, "--on-failure="+string(p.OnFailure))
	}
	if p.Interactive {
		line = append(line, "--interactive")
	}
	if p.RegisterMDS != nil {
		line = append(line, "--register-mds="+strconv.FormatBool(*p.RegisterMDS))
	}
	if p.Pull != "" {
		line = append(line, "--pull-policy="+string(p.Pull))
	}
	if p.VerifyImage {
		line = append(line, "--verify-image")
	}
	if p.ManifestFile != "" {
		return line
	}
	for i, app := range p.Apps {
		line = app.appendTo(line, i == len(p.Apps)-1)
	}
	return line
}

func (p Pod) appendHostFiles(line []string) []string {
	if p.Hostname != "" {
		line = append(line, "--hostname="+p.Hostname)
	}
	line = appendAll(line, "--dns=", p.DNS.Servers)
	line = appendAll(line, "--dns-search=", p.DNS.Search)
	line = appendAll(line, "--dns-opt=", p.DNS.Options)
	for _, entry := range p.HostsEntries {
		line = append(line, "--hosts-entry="+entry.IP+"="+entry.Name)
	}
	return line
}

// appendTo adds the app. Only the last app's arguments may end with the line.
func (a App) appendTo(line []string, last bool) []string {
	line = append(line, a.Image)
	for _, f := range []struct{ flag, value string }{
		{"--signature=", a.Signature}, {"--name=", a.Name}, {"--exec=", a.Exec},
		{"--user=", a.User}, {"--group=", a.Group}, {"--supplementary-gids=", joinNumbers(a.SupplementaryGIDs)},
		{"--working-dir=", a.WorkingDir},
		{"--memory=", a.Memory}, {"--cpu=", a.CPU}, {"--cpu-shares=", a.CPUShares}, {"--pids=", a.PIDs},
		{"--caps-retain=", strings.Join(a.CapsRetain, ",")}, {"--caps-remove=", strings.Join(a.CapsRemove, ",")},
		{"--seccomp=", a.Seccomp}, {"--no-new-privileges=", showOptional(a.NoNewPrivileges)},
		{"--readonly-rootfs=", showOptional(a.ReadOnlyRoot)}, {"--oom-score-adjust=", a.OOMScoreAdj},
		{"--restart=", a.Restart}, {"--stop-signal=", a.StopSignal}, {"--stop-timeout=", a.StopTimeout},
	} {
		if f.value != "" {
			line = append(line, f.flag+f.value)
		}
	}
	line = appendVars(line, "--rlimit=", a.Rlimits)
	line = appendVars(line, "--annotation=", a.Annotations)
	line = appendVars(line, "--label=", a.Labels)
	line = appendVars(line, "--environment=", a.Env)
	line = appendMounts(line, a.Mounts)
	if len(a.Args) == 0 {
		return line
	}
	line = append(append(line, "--"), a.Args...)
	if !last {
		line = append(line, "---")
	}
	return line
}

func appendVars(line []string, flag string, vars []Var) []string {
	for _, v := range vars {
		line = append(line, flag+v.Name+"="+v.Value)
	}
	return line
}

func appendAll(line []string, flag string, values []string) []string {
	for _, value := range values {
		line = append(line, flag+value)
	}
	return line
}

func joinNumbers(numbers []int) string {
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, ",")
}

func appendMounts(line []string, mounts []Mount) []string {
	for _, m := range mounts {
		line = append(line, "--mount="+joinOption("volume", m.Volume)+","+joinOption("target", m.Path))
	}
	return line
}
