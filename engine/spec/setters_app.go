package spec

import (
	"slices"
	"strconv"
	"strings"
)

// What an app may use, and how it lives. Values are kept as they were typed; Check
// knows what is wrong with them.

func setMemory(p *parser, value string) error  { return setText(&p.app().Memory, "--memory", value) }
func setCPU(p *parser, value string) error     { return setText(&p.app().CPU, "--cpu", value) }
func setPIDs(p *parser, value string) error    { return setText(&p.app().PIDs, "--pids", value) }
func setRestart(p *parser, value string) error { return setText(&p.app().Restart, "--restart", value) }
func setSeccomp(p *parser, value string) error { return setText(&p.app().Seccomp, "--seccomp", value) }

func setCPUShares(p *parser, value string) error {
	return setText(&p.app().CPUShares, "--cpu-shares", value)
}

func setOOMScore(p *parser, value string) error {
	return setText(&p.app().OOMScoreAdj, "--oom-score-adjust", value)
}

func setStopSignal(p *parser, value string) error {
	return setText(&p.app().StopSignal, "--stop-signal", value)
}

func setStopTimeout(p *parser, value string) error {
	return setText(&p.app().StopTimeout, "--stop-timeout", value)
}

func addRlimit(p *parser, value string) error { return addVar(&p.app().Rlimits, "--rlimit", value) }

func addAnnotation(p *parser, value string) error {
	return addVar(&p.app().Annotations, "--annotation", value)
}

func addLabel(p *parser, value string) error { return addVar(&p.app().Labels, "--label", value) }

func setCapsRetain(p *parser, value string) error {
	return addList(&p.app().CapsRetain, "--caps-retain", value)
}

func setCapsRemove(p *parser, value string) error {
	return addList(&p.app().CapsRemove, "--caps-remove", value)
}

// addList takes several with commas between; of several flags the lists are one.
func addList(list *[]string, flag, value string) error {
	if value == "" {
		return usage("%s: an empty value; leave the flag out for what the image says", flag)
	}
	words := strings.Split(value, ",")
	if slices.Contains(words, "") {
		return usage("%s=%s: a name is missing; names stand between single commas", flag, show(value))
	}
	*list = append(*list, words...)
	return nil
}

func setSupplementaryGIDs(p *parser, value string) error {
	if value == "" {
		return usage("--supplementary-gids: an empty value; write --supplementary-gids=GID,…")
	}
	for word := range strings.SplitSeq(value, ",") {
		gid, err := strconv.Atoi(word)
		if err != nil {
			return usage("--supplementary-gids=%s: %s is not a number; write --supplementary-gids=GID,…", show(value), show(word))
		}
		p.app().SupplementaryGIDs = append(p.app().SupplementaryGIDs, gid)
	}
	return nil
}

func setReadOnlyRoot(p *parser, value string) error {
	return setSwitch(&p.app().ReadOnlyRoot, "--readonly-rootfs", value)
}

func setNoNewPrivileges(p *parser, value string) error {
	return setSwitch(&p.app().NoNewPrivileges, "--no-new-privileges", value)
}

// setSwitch is for a switch that is off for another reason if nobody says.
func setSwitch(field **bool, flag, value string) error {
	on, err := parseBool(flag, value)
	if err == nil {
		*field = &on
	}
	return err
}
