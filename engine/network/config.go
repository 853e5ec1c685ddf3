package network

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/containernetworking/cni/libcni"
	"github.com/containernetworking/cni/pkg/utils"

	"github.com/podtui/podtui/engine/poddir"
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
	if err := checkName(name); err != nil {
		var syntax *json.SyntaxError
		if broken := json.Unmarshal(data, new(json.RawMessage)); errors.As(broken, &syntax) {
			err = broken
		}
		return poddir.Network{}, err
	}
	list, err := pluginsOf(data)
	if err != nil {
		return poddir.Network{Name: name}, errors.New(strings.TrimPrefix(err.Error(), "error parsing configuration: "))
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
	if err != nil {
		return poddir.Network{Name: name}, err
	}
	return config.network(name), nil
}

// pluginsOf reads a list of plugins, or one plugin as a list.
func pluginsOf(data []byte) (*libcni.NetworkConfigList, error) {
	var list struct {
		Plugins *json.RawMessage `json:"plugins"`
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, err
	}
	if list.Plugins != nil {
		return libcni.NetworkConfFromBytes(data)
	}
	one, err := libcni.NetworkPluginConfFromBytes(data)
	if err != nil {
		return nil, err
	}
	return libcni.ConfListFromConf(one) //nolint:staticcheck // deprecated is the form, which rkt's users have
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
