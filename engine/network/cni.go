package network

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/containernetworking/cni/libcni"
	"github.com/containernetworking/cni/pkg/invoke"
	"github.com/containernetworking/cni/pkg/types"
	cniversion "github.com/containernetworking/cni/pkg/version"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// setUpCNI has the plugins of a network add the pod to it, as its interface inPod.
func setUpCNI(ctx context.Context, p Pod, network poddir.Network, inPod string) (poddir.Interface, spec.DNS, error) {
	a, err := attach(p.Dir, network, inPod, marker{Networks: p.Networks, Ports: p.Ports})
	if err != nil {
		return poddir.Interface{}, spec.DNS{}, err
	}
	defer a.plugins.close()
	a.pod.NetNS = p.Namespace
	result, err := a.add(ctx)
	if err != nil {
		return poddir.Interface{}, spec.DNS{}, err
	}
	i, dns, err := a.told(result, p.Namespace)
	if err == nil && len(p.Ports) > 0 {
		err = passOn(i, p.Say)
	}
	return i, dns, a.explain(err)
}

// takeDownCNI has them remove it. It may never have been added, wholly or in part. Its
// namespace is gone, and with it all links: plugins that have rules for iptables would
// leave them, and don't know it (sweepRules).
func takeDownCNI(ctx context.Context, dir *poddir.Dir, network poddir.Network, inPod string, m marker) error {
	a, err := attach(dir, network, inPod, m)
	if errors.Is(err, errNoList) { // then no plugin was ever called
		return nil
	}
	if err != nil {
		return err
	}
	defer a.plugins.close()
	if a.failures() >= mostFailures {
		return a.forget()
	}
	_, added := a.result()
	if !added {
		if err := a.plugins.awaitLost(ctx); err != nil {
			return err
		}
	}
	err = inOneLine(a.remove(ctx, added), sweepRules(ctx, a.plugins.path, rulesOf(network.Name, dir.UUID)))
	if err == nil {
		err = crash.Fault("plugins undone")
	}
	if err != nil {
		return a.failed(err)
	}
	return a.forget()
}

// attachment is a pod in a network of CNI's, there or not.
type attachment struct {
	network poddir.Network
	list    *libcni.NetworkConfigList
	pod     *libcni.RuntimeConf
	cache   string // the folder in which libcni writes down what plugins said
	plugins *plugins
}

var errNoList = errors.New("it is no list of CNI's plugins")

func attach(dir *poddir.Dir, network poddir.Network, inPod string, m marker) (*attachment, error) {
	list, err := libcni.NetworkConfFromBytes(network.Config)
	if err != nil {
		return nil, fmt.Errorf("network %q: %w: %w", network.Name, errNoList, err)
	}
	alive, err := os.Open(filepath.Join(dir.Path, markerFile))
	if err != nil {
		return nil, err
	}
	pod := &libcni.RuntimeConf{ContainerID: dir.UUID, IfName: inPod, Args: argsOf(network.Args)}
	if publisher(m.Networks) == network.Name {
		pod.CapabilityArgs = map[string]any{portMappings: mappings(m.Ports)}
	}
	a := &attachment{
		network: network, list: list, pod: pod,
		cache:   filepath.Join(filepath.Dir(filepath.Dir(dir.Path)), "networks", "cni"),
		plugins: &plugins{network: network.Name, path: pluginPath(), patience: patience, alive: alive},
	}
	a.plugins.noted, a.plugins.refused = a.kept("noted"), a.kept("refused")
	return a, a.plugins.lock()
}

// argsOf are CNI's arguments, which all plugins of a list are given: each takes those
// that it knows.
func argsOf(args string) (list [][2]string) {
	if args == "" {
		return nil
	}
	const ignore = "IgnoreUnknown"
	ignores := false
	for arg := range strings.SplitSeq(args, ";") {
		key, value, _ := strings.Cut(arg, "=")
		list = append(list, [2]string{key, value})
		ignores = ignores || key == ignore
	}
	if !ignores {
		list = append(list, [2]string{ignore, "1"})
	}
	return list
}

// wordsError is an error in other words.
type wordsError struct {
	words string
	err   error
}

func (e *wordsError) Error() string { return e.words }

func (e *wordsError) Unwrap() error { return e.err }

func inOneLine(errs ...error) error {
	err := errors.Join(errs...)
	if err == nil {
		return nil
	}
	return &wordsError{strings.ReplaceAll(err.Error(), "\n", "; "), err}
}

// explain says what libcni says in one line that names the network.
func (a *attachment) explain(err error) error {
	var plugin *pluginError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &plugin):
		return plugin
	}
	return &wordsError{fmt.Sprintf("network %q: %s", a.network.Name, oneLine(err.Error())), err}
}

// add calls the plugins, one after the other.
func (a *attachment) add(ctx context.Context) (types.Result, error) {
	result, err := libcni.NewCNIConfigWithCacheDir(a.network.Plugins, a.cache, a.plugins).AddNetworkList(ctx, a.list, a.pod)
	if err == nil {
		err = crash.Fault("plugins done")
	}
	return result, a.explain(err)
}

// result is what the plugins said when all had added the pod: none is running since.
func (a *attachment) result() (types.Result, bool) {
	result, err := libcni.NewCNIConfigWithCacheDir(nil, a.cache, nil).GetNetworkListCachedResult(a.list, a.pod)
	return result, err == nil && result != nil
}

// said is that, or what the plugins had said until the last of them was called; nil:
// nothing, or their version of CNI is one in which they aren't told when they remove.
func (a *attachment) said() any {
	if tells, err := cniversion.GreaterThanOrEqualTo(a.list.CNIVersion, "0.4.0"); err != nil || !tells {
		return nil
	}
	if result, added := a.result(); added {
		return result
	}
	if noted, err := os.ReadFile(a.plugins.noted); err == nil && json.Valid(noted) {
		return json.RawMessage(noted)
	}
	return nil
}

// remove calls the plugins in reverse. One that fails is no reason not to call the
// others, which libcni would not: the one that gives addresses back is the last.
func (a *attachment) remove(ctx context.Context, added bool) error {
	inject := map[string]any{"name": a.list.Name, "cniVersion": a.list.CNIVersion}
	if said := a.said(); said != nil {
		inject["prevResult"] = said
	}
	var errs []error
	for _, plugin := range slices.Backward(a.list.Plugins) {
		path, err := a.plugins.FindInPath(plugin.Network.Type, a.network.Plugins)
		if err == nil {
			err = a.removeBy(ctx, path, plugin, inject)
		} else if !added {
			err = nil // it has never been called
		}
		errs = append(errs, err)
	}
	return inOneLine(errs...)
}

func (a *attachment) removeBy(ctx context.Context, path string, plugin *libcni.PluginConfig, inject map[string]any) error {
	config, err := libcni.InjectConf(plugin, inject)
	if err == nil && plugin.Network.Capabilities[portMappings] && a.pod.CapabilityArgs != nil {
		config, err = libcni.InjectConf(config, map[string]any{"runtimeConfig": a.pod.CapabilityArgs})
	}
	if err != nil {
		return a.explain(err)
	}
	return invoke.ExecPluginWithoutResult(ctx, path, config.Bytes, &invoke.Args{
		Command: "DEL", ContainerID: a.pod.ContainerID, IfName: a.pod.IfName, PluginArgs: a.pod.Args,
		Path: strings.Join(a.network.Plugins, string(os.PathListSeparator)),
	}, a.plugins)
}
