package poddir

import (
	"fmt"
	"slices"
	"strings"
)

// ChooseApp finds an app of a pod by its name; without a name there must be only
// one.
func ChooseApp(apps []string, name string) (int, error) {
	if name == "" && len(apps) == 1 {
		return 0, nil
	}
	if name == "" {
		return 0, fmt.Errorf("it has %d apps; choose one: %s", len(apps), strings.Join(apps, ", "))
	}
	if i := slices.Index(apps, name); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("it has no app %q; it has %s", name, strings.Join(apps, ", "))
}

// ChooseApp is ChooseApp among the pod's apps.
func (s Status) ChooseApp(name string) (int, error) {
	names := make([]string, len(s.Apps))
	for i, app := range s.Apps {
		names[i] = app.Name
	}
	return ChooseApp(names, name)
}
