package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"
)

// Version is the version of the JSON in which pods are saved. It changes when a
// field changes its meaning; a new field is refused by older versions by name.
const Version = 1

// MarshalJSON writes the pod as podtui's own record: a draft, a saved pod. Every
// string comes back byte for byte, UTF-8 or not.
func (p Pod) MarshalJSON() ([]byte, error) {
	type plain Pod // without this method
	return json.Marshal(struct {
		Version int `json:"version"`
		plain
	}{Version, mapStrings(plain(p), encodeBytes)})
}

// UnmarshalJSON reads a record of this version. A field it doesn't know is an
// error: a draft of a newer podtui is not run without it.
func (p *Pod) UnmarshalJSON(data []byte) error {
	type plain Pod
	var record struct {
		Version int `json:"version"`
		plain
	}
	if err := checkVersion(data, "pod"); err != nil {
		return err
	}
	if err := strict(data, &record); err != nil {
		return fmt.Errorf("pod: %w", err)
	}
	*p = Pod(mapStrings(record.plain, decodeBytes))
	return nil
}

// MarshalJSON writes what is to be executed, byte for byte like a Pod.
func (r Resolved) MarshalJSON() ([]byte, error) {
	type plain Resolved
	return json.Marshal(struct {
		Version int `json:"version"`
		plain
	}{Version, mapStrings(plain(r), encodeBytes)})
}

// UnmarshalJSON reads a record of this version and no other.
func (r *Resolved) UnmarshalJSON(data []byte) error {
	type plain Resolved
	var record struct {
		Version int `json:"version"`
		plain
	}
	if err := checkVersion(data, "resolved pod"); err != nil {
		return err
	}
	if err := strict(data, &record); err != nil {
		return fmt.Errorf("resolved pod: %w", err)
	}
	*r = Resolved(mapStrings(record.plain, decodeBytes))
	return nil
}

// checkVersion comes before anything else is read, so that a newer record is
// told from a damaged one.
func checkVersion(data []byte, what string) error {
	var record struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &record); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if record.Version != Version {
		return fmt.Errorf("%s: a record of version %d; this podtui reads version %d", what, record.Version, Version)
	}
	return nil
}

func strict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// JSON holds text, and an argument, a path or a value may be any bytes. A byte
// 80…FF that is no part of UTF-8 is written as the private-use character
// U+10FF00 + byte. Bytes that are such a character already are written as if
// they were no UTF-8, one by one, so reading is the exact inverse. Everything
// else is written as it is.
const (
	byteBase  = 0x10FF00
	firstByte = byteBase + 0x80
	lastByte  = byteBase + 0xFF
)

func encodeBytes(s string) string {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, isByte) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		c, size := utf8.DecodeRuneInString(s)
		if isByte(c) || c == utf8.RuneError && size == 1 {
			for i := range size {
				b.WriteRune(byteBase + rune(s[i]))
			}
		} else {
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String()
}

func decodeBytes(s string) string {
	if !strings.ContainsFunc(s, isByte) {
		return s
	}
	var b strings.Builder
	for _, c := range s {
		if isByte(c) {
			b.WriteByte(byte(c - byteBase))
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

func isByte(c rune) bool { return c >= firstByte && c <= lastByte }

// mapStrings copies v with f applied to every string in it, so that no field
// that is added one day can be forgotten.
func mapStrings[T any](v T, f func(string) string) T {
	return mapValue(reflect.ValueOf(v), f).Interface().(T)
}

func mapValue(v reflect.Value, f func(string) string) reflect.Value {
	to := reflect.New(v.Type()).Elem()
	to.Set(v)
	switch v.Kind() {
	case reflect.String:
		to.SetString(f(v.String()))
	case reflect.Struct:
		for i := range v.NumField() {
			to.Field(i).Set(mapValue(v.Field(i), f))
		}
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		to.Set(reflect.New(v.Type().Elem()))
		to.Elem().Set(mapValue(v.Elem(), f))
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		to.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			to.Index(i).Set(mapValue(v.Index(i), f))
		}
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		to.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		for key, value := range v.Seq2() {
			to.SetMapIndex(mapValue(key, f), mapValue(value, f))
		}
	}
	return to
}
