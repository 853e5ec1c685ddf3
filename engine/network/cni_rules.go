package network

import (
	"bytes"
	"context"
	"crypto/sha512"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ruleset is what plugins have for a pod in a network in iptables, which are the rules
// with its UUID in their comment, and chains of its own.
type ruleset struct {
	uuid   string
	chains []string
}

// rulesOf knows the names of chains as CNI's own plugins make them: of bridge and ptp
// for ipMasq, and of portmap.
func rulesOf(network, uuid string) ruleset {
	const longest = 28
	of := ruleset{uuid: uuid}
	sum := sha512.Sum512([]byte(network + uuid))
	for _, kind := range []string{"", "DN-", "SN-"} {
		of.chains = append(of.chains, fmt.Sprintf("CNI-%s%x", kind, sum)[:longest])
	}
	return of
}

// is tells whether a rule is the pod's, in a chain that is not.
func (s ruleset) is(rule string) bool {
	words := strings.Fields(rule)
	if len(words) < 2 || words[0] != "-A" || slices.Contains(s.chains, words[1]) {
		return false
	}
	jump := slices.Index(words, "-j")
	return strings.Contains(rule, s.uuid) || jump >= 0 && jump+1 < len(words) && slices.Contains(s.chains, words[jump+1])
}

// undo turns what iptables-save prints into what iptables-restore has to be told, so
// that nothing of the pod is left; "": nothing is there.
func (s ruleset) undo(saved string) string {
	var script strings.Builder
	for table := range strings.SplitSeq(saved, "COMMIT\n") {
		var name string
		var rules, chains []string
		for line := range strings.Lines(table) {
			line = strings.TrimSuffix(line, "\n")
			chain, _, _ := strings.Cut(strings.TrimPrefix(line, ":"), " ")
			switch {
			case strings.HasPrefix(line, "*"):
				name = line
			case strings.HasPrefix(line, ":") && slices.Contains(s.chains, chain):
				chains = append(chains, chain)
			case s.is(line):
				rules = append(rules, "-D"+strings.TrimPrefix(line, "-A"))
			}
		}
		if len(rules)+len(chains) == 0 {
			continue
		}
		fmt.Fprintln(&script, name)
		for _, rule := range rules {
			fmt.Fprintln(&script, rule)
		}
		for _, chain := range chains {
			fmt.Fprintf(&script, "-F %s\n-X %[1]s\n", chain)
		}
		fmt.Fprintln(&script, "COMMIT")
	}
	return script.String()
}

// sweepRules removes what plugins have left of a pod in iptables. They find their own
// rules by the addresses of the pod's link, which is gone by then, or was never there
// when they were killed. Without iptables they have made none.
func sweepRules(ctx context.Context, path string, of ruleset) error {
	for _, program := range []string{"iptables", "ip6tables"} {
		save, restore := find(program+"-save", path), find(program+"-restore", path)
		if save == "" || restore == "" {
			continue
		}
		if err := sweepWith(ctx, save, restore, of); err != nil {
			return err
		}
	}
	return nil
}

// sweepWith does it again where others change the rules meanwhile: then the kernel
// takes nothing of it.
func sweepWith(ctx context.Context, save, restore string, of ruleset) error {
	const tries = 5
	for try := 1; ; try++ {
		saved, err := run(ctx, "", save)
		if err != nil {
			return err
		}
		script := of.undo(saved)
		if script == "" {
			return nil
		}
		_, err = run(ctx, script, restore, "--noflush", "--wait", "5")
		if try == tries {
			return err
		}
	}
}

// run runs a program of the host's with an input, and returns its output.
func run(ctx context.Context, input, program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var out bytes.Buffer
	words := said{endless: true}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env = "/", []string{"PATH=" + pluginPath()}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &out, &words
	if err := cmd.Run(); err != nil {
		if errors.Is(ctx.Err(), context.Canceled) {
			err = ctx.Err()
		}
		return "", fmt.Errorf("%s: %w: %s", filepath.Base(program), err, oneLine(words.text.String()))
	}
	return out.String(), nil
}

// find finds a program in the folders of a PATH; "": it is in none.
func find(program, path string) string {
	for _, folder := range filepath.SplitList(path) {
		file := filepath.Join(folder, program)
		if info, err := os.Stat(file); err == nil && filepath.IsAbs(file) && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return file
		}
	}
	return ""
}
