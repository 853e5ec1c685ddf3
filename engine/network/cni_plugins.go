package network

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/containernetworking/cni/pkg/types"
	cniversion "github.com/containernetworking/cni/pkg/version"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/poddir"
)

// What a plugin may take and say.
const (
	patience   = 30 * time.Second // until it is killed, with all that it has started
	mostSaid   = 1 << 20
	lastWords  = 300             // of what it says goes into an error
	afterwards = time.Second     // until nobody listens any more to what it has left running
	beingMade  = 2 * time.Second // until a plugin that somebody writes can be called
)

// plugins calls the plugins of a network, as libcni asks it to (invoke.Exec).
type plugins struct {
	cniversion.PluginDecoder

	network  string
	path     string        // PATH
	patience time.Duration // const patience
	alive    *os.File      // which all that run have open: awaitLost
	noted    string        // the file in which is what those before have said: note
	refused  string        // the file in which is why the pod was not added: isNoNews
}

func (p *plugins) close() { p.alive.Close() }

// pluginPath is where plugins find programs: where we do, and where those are that
// only root runs, which su leaves out.
func pluginPath() string {
	folders := filepath.SplitList(os.Getenv("PATH"))
	for _, folder := range []string{"/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"} {
		if !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
	}
	return strings.Join(folders, string(os.PathListSeparator))
}

// pluginError says what went wrong with a plugin.
type pluginError struct {
	network, plugin string
	what            string // what it did, in one line
	err             error  // perhaps
}

func (e *pluginError) Error() string {
	return fmt.Sprintf("network %q: plugin %s %s", e.network, e.plugin, e.what)
}

func (e *pluginError) Unwrap() error { return e.err }

// FindInPath finds a plugin in the network's folders.
func (p *plugins) FindInPath(plugin string, folders []string) (string, error) {
	if plugin == "" || filepath.Base(plugin) != plugin {
		return "", &pluginError{network: p.network, plugin: fmt.Sprintf("%q", plugin), what: "has no name of a plugin"}
	}
	for _, folder := range folders {
		path := filepath.Join(folder, plugin)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && filepath.IsAbs(path) {
			return path, nil
		}
	}
	return "", &pluginError{network: p.network, plugin: plugin, what: "is in none of the folders " + strings.Join(folders, ", ")}
}

// checkPlugins finds out before anything is made whether a network's plugins are here.
func checkPlugins(network poddir.Network) error {
	var list struct {
		Plugins []struct {
			Type string `json:"type"`
			IPAM struct {
				Type string `json:"type"`
			} `json:"ipam"`
		} `json:"plugins"`
	}
	if err := json.Unmarshal(network.Config, &list); err != nil {
		return fmt.Errorf("network %q: %w", network.Name, err)
	}
	of := plugins{network: network.Name}
	for _, plugin := range list.Plugins {
		for _, name := range []string{plugin.Type, plugin.IPAM.Type} {
			if name == "" && plugin.Type != "" { // it gives no addresses
				continue
			}
			if _, err := of.FindInPath(name, network.Plugins); err != nil {
				return err
			}
		}
	}
	return nil
}

// ExecPlugin calls a plugin. It has nothing of our environment but PATH, and ends with
// us, whatever we end of.
func (p *plugins) ExecPlugin(ctx context.Context, path string, config []byte, environ []string) ([]byte, error) {
	runtime.LockOSThread() // for Pdeathsig: us is the thread that starts it
	defer runtime.UnlockOSThread()
	limited, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	call := call{plugins: p, path: path, config: config, environ: []string{"PATH=" + p.path}}
	for _, variable := range environ { // libcni adds its own to all of ours
		if strings.HasPrefix(variable, "CNI_") {
			call.environ = append(call.environ, variable)
		}
	}
	if call.command() == "ADD" {
		if err := p.note(config); err != nil {
			return nil, err
		}
	}
	err := call.run(limited)
	what := call.failure(err)
	switch {
	case err != nil && ctx.Err() != nil:
		what, err = "was ended: "+ctx.Err().Error(), ctx.Err()
	case err != nil && limited.Err() != nil:
		what, err = fmt.Sprintf("did not end within %v, and was killed", p.patience), limited.Err()
	case err == nil && call.command() == "ADD":
		what = checkResult(call.out.text.Bytes())
	}
	if what != "" {
		failed := &pluginError{p.network, filepath.Base(path), what, err}
		_, tells := call.told()
		if tells && p.isNoNews(call.command(), failed) {
			return nil, nil
		}
		return nil, failed
	}
	return call.out.text.Bytes(), crash.Fault(crash.Point(call.command() + " of " + filepath.Base(path)))
}

// note writes down what a plugin is told of those before it. It may be killed, or we:
// then it has to be told the same, or it doesn't find what it has made.
func (p *plugins) note(config []byte) error {
	var told struct {
		Before json.RawMessage `json:"prevResult"`
	}
	if err := json.Unmarshal(config, &told); err != nil || told.Before == nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(p.noted), 0o700); err != nil {
		return err
	}
	return os.WriteFile(p.noted, told.Before, 0o600)
}

// call is one call of a plugin.
type call struct {
	*plugins

	path    string
	config  []byte
	environ []string
	out     said // the result, or an error as CNI has it
	words   said // of whatever it writes for people
}

// command is what is asked of the plugin: ADD, to which it answers with a result, or
// DEL.
func (c *call) command() string {
	for _, variable := range c.environ {
		if command, is := strings.CutPrefix(variable, "CNI_COMMAND="); is {
			return command
		}
	}
	return ""
}

func (c *call) run(ctx context.Context) error {
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		c.out, c.words = said{}, said{endless: true}
		cmd := exec.CommandContext(ctx, c.path)
		cmd.Dir, cmd.Env = "/", c.environ
		cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(c.config), &c.out, &c.words
		cmd.ExtraFiles = []*os.File{c.alive}
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: unix.SIGKILL}
		cmd.Cancel = func() error { return unix.Kill(-cmd.Process.Pid, unix.SIGKILL) }
		cmd.WaitDelay = afterwards
		err := cmd.Run()
		switch {
		case errors.Is(err, exec.ErrWaitDelay): // it has ended, and left something running
			return nil
		case !errors.Is(err, unix.ETXTBSY) || time.Since(began) > beingMade:
			return err
		}
	}
}

// told is an error as CNI has it.
func (c *call) told() (told types.Error, is bool) {
	err := json.Unmarshal(c.out.text.Bytes(), &told)
	return told, err == nil && told.Msg != ""
}

// failure tells what went wrong in a plugin's own words, if it has any.
func (c *call) failure(err error) string {
	var exit *exec.ExitError
	told, tells := c.told()
	switch {
	case c.out.over:
		return fmt.Sprintf("printed more than %d bytes", mostSaid)
	case err == nil:
		return ""
	case !errors.As(err, &exit):
		return "can't be run: " + oneLine(err.Error())
	case tells:
		return fmt.Sprintf("failed: %s (code %d)", lacks(oneLine(told.Error())), told.Code)
	}
	words := c.words.text.String()
	if words = oneLine(words + " " + c.out.text.String()); words != "" {
		words = ": " + words
	}
	if status := exit.Sys().(syscall.WaitStatus); status.Signaled() {
		return "died of the signal " + status.Signal().String() + words
	}
	return fmt.Sprintf("failed with status %d", exit.ExitCode()) + lacks(words)
}

// lacks tells of a program that a plugin needs and the host hasn't: Go's words for it
// are at the end of a chain of others.
func lacks(words string) string {
	_, rest, is := strings.Cut(words, `exec: "`)
	program, _, ends := strings.Cut(rest, `": executable file not found`)
	if !is || !ends {
		return words
	}
	return fmt.Sprintf("it needs the program %s, which this host hasn't; install it", program)
}

// oneLine is what a stranger said as one line of an error.
func oneLine(words string) string {
	words = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(words, "?"), isNoText), " ")
	if runes := []rune(words); len(runes) > lastWords {
		words = string(runes[:lastWords]) + "…"
	}
	return words
}

// CallsPlugins reports whether plugins are called for any of these networks. They are
// children of whoever calls SetUp and End, who must not wait for just any child
// meanwhile.
func CallsPlugins(networks []poddir.Network) bool {
	return slices.ContainsFunc(networks, func(n poddir.Network) bool {
		_, own, err := ownOf(n)
		return err == nil && !own
	})
}
