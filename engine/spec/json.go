package spec

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Decode reads JSON that somebody has written by hand, strictly: a field that v hasn't
// is an error. An error is one line, says what is wrong in the words of JSON, and has
// the value in it or where it is.
func Decode(data []byte, v any) error {
	if err := CheckJSON(data); err != nil {
		return err
	}
	if err := strict(data, v); err != nil {
		return JSONError(data, err)
	}
	return nil
}

// JSONError is an error of a decoder in those words.
func JSONError(data []byte, err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return errors.New(wrongKind(wrong, valueAt(data, wrong.Field)))
	}
	return oneLine(err)
}

// CheckJSON tells where something stops being JSON.
func CheckJSON(data []byte) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return errors.New("it is empty; JSON belongs there")
	}
	syntax, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(data, new(json.RawMessage)))
	if !ok {
		return nil
	}
	at := max(0, min(int(syntax.Offset)-1, len(data)))
	rest, _, _ := strings.Cut(string(data[at:]), "\n")
	if rest = strings.TrimSpace(rest); rest == "" || strings.HasPrefix(syntax.Error(), "unexpected end") {
		return errors.New("it ends in the middle of its JSON; perhaps a bracket or a quote is missing")
	}
	if len(rest) > 20 {
		rest = rest[:20] + "…"
	}
	return fmt.Errorf("line %d is not JSON from %s on", 1+bytes.Count(data[:at], []byte("\n")), show(rest))
}

// valueAt is a short value in objects, as it is written; "" if it is another.
func valueAt(data []byte, path string) string {
	const most = 40
	for key := range strings.SplitSeq(path, ".") {
		var object map[string]json.RawMessage
		if json.Unmarshal(data, &object) != nil {
			return ""
		}
		data = object[key]
	}
	if text := string(bytes.TrimSpace(data)); len(text) <= most && isPrintable(text) {
		return text
	}
	return ""
}

// wrongKind says in the words of JSON what a decoder says in those of Go. The value is
// the wrong one, if it is known.
func wrongKind(e *json.UnmarshalTypeError, value string) string {
	kind, _, _ := strings.Cut(e.Value, " ")
	found := map[string]string{"string": "a string", "number": "a number", "object": "an object", "array": "an array", "bool": "true or false"}[kind]
	text := fmt.Sprintf("%s where %s belongs", cmp.Or(value, found, "a value"), jsonKind(e.Type.Kind()))
	if e.Field != "" {
		text = e.Field + ": " + text
	}
	return text
}

func jsonKind(kind reflect.Kind) string {
	switch kind {
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64, reflect.Uint, reflect.Uint64:
		return "a whole number"
	}
	return "something else"
}

// oneLine is an error of a decoder or of the schema, which may repeat what it read,
// as a message has it.
func oneLine(err error) error {
	text := strings.TrimPrefix(strings.Join(strings.Fields(err.Error()), " "), "json: ")
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		text = wrongKind(wrong, "")
	}
	if isPrintable(text) && len(text) <= 300 {
		return errors.New(text)
	}
	return errors.New(show(text))
}
