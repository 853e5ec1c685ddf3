package network

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/containernetworking/cni/libcni"
	"github.com/containernetworking/cni/pkg/utils"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// readConfig reads a file that defines a network. With an error, the network has its
// name alone, if that can be told. Standard: it is that of the network "default",
// which rkt had as one of a plugin that did what podtui does by itself.
func readConfig(file string, standard bool) (poddir.Network, error) {
	data, err := readFile(file)
	if err != nil {
		return poddir.Network{}, err
	}
	return parseConfig(data, standard)
}

func parseConfig(data []byte, standard bool) (poddir.Network, error) {
	name := nameOf(data)
	wrong := checkName(name)
	broken := poddir.Network{Name: name}
	if wrong != nil {
		broken.Name = ""
	}
	if err := checkForm(data); err != nil {
		return broken, err
	}
	if wrong != nil {
		return broken, wrong
	}
	list, err := pluginsOf(data)
	if err != nil {
		return broken, err
	}
	if len(list.Plugins) != 1 {
		return poddir.Network{Name: name, Config: list.Bytes}, nil
	}
	only := list.Plugins[0]
	config, known := ofRkt(only.Bytes)
	switch {
	case only.Network.Type == ownType:
		config, err = parseOwn(only.Bytes)
	case !standard || !known:
		return poddir.Network{Name: name, Config: list.Bytes}, nil
	}
	if err == nil {
		_, err = config.own()
	}
	if err == nil && config.DNS != nil {
		err = config.DNS.wrong()
	}
	if err != nil {
		return broken, err
	}
	return config.network(name), nil
}

// checkForm finds what is wrong with a file whatever is meant by it, in words that
// whoever has written it understands.
func checkForm(data []byte) error {
	if err := spec.CheckJSON(data); err != nil {
		return err
	}
	type plugin struct {
		Type string `json:"type"`
	}
	var file struct {
		plugin

		CNIVersion string    `json:"cniVersion"`
		Name       string    `json:"name"`
		Plugins    *[]plugin `json:"plugins"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return spec.JSONError(data, err)
	}
	if key := saidTwice(json.NewDecoder(bytes.NewReader(data)), strings.ToLower); key != "" {
		return fmt.Errorf("it says %q twice; say it once", key)
	}
	plugins := []plugin{file.plugin}
	if file.Plugins != nil {
		plugins = *file.Plugins
	}
	if len(plugins) == 0 {
		return errors.New(`its list "plugins" is empty; write {"type": "bridge", …} or others into it`)
	}
	if slices.Contains(plugins, plugin{}) {
		return errors.New(`it names no plugin; write "type": "podtui", "bridge" or another`)
	}
	return nil
}

// saidTwice is a key that an object has more than once, if one has: who reads the file may
// take either. In the outermost one libcni doesn't tell capitals from small letters.
func saidTwice(in *json.Decoder, same func(string) string) string {
	token, _ := in.Token()
	seen := make(map[string]bool)
	for token == json.Delim('{') && in.More() {
		key, _ := in.Token()
		name, _ := key.(string)
		if seen[same(name)] {
			return name
		}
		seen[same(name)] = true
		if inside := saidTwice(in, strings.Clone); inside != "" {
			return inside
		}
	}
	for token == json.Delim('[') && in.More() {
		if inside := saidTwice(in, strings.Clone); inside != "" {
			return inside
		}
	}
	if _, opens := token.(json.Delim); opens {
		_, _ = in.Token()
	}
	return ""
}

// pluginsOf reads a list of plugins, or one plugin as a list.
func pluginsOf(data []byte) (*libcni.NetworkConfigList, error) {
	var list struct {
		Plugins *json.RawMessage `json:"plugins"`
	}
	_ = json.Unmarshal(data, &list) // its form was checked
	if list.Plugins != nil {
		list, err := libcni.NetworkConfFromBytes(data)
		return list, inJSON(data, err)
	}
	one, err := libcni.NetworkPluginConfFromBytes(data)
	if err != nil {
		return nil, inJSON(data, err)
	}
	return libcni.ConfListFromConf(one) //nolint:staticcheck // deprecated is the form, which rkt's users have
}

// inJSON is what libcni says without who says it.
func inJSON(data []byte, err error) error {
	if err == nil {
		return nil
	}
	text := spec.JSONError(data, err).Error()
	_, what, chain := strings.Cut(text, ": ")
	if chain && strings.HasPrefix(text, "error parsing ") {
		text = what
	}
	return errors.New(text)
}

// nameOf finds the name of the network that is defined, in what may be broken behind
// it.
func nameOf(data []byte) string {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return ""
	}
	for {
		key, err := decoder.Token()
		if err != nil || key == json.Delim('}') {
			return ""
		}
		if key == "name" {
			var name string
			_ = decoder.Decode(&name)
			return name
		}
		if decoder.Decode(new(json.RawMessage)) != nil {
			return ""
		}
	}
}

// checkName refuses what nobody could ask for, or would be another network.
func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("it names no network")
	case name == "host" || name == "none":
		return fmt.Errorf("no network can be called %q", name)
	case len(name) > maxName || utils.ValidateNetworkName(name) != nil:
		return fmt.Errorf("%q is no name of a network: write at most %d letters, digits and any of . _ -", name, maxName)
	}
	return nil
}

const maxName = 64 // as for --net

// ofRkt reads the file that rkt's users have for its default network: the plugin ptp
// with addresses of host-local's. What says more than that is CNI's.
func ofRkt(plugin []byte) (c ownConfig, is bool) {
	var ptp struct {
		CNIVersion string  `json:"cniVersion"`
		Name       string  `json:"name"`
		Type       string  `json:"type"`
		IPMasq     bool    `json:"ipMasq"`
		MTU        int     `json:"mtu"`
		DNS        *cniDNS `json:"dns"`
		IPAM       struct {
			Type   string `json:"type"`
			Subnet string `json:"subnet"`
			Routes []struct {
				Dst string `json:"dst"`
			} `json:"routes"`
		} `json:"ipam"`
	}
	decoder := json.NewDecoder(bytes.NewReader(plugin))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&ptp) != nil || ptp.Type != "ptp" && ptp.Type != "veth" || ptp.IPAM.Type != "host-local" || len(ptp.IPAM.Routes) > 1 {
		return ownConfig{}, false
	}
	route := len(ptp.IPAM.Routes) == 1
	if route && ptp.IPAM.Routes[0].Dst != "0.0.0.0/0" {
		return ownConfig{}, false
	}
	return ownConfig{Subnet: ptp.IPAM.Subnet, IPMasq: &ptp.IPMasq, DefaultRoute: &route, MTU: ptp.MTU, DNS: ptp.DNS}, true
}
