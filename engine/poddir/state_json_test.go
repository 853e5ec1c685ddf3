package poddir

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

// Every field is read without the library: one that was forgotten would make
// lists slow, and nobody would see why.
func TestStateIsReadInOnePassWithAllThatItCanHave(t *testing.T) {
	t.Parallel()
	var s Status
	fill(reflect.ValueOf(&s).Elem())
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	p := parser{rest: data}
	if got := p.status(); p.failed || len(p.rest) > 0 || !reflect.DeepEqual(got, s) {
		t.Errorf("left %.40q of %s\ngot  %+v\nwant %+v", p.rest, data, got, s)
	}
}

// fill gives everything below v a value that is not its zero.
func fill(v reflect.Value) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, 11, 26, 1, 2, 3, 456, time.UTC)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0))
		fill(v.Index(1))
	case reflect.String:
		v.SetString("ü 7")
	case reflect.Int, reflect.Int64:
		v.SetInt(-70)
	case reflect.Bool:
		v.SetBool(true)
	default:
		panic("the parser has no " + v.Kind().String())
	}
}

func FuzzStatePass(f *testing.F) {
	var s Status
	fill(reflect.ValueOf(&s).Elem())
	whole, _ := json.Marshal(s)
	f.Add(whole)
	for _, text := range []string{
		`{}`, `{"state":"exited","apps":null}`, `{"state":"exited","apps":[]}`, `{"apps":[{}],"apps":[{"pid":1},{}]}`, `{"exit":1,"exit":null}`,
		`{"runs":01}`, `{"runs":-0}`, `{"runs":1.5}`, `{"runs":99999999999999999999}`, `{"name":"\u0041"}`, `{"Name":"a"}`, "{\"name\":\"\xff\"}",
		`{"created":"2026-11-26T15:42:55Z"}`, `{"created":"2026-11-26 15:42"}`, `{"apps":[{"input":false}]}`, ` {}`, `{}x`, `{"name":"a",}`, `{"networks":["a",]}`,
		`{"interfaces":[{"network":"default","name":"eth0","addresses":["172.16.28.1/31"],"gateways":["172.16.28.0",""],"routes":null}]}`, `{"interfaces":[{"addresses":[]},{}]}`,
		`{"interfaces":[{"name":"a","Name":"b"}]}`, `{"interfaces":{}}`, `{"interfaces":[{"mac":7}]}`, `{"interfaces":[{"routes":[7]}],"ports":[]}`,
		`{"ports":[{"name":"http","app":"a","protocol":"tcp","hostPort":80,"port":8080,"count":1}]}`, `{"ports":[{"hostPort":"80"}]}`, `{"ports":[{"count":-1,"hostIP":"::1"},null]}`,
		`{"ports":[{"port":1e2}]}`, `{"ports":[{"odd":1}],"ports":[{"count":2}]}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var want Status
		wantErr := json.Unmarshal(data, &want)
		got, err := parseStatus(data)
		if (err == nil) != (wantErr == nil) || err == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v (%v)\nwant %+v (%v)", got, err, want, wantErr)
		}
	})
}
