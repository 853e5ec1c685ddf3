package spec

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/appc/spec/schema/types"
)

// said is what an app is told by others than its flags: the app object of its
// image, or the one that a pod manifest has in its place.
type said struct {
	types.App
	from  Origin    // FromImage or FromPodManifest
	image types.App // what the image alone says
}

// instead is what counts for the app, which is valid.
func (a App) instead(image Image) said {
	s := said{App: image.app(), from: FromImage, image: image.app()}
	if len(a.Says) > 0 {
		s.App, _ = readApp(a.Says)
		s.from = FromPodManifest
	}
	return s
}

// appObject is appc's app (aci.md), word for word. The schema's own type drops what
// it doesn't know, and takes no isolator that it doesn't.
type appObject struct {
	Exec              []string          `json:"exec,omitempty"`
	EventHandlers     []eventHandler    `json:"eventHandlers,omitempty"`
	User              string            `json:"user"`
	Group             string            `json:"group"`
	SupplementaryGIDs []int             `json:"supplementaryGIDs,omitempty"`
	WorkingDirectory  string            `json:"workingDirectory,omitempty"`
	Environment       []Var             `json:"environment,omitempty"`
	MountPoints       []mountPoint      `json:"mountPoints,omitempty"`
	Ports             []PodPort         `json:"ports,omitempty"`
	Isolators         []isolatorObject  `json:"isolators,omitempty"`
	UserAnnotations   map[string]string `json:"userAnnotations,omitempty"`
	UserLabels        map[string]string `json:"userLabels,omitempty"`
}

type eventHandler struct {
	Name string   `json:"name"`
	Exec []string `json:"exec"`
}

type mountPoint struct {
	Name     string `json:"name"`
	Path     string `json:"path"`
	ReadOnly bool   `json:"readOnly,omitempty"`
}

type isolatorObject struct {
	Name  string          `json:"name"`
	Value json.RawMessage `json:"value"`
}

// readApp reads an app object strictly, and checks it as the appc schema says. An
// isolator that the schema has no type for has a nil Value.
func readApp(data []byte) (app types.App, err error) {
	var object appObject
	if err := strict(data, &object); err != nil {
		return types.App{}, oneLine(err)
	}
	isolators, err := readIsolators(object.Isolators)
	if err != nil {
		return types.App{}, err
	}
	object.Isolators = nil
	if data, err = json.Marshal(object); err != nil {
		return types.App{}, oneLine(err)
	}
	if err := json.Unmarshal(data, &app); err != nil {
		return types.App{}, oneLine(err)
	}
	for _, gid := range app.SupplementaryGIDs {
		if err := checkID(gid); err != nil {
			return types.App{}, fmt.Errorf("supplementary group %w", err)
		}
	}
	app.Isolators = isolators
	return app, nil
}

// readIsolators makes the schema's isolators, which can't cope with one without a
// value, and computes quantities that have as many digits as they say.
func readIsolators(objects []isolatorObject) (types.Isolators, error) {
	var list types.Isolators
	for _, object := range objects {
		if len(object.Value) == 0 || string(object.Value) == "null" {
			return nil, fmt.Errorf("isolator %s has no value", show(object.Name))
		}
		if strings.HasPrefix(object.Name, resources) && !isShort(object.Value) {
			return nil, fmt.Errorf("isolator %s: %w", show(object.Name), errLongQuantity)
		}
		data, err := json.Marshal(object)
		if err != nil {
			return nil, oneLine(err)
		}
		var i types.Isolator
		if err := json.Unmarshal(data, &i); err != nil {
			return nil, fmt.Errorf("isolator %s: %w", show(object.Name), oneLine(err))
		}
		list = append(list, i)
	}
	return list, nil
}

// isolators are what the pod says of all its apps together.
func (p Pod) isolators() (asked, error) {
	if len(p.Isolators) == 0 {
		return newAsked(), nil
	}
	var list []isolatorObject
	if err := strict(p.Isolators, &list); err != nil {
		return newAsked(), oneLine(err)
	}
	isolators, err := readIsolators(list)
	return isolatorsSay(isolators, podKinds()), err
}
