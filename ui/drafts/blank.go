package drafts

import (
	"reflect"

	"github.com/podtui/podtui/engine/spec"
)

// Blank reports whether a pod says nothing at all. Empty lists are what is left
// when something was added and taken away again.
func Blank(p spec.Pod) bool { return blank(reflect.ValueOf(p)) }

func blank(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice:
		return v.Len() == 0
	case reflect.Struct:
		for i := range v.NumField() {
			if !blank(v.Field(i)) {
				return false
			}
		}
		return true
	}
	return v.IsZero()
}
