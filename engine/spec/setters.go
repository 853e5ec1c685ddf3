package spec

import (
	"slices"
	"strings"
)

func setInheritEnv(p *parser, value string) (err error) {
	p.pod.InheritEnv, err = parseBool("--inherit-env", value)
	return err
}

func setEnv(p *parser, value string) error {
	return addVar(&p.pod.Env, "--set-env", value)
}

func setAppEnv(p *parser, value string) error {
	return addVar(&p.app().Env, "--environment", value)
}

// addVar reads NAME=VALUE. A name that comes twice is a mistake, not a change
// of mind (contract, section 3).
func addVar(env *[]Var, flag, value string) error {
	whole := value
	name, value, ok := strings.Cut(value, "=")
	switch {
	case whole == "":
		return usage("%s: an empty value; write %s=NAME=VALUE", flag, flag)
	case !ok || name == "":
		return usage("%s=%s: write %s=NAME=VALUE", flag, show(whole), flag)
	}
	if slices.ContainsFunc(*env, func(v Var) bool { return v.Name == name }) {
		return usage("%s: %s is given twice", flag, show(name))
	}
	*env = append(*env, Var{Name: name, Value: value})
	return nil
}

func setExec(p *parser, value string) error { return setText(&p.app().Exec, "--exec", value) }
func setName(p *parser, value string) error { return setText(&p.app().Name, "--name", value) }
func setUser(p *parser, value string) error { return setText(&p.app().User, "--user", value) }

func setGroup(p *parser, value string) error { return setText(&p.app().Group, "--group", value) }

func setWorkingDir(p *parser, value string) error {
	return setText(&p.app().WorkingDir, "--working-dir", value)
}

func setPodName(p *parser, value string) error {
	if value == "" {
		return usage("--pod-name: an empty value; leave the flag out for a pod without a name")
	}
	p.pod.Name = value
	return nil
}

func setInteractive(p *parser, value string) (err error) {
	p.pod.Interactive, err = parseBool("--interactive", value)
	return err
}

func setOnFailure(p *parser, value string) error {
	if value == "" {
		return usage("--on-failure: an empty value; write stop or continue")
	}
	p.pod.OnFailure = OnFailure(value)
	return nil
}

func setPrivateUsers(p *parser, value string) (err error) {
	p.pod.PrivateUsers, err = parseBool("--private-users", value)
	return err
}

func setNoOverlay(p *parser, value string) (err error) {
	p.pod.NoOverlay, err = parseBool("--no-overlay", value)
	return err
}

func setPodManifest(p *parser, value string) error {
	if value == "" {
		return usage("--pod-manifest: an empty value; write the manifest's file, or - for standard input")
	}
	if p.pod.ManifestFile != "" && p.pod.ManifestFile != value {
		return usage("--pod-manifest: %s and %s; a pod has one manifest", show(p.pod.ManifestFile), show(value))
	}
	p.pod.ManifestFile = value
	return nil
}

func addEnvFile(p *parser, value string) error {
	if value == "" {
		return usage("--set-env-file: an empty value; write the file's name")
	}
	p.pod.EnvFiles = append(p.pod.EnvFiles, value)
	return nil
}

func setSignature(p *parser, value string) error {
	if value == "" {
		return usage("--signature: an empty value; leave the flag out for the signature at the image's source")
	}
	p.app().Signature = value
	return nil
}

// setText takes the last of several, as everybody's flags do. It takes no empty
// value: in a Pod that means that nothing was said.
func setText(field *string, flag, value string) error {
	if value == "" {
		return usage("%s: an empty value; leave the flag out for what the image says", flag)
	}
	*field = value
	return nil
}

func setRegisterMDS(p *parser, value string) error {
	return setSwitch(&p.pod.RegisterMDS, "--register-mds", value)
}

// addMount reads volume=NAME,target=PATH, for the app before it or for all.
func addMount(p *parser, value string) error {
	options, err := splitOptions("--mount", "volume=NAME,target=PATH", value)
	if err != nil {
		return err
	}
	var m Mount
	for _, o := range options {
		switch o.name {
		case "volume":
			m.Volume = o.value
		case "target":
			m.Path = o.value
		default:
			return unknownOption("--mount", o, []string{"volume", "target"})
		}
	}
	if m.Volume == "" || m.Path == "" {
		return usage("--mount=%s: a mount has a volume and a target; write --mount=volume=NAME,target=PATH", show(value))
	}
	if app := p.app(); app != nil {
		app.Mounts = append(app.Mounts, m)
	} else {
		p.pod.Mounts = append(p.pod.Mounts, m)
	}
	return nil
}
