package spec

import "strconv"

// CommandLine is the pod as what follows "run", in one canonical form: flags of
// the pod, then each image with its flags and arguments. Parse reads it back to
// an equal pod if Check finds no problem and Unsupported nothing. Of any other
// pod, such as one that a form is still filling, it shows what there is.
func (p Pod) CommandLine() []string {
	var line []string
	if p.Name != "" {
		line = append(line, "--pod-name="+p.Name)
	}
	if p.InheritEnv {
		line = append(line, "--inherit-env")
	}
	line = appendEnv(line, "--set-env=", p.Env)
	for _, v := range p.Volumes {
		line = append(line, v.flag())
	}
	line = appendMounts(line, p.Mounts)
	for _, name := range p.Network.Names {
		line = append(line, "--net="+name)
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
	for i, app := range p.Apps {
		line = app.appendTo(line, i == len(p.Apps)-1)
	}
	return line
}

// appendTo adds the app. Only the last app's arguments may end with the line.
func (a App) appendTo(line []string, last bool) []string {
	line = append(line, a.Image)
	for _, f := range []struct{ flag, value string }{
		{"--signature=", a.Signature}, {"--name=", a.Name}, {"--exec=", a.Exec},
		{"--user=", a.User}, {"--group=", a.Group}, {"--working-dir=", a.WorkingDir},
		{"--memory=", a.Memory}, {"--cpu=", a.CPU}, {"--restart=", a.Restart},
		{"--stop-signal=", a.StopSignal}, {"--stop-timeout=", a.StopTimeout},
	} {
		if f.value != "" {
			line = append(line, f.flag+f.value)
		}
	}
	line = appendEnv(line, "--environment=", a.Env)
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

func appendEnv(line []string, flag string, env []Var) []string {
	for _, v := range env {
		line = append(line, flag+v.Name+"="+v.Value)
	}
	return line
}

func appendMounts(line []string, mounts []Mount) []string {
	for _, m := range mounts {
		line = append(line, "--mount="+joinOption("volume", m.Volume)+","+joinOption("target", m.Path))
	}
	return line
}

func (v Volume) flag() string {
	text := "--volume=" + v.Name
	for _, o := range []option{{"kind", v.Kind}, {"source", v.Source}} {
		if o.value != "" {
			text += "," + joinOption(o.name, o.value)
		}
	}
	if v.ReadOnly != nil {
		text += ",readOnly=" + strconv.FormatBool(*v.ReadOnly)
	}
	if v.Recursive != nil {
		text += ",recursive=" + strconv.FormatBool(*v.Recursive)
	}
	return text
}
