package spec

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/appc/spec/schema/types"
)

// listens is an image whose app has these ports: NAME=PROTOCOL:PORT, and perhaps +COUNT
// or !, which is socket activated.
func listens(t testing.TB, ports ...string) Image {
	t.Helper()
	var list []string
	for _, p := range ports {
		name, rest, _ := strings.Cut(p, "=")
		protocol, number, _ := strings.Cut(rest, ":")
		number, activated := strings.CutSuffix(number, "!")
		number, count, given := strings.Cut(number, "+")
		if !given {
			count = "0"
		}
		list = append(list, fmt.Sprintf(`{"name":"%s","protocol":"%s","port":%s,"count":%s,"socketActivated":%t}`, name, protocol, number, count, activated))
	}
	return image(t, "example.com/a", `{"exec":["/x"],"user":"0","group":"0","ports":[`+strings.Join(list, ",")+`]}`)
}

// publishing is a pod of so many apps, called a, b, c …, with a network and ports.
func publishing(t testing.TB, apps int, flags string) Pod {
	t.Helper()
	pod, err := Parse(strings.Fields("--private-net " + flags))
	if err != nil {
		t.Fatal(err)
	}
	for i := range apps {
		pod.Apps = append(pod.Apps, App{Image: "i", Name: string(rune('a' + i))})
	}
	return pod
}

func TestPortsAreThoseOfTheImagesNames(t *testing.T) {
	t.Parallel()
	web := listens(t, "http=tcp:80", "dns=udp:53", "data=tcp:7000+10")
	for name, c := range map[string]struct {
		flags  string
		images []Image
		want   []Published
	}{
		"none": {"", []Image{web}, nil},
		"one":  {"--port=http:8080", []Image{web}, []Published{{"http", "a", "tcp", "", 8080, 80, 1}}},
		"in the order of the flags, by address": {"--port=dns:127.0.0.1:53 --port=http:[0::1]:80 --port=http:0.0.0.0:81", []Image{web},
			[]Published{{"dns", "a", "udp", "127.0.0.1", 53, 53, 1}, {"http", "a", "tcp", "::1", 80, 80, 1}, {"http", "a", "tcp", "0.0.0.0", 81, 80, 1}}},
		"a range":                      {"--port=data:100", []Image{web}, []Published{{"data", "a", "tcp", "", 100, 7000, 10}}},
		"as many as are taken":         {"--port=data:100", []Image{listens(t, "data=tcp:7000+1000")}, []Published{{"data", "a", "tcp", "", 100, 7000, 1000}}},
		"a range to the last port":     {"--port=data:65526", []Image{web}, []Published{{"data", "a", "tcp", "", 65526, 7000, 10}}},
		"of a registry's image":        {"--port=8080-tcp:80", []Image{listens(t, "8080-tcp=tcp:8080")}, []Published{{"8080-tcp", "a", "tcp", "", 80, 8080, 1}}},
		"in capitals":                  {"--port=http:80", []Image{listens(t, "http=TCP:80")}, []Published{{"http", "a", "tcp", "", 80, 80, 1}}},
		"of the second app":            {"--port=http:80", []Image{listens(t), web}, []Published{{"http", "b", "tcp", "", 80, 80, 1}}},
		"of both, which have the same": {"--port=http:80", []Image{listens(t, "http=tcp:80+1"), web}, []Published{{"http", "a", "tcp", "", 80, 80, 1}}},
		"one port of two protocols":    {"--port=dns:53 --port=dns-tcp:53", []Image{listens(t, "dns=udp:53", "dns-tcp=tcp:53")}, []Published{{"dns", "a", "udp", "", 53, 53, 1}, {"dns-tcp", "a", "tcp", "", 53, 53, 1}}},
		"one name of two protocols":    {"--port=dns:5353", []Image{listens(t, "dns=udp:53", "dns=tcp:53"), listens(t, "dns=udp:53")}, []Published{{"dns", "a", "udp", "", 5353, 53, 1}, {"dns", "a", "tcp", "", 5353, 53, 1}}},
		"one port of two addresses":    {"--port=http:1.1.1.1:80 --port=http:1.1.1.2:80 --port=http:[::]:80", []Image{web}, []Published{{"http", "a", "tcp", "1.1.1.1", 80, 80, 1}, {"http", "a", "tcp", "1.1.1.2", 80, 80, 1}, {"http", "a", "tcp", "::", 80, 80, 1}}},
		"ranges side by side":          {"--port=data:100 --port=data:110 --port=http:99", []Image{web}, []Published{{"data", "a", "tcp", "", 100, 7000, 10}, {"data", "a", "tcp", "", 110, 7000, 10}, {"http", "a", "tcp", "", 99, 80, 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pod := publishing(t, len(c.images), c.flags)
			r, problems := pod.Resolve(c.images, Surroundings{})
			if problems = append(problems, pod.Check()...); len(problems) > 0 || !reflect.DeepEqual(r.Ports, c.want) {
				t.Errorf("got %+v, %v\nwant %+v", r.Ports, problems, c.want)
			}
		})
	}
}

func TestPortsThatOnlyTheImagesShowToBeWrong(t *testing.T) {
	t.Parallel()
	web := listens(t, "http=tcp:80", "dns=udp:53", "data=tcp:7000+10")
	for name, c := range map[string]struct {
		flags  string
		images []Image
		path   string
		want   string
	}{
		"unknown":          {"--port=web:80", []Image{web, web}, "ports[0].name", "--port=web:80: no image has a port web; there are http (tcp 80), dns (udp 53), data (tcp 7000–7009)"},
		"by its number":    {"--port=80:80", []Image{web}, "ports[0].name", "no image has a port 80; there are http (tcp 80)"},
		"of none":          {"--port=web:80", []Image{listens(t)}, "ports[0].name", "--port=web:80: no image has a port web, or any other"},
		"another protocol": {"--port=sig:80", []Image{listens(t, "sig=sctp:80")}, "ports[0].name", "--port=sig:80: port sig of app a: protocol sctp can't be published; tcp and udp can"},
		"a hostile one":    {"--port=sig:80", []Image{listens(t, `sig=\u001b[2J:80`)}, "ports[0].name", `protocol "\x1b[2j" can't be published`},
		"socket activated": {"--port=http:80", []Image{listens(t, "http=tcp:80!")}, "ports[0].name", "port http of app a: it is socket activated, which podtui doesn't do: the app would wait for a socket that nobody hands it"},
		"one name for two": {"--port=dns:1 --port=http:80", []Image{web, listens(t, "http=tcp:8080")}, "ports[1].name", "--port=http:80: port http is tcp 80 of app a and tcp 8080 of app b; which one is meant, the podPort of a pod manifest can say"},
		"one for a range":  {"--port=http:80", []Image{web, listens(t, "http=tcp:80+2")}, "ports[0].name", "tcp 80 of app a and tcp 80–81 of app b"},
		"one in one image": {"--port=dns:53", []Image{listens(t, "dns=udp:53", "dns=tcp:53", "dns=udp:54")}, "ports[0].name", "port dns is udp 53 of app a and udp 54 of app a"},
		"one of two kinds": {"--port=dns:53", []Image{listens(t, "dns=tcp:53", "dns=sctp:53")}, "ports[0].name", "--port=dns:53: port dns of app a: protocol sctp can't be published"},
		"its second twice": {"--port=dns:53 --port=b:53", []Image{listens(t, "dns=tcp:53", "dns=udp:53", "b=udp:1")}, "ports[1].hostPort", "--port=b:53: udp port 53 of the host is that of port dns already"},
		"beyond the last":  {"--port=data:65527", []Image{web}, "ports[0].hostPort", "--port=data:65527: port data is tcp 7000–7009, 10 ports, and on the host they would go on to 65536; the last is 65535"},
		"too many at once": {"--port=all:8080", []Image{listens(t, "all=tcp:8080+15000")}, "ports[0].name", "--port=all:8080: port all is tcp 8080–23079 of app a, 15000 ports of the host; at most 1000 are taken at once"},
		"one too many":     {"--port=all:8080", []Image{listens(t, "all=udp:80+1001")}, "ports[0].name", "1001 ports of the host; at most 1000 are taken at once"},
		"twice":            {"--port=http:80 --port=b:80", []Image{listens(t, "http=tcp:80", "b=tcp:8080")}, "ports[1].hostPort", "--port=b:80: tcp port 80 of the host is that of port http already; write another HOSTPORT"},
		"in a range":       {"--port=data:100 --port=http:109", []Image{web}, "ports[1].hostPort", "tcp port 109 of the host is that of port data already"},
		"a range over one": {"--port=http:1.1.1.1:109 --port=data:100", []Image{web}, "ports[1].hostPort", "one of tcp ports 100–109 of the host is that of port http already"},
		"all and one":      {"--port=http:80 --port=http:[::1]:80", []Image{web}, "ports[1].hostPort", "tcp port 80 of ::1 is that of port http already"},
		"all IPv4 and one": {"--port=http:1.1.1.1:80 --port=http:0.0.0.0:80", []Image{web}, "ports[1].hostPort", "tcp port 80 of 0.0.0.0 is that of"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pod := publishing(t, len(c.images), c.flags)
			if wrong := pod.Check(); len(wrong) > 0 {
				t.Fatal(wrong)
			}
			_, problems := pod.Resolve(c.images, Surroundings{})
			if len(problems) != 1 || problems[0].Path != c.path || !strings.Contains(problems[0].Message, c.want) || !isPrintable(problems[0].Message) {
				t.Errorf("got %+v\nwant one at %s with %q", problems, c.path, c.want)
			}
		})
	}
}

// A form says nothing of a port whose image is still being looked for.
func TestPortsOfImagesThatAreNotKnownYet(t *testing.T) {
	t.Parallel()
	pod := publishing(t, 2, "--port=http:80 --port=web:81")
	r, problems := pod.Resolve([]Image{listens(t, "http=tcp:80")}, Surroundings{})
	if want := []Published{{"http", "a", "tcp", "", 80, 80, 1}}; !reflect.DeepEqual(r.Ports, want) {
		t.Errorf("got %+v", r.Ports)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Path, "ports") {
			t.Errorf("told too early: %+v", p)
		}
	}
	offers := pod.Offers([]Image{{}, listens(t, "a=tcp:1", "b=UDP:2+3")})
	want := []Offer{{"b", PodPort{Name: "a", Protocol: "tcp", Port: 1, Count: 1}}, {"b", PodPort{Name: "b", Protocol: "udp", Port: 2, Count: 3}}}
	if !reflect.DeepEqual(offers, want) || offers[1].String() != "udp 2–4" {
		t.Errorf("offers %+v", offers)
	}
}

// What a stranger's image says is bounded by nobody: the schema adds port and count up
// without looking where that ends.
func TestRangesOfAnImageThatAreNone(t *testing.T) {
	t.Parallel()
	for _, count := range []uint{65536, math.MaxUint, math.MaxUint - 78, 65535} {
		img := listens(t, "http=tcp:80")
		img.Manifest.App.Ports = []types.Port{{Name: "http", Protocol: "tcp", Port: 80, Count: count}}
		r, problems := publishing(t, 1, "--port=http:80").Resolve([]Image{img}, Surroundings{})
		if len(r.Ports) > 0 || len(problems) != 1 || !strings.Contains(problems[0].Message, "port http of app a: it is not within 1 to 65535") {
			t.Errorf("%d: %+v, %v", count, r.Ports, problems)
		}
	}
}

// A draft of a form holds what Check refuses.
func TestPortsThatAreWrongByFormAreNotPublished(t *testing.T) {
	t.Parallel()
	pod := publishing(t, 1, "")
	pod.Ports = []Port{{Name: "http"}, {Name: "http", HostPort: math.MaxInt}, {Name: "http", HostPort: -1}, {Name: "http", HostPort: 80, HostIP: "x"}, {HostPort: 80}, {Name: "http", HostPort: 81}}
	r, problems := pod.Resolve([]Image{listens(t, "http=tcp:80+2")}, Surroundings{})
	if len(problems) > 0 || len(r.Ports) != 1 || r.Ports[0].HostPort != 81 {
		t.Errorf("got %+v, %v", r.Ports, problems)
	}
	var paths []string
	for _, p := range pod.Check() {
		paths = append(paths, p.Path)
	}
	if want := []string{"ports[0].hostPort", "ports[1].hostPort", "ports[2].hostPort", "ports[3].hostIP", "ports[4].name"}; !slices.Equal(paths, want) {
		t.Errorf("problems at %v", paths)
	}
	pod.Ports = slices.Repeat([]Port{{Name: "http", HostPort: 81}}, maxPorts+1)
	if problems := pod.Check(); len(problems) != 1 || problems[0].Message != "1025 ports are published; at most 1024 are taken" {
		t.Errorf("got %v", problems)
	}
}

func FuzzPort(f *testing.F) {
	for _, s := range []string{"http:80", "0:][:0", "8080-tcp:127.0.0.1:8080", "a:[::1]:1", "a:[b[:1", "a:b]:1", "a:[b]c]:1", ":", "a:::1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		port, err := ParsePort(s)
		if err != nil {
			checkUsage(t, err)
			return
		}
		again, err := ParsePort(strings.TrimPrefix(port.flag(), "--port="))
		if err != nil || again != port {
			t.Errorf("%q: %+v is written %s, which is %+v (%v)", s, port, port.flag(), again, err)
		}
	})
}

func FuzzNetworks(f *testing.F) {
	for _, s := range []string{"default", "a,b:X=1;Y=2", "host", "none,host", ":", "a:X=1;X=2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkStable(t, []string{"img", "--net=" + s})
		pod, err := Parse([]string{"img", "--net=" + s})
		if err != nil || len(pod.Check()) > 0 {
			return
		}
		for _, asked := range pod.Network.Named() {
			name, args := SplitNetwork(asked)
			if name == "" || name == "." || name == ".." || strings.Contains(name, "/") || strings.ContainsAny(name+args, "\x00\n,") {
				t.Errorf("%q: a network called %q, with %q", s, name, args)
			}
		}
	})
}
