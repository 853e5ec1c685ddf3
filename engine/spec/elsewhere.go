package spec

import "strings"

// elsewhere is the flag of podtui for one that people know from docker and podman,
// or "". What has no flag of its own there is said in the words of Nearest.
func (p *parser) elsewhere(flag string) string {
	switch flag {
	case "-v":
		return "volume"
	case "-e", "--env":
		if p.app() == nil {
			return "set-env"
		}
		return "environment"
	case "-i", "-t", "-it", "-ti", "--tty":
		return "interactive"
	case "-d":
		return "detach"
	case "-p", "--publish":
		return "port"
	case "-w", "--workdir":
		return "working-dir"
	case "-u":
		return "user"
	case "-m":
		return "memory"
	case "-h":
		return "hostname"
	}
	return inOurWords(flag)
}

// inOurWords is for what docker and podman call by another name.
func inOurWords(flag string) string {
	switch flag {
	case "--env-file":
		return "set-env-file"
	case "--entrypoint":
		return "exec"
	case "--cpus":
		return "cpu"
	case "--pids-limit":
		return "pids"
	case "--ulimit":
		return "rlimit"
	case "--cap-add":
		return "caps-retain"
	case "--cap-drop":
		return "caps-remove"
	case "--security-opt":
		return "seccomp"
	case "--read-only":
		return "readonly-rootfs"
	case "--oom-score-adj":
		return "oom-score-adjust"
	case "--group-add":
		return "supplementary-gids"
	case "--add-host":
		return "hosts-entry"
	case "--dns-option":
		return "dns-opt"
	case "--network":
		return "net"
	case "--userns":
		return "private-users"
	case "--tmpfs":
		return "volume"
	case "--cidfile":
		return "uuid-file-save"
	case "--pull":
		return "pull-policy"
	}
	return ""
}

// notHere is what to do instead of a flag of "rkt run" that podtui has not, or "".
func notHere(flag string) string {
	if strings.HasPrefix(flag, "--stage1-") {
		return "it has no stage 1: leave the flag out"
	}
	switch flag {
	case "--ipc":
		return "the apps of a pod share one IPC namespace of their own: leave the flag out"
	case "--user-annotation":
		return "--annotation is an app's, and a pod manifest (--pod-manifest) has userAnnotations"
	case "--user-label":
		return "use --label"
	case "--spawn-metadata-service":
		return "every pod has its own metadata service: leave the flag out, or see --register-mds"
	case "--mds-token", "--mds-url":
		return "the token is made for each pod and told in AC_METADATA_URL: leave the flag out"
	case "--tpm":
		return "starts are not measured into a TPM: leave the flag out"
	case "--stdin", "--stdout", "--stderr":
		return `use --interactive for input; output is in "podtui logs", and "podtui attach" has both`
	case "--local":
		return "use --pull-policy=never"
	case "--system-config", "--user-config":
		return "use --config-dir"
	case "--quiet":
		return "use 2>/dev/null for the messages, or --output=json"
	case "--cpuprofile", "--memprofile":
		return "leave the flag out"
	}
	return ""
}
