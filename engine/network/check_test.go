package network

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/spec"
)

// TestCheck has ports taken in every way, and each told by who has it: in the same words
// by who binds them and by who only looks.
func TestCheck(t *testing.T) {
	t.Parallel()
	w := newPortWorld(t)
	pod := w.newPod()
	pod.mustPublish(port(spec.TCP, "", 1001, 80), port(spec.UDP, "127.0.0.1", 1002, 80))
	w.Host.Echo("tcp4", "127.0.0.1:1003")
	w.Host.Echo("tcp6", "[::]:1004")
	w.Host.Echo("udp", nettest.HostIP+":1005")
	w.Host.Echo("tcp6", "[::]:1009")
	w.Host.Echo("tcp6", "[::1]:1010")
	w.Host.Echo("tcp", ":1011")
	comm, _ := os.ReadFile("/proc/self/comm")
	program := fmt.Sprintf("%q (process %d)", strings.TrimSpace(string(comm)), os.Getpid())
	long := port(spec.TCP, "", 990, 80)
	long.Count = 12 // up to 1001
	named := func(p spec.Published) string {
		if p.Meets(port(spec.UDP, "127.0.0.1", 1002, 80)) {
			return "web"
		}
		return ""
	}
	cases := []struct {
		what  string
		ports []spec.Published
		want  []string // of each problem
	}{
		{"none", nil, nil},
		{"a free port", []spec.Published{port(spec.TCP, "", 1000, 80)}, nil},
		{"a port that was looked for already", []spec.Published{port(spec.TCP, "", 1000, 80)}, nil},
		{"the other protocol of one that is taken", []spec.Published{port(spec.UDP, "", 1001, 80), port(spec.TCP, "", 1002, 80)}, nil},
		{"another address of one that is taken", []spec.Published{port(spec.UDP, nettest.HostIP, 1002, 80), port(spec.TCP, nettest.HostIP, 1003, 80)}, nil},
		{"a pod's", []spec.Published{port(spec.TCP, "", 1001, 80)}, []string{"ports[0]: port web: tcp port 1001 of the host is taken by pod " + pod.uuid}},
		{"a pod's, on an address", []spec.Published{port(spec.TCP, "127.0.0.1", 1001, 80)}, []string{"ports[0]: port web: tcp port 1001 of the host on 127.0.0.1 is taken by pod " + pod.uuid}},
		{"a pod's that the caller knows", []spec.Published{port(spec.UDP, "", 1002, 80)}, []string{"ports[0]: port web: udp port 1002 of the host is taken by pod web"}},
		{"the end of a range", []spec.Published{long}, []string{"ports[0]: port web: tcp port 1001 of the host is taken by pod " + pod.uuid}},
		{"a program's, and one that is free", []spec.Published{port(spec.TCP, "", 1000, 80), port(spec.TCP, "", 1003, 81)}, []string{"ports[1]: port web: tcp port 1003 of the host is taken by " + program}},
		{"a port of another family than a program's", []spec.Published{port(spec.TCP, nettest.HostIP, 1004, 80)}, nil},
		{"a program's on IPv6", []spec.Published{port(spec.TCP, "::1", 1004, 80)}, []string{"ports[0]: port web: tcp port 1004 of the host on ::1 is taken by " + program}},
		{"a program's by UDP", []spec.Published{port(spec.UDP, "", 1005, 80)}, []string{"ports[0]: port web: udp port 1005 of the host is taken by " + program}},
		{"two of one pod", []spec.Published{port(spec.TCP, "127.0.0.1", 1000, 80), port(spec.TCP, "", 1000, 81)}, []string{"ports[1]: port web: tcp port 1000 of the host is taken by port web of the same pod"}},
		{"a port that is IPv6's alone", []spec.Published{port(spec.TCP, "", 1009, 80)}, nil},
		{"one on IPv6's loopback", []spec.Published{port(spec.TCP, "", 1010, 80)}, nil},
		{"a port of both families'", []spec.Published{port(spec.TCP, "", 1011, 80)}, []string{"ports[0]: port web: tcp port 1011 of the host is taken by " + program}},
		{"an address that the host hasn't", []spec.Published{port(spec.TCP, nettest.OutsideIP, 1000, 80), port(spec.TCP, nettest.OutsideIP6, 1000, 80)}, []string{
			"ports[0]: port web: the host has no address " + nettest.OutsideIP, "ports[1]: port web: the host has no address " + nettest.OutsideIP6,
		}},
		{"an address of many", []spec.Published{port(spec.UDP, "224.0.0.251", 1000, 80)}, []string{`ports[0]: port web: "224.0.0.251" is no address of one host`}},
	}
	for _, c := range cases {
		for how, check := range map[string]func([]spec.Published, func(spec.Published) string) []spec.Problem{
			"bound": Check, "seen": func(ports []spec.Published, taken func(spec.Published) string) []spec.Problem {
				return LookAtSockets().Check(ports, taken)
			},
		} {
			if how == "seen" && c.what == "two of one pod" { // which is not of the host
				continue
			}
			var got []string
			alone(w.Host, func() {
				for _, p := range check(c.ports, named) {
					got = append(got, p.Path+": "+p.Message)
				}
			})
			if !slices.Equal(got, c.want) {
				t.Errorf("%s, %s: %q instead of %q", c.what, how, got, c.want)
			}
		}
	}
}

// TestHolderIsNamedSafely: a program is told by its name, whatever that has in it.
func TestHolderIsNamedSafely(t *testing.T) {
	if where := os.Getenv("PODTUI_TEST_LISTEN"); where != "" {
		listenUntilToldToEnd(t, where)
		return
	}
	t.Parallel()
	host := nettest.New(t, "host")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	evil := filepath.Join(t.TempDir(), "e\x1b[31mvil\n")
	if err := os.Symlink(self, evil); err != nil {
		t.Fatal(err)
	}
	server := host.Command(evil, "-test.run=^TestHolderIsNamedSafely$")
	server.Env = append(os.Environ(), "PODTUI_TEST_LISTEN=127.0.0.1:1007")
	end, err := server.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	said, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { end.Close(); _ = server.Wait() }()
	if line, err := bufio.NewReader(said).ReadString('\n'); err != nil {
		t.Fatalf("it says %q: %v", line, err)
	}
	var problems []spec.Problem
	host.Do(func() {
		problems = Check([]spec.Published{port(spec.TCP, "", 1007, 80)}, func(spec.Published) string { return "" })
	})
	want := fmt.Sprintf(`port web: tcp port 1007 of the host is taken by "e\x1b[31mvil" (process %d)`, server.Process.Pid)
	if len(problems) != 1 || problems[0].Message != want {
		t.Errorf("%q instead of %q", problems, want)
	}
}

func listenUntilToldToEnd(t *testing.T, where string) {
	listener, err := net.Listen("tcp", where)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	fmt.Println("listening")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func FuzzSocketLine(f *testing.F) {
	f.Add("   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 0000000000000000 100 0 0 10 0")
	f.Add("   1: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 9 1")
	f.Add("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode")
	f.Fuzz(func(t *testing.T, line string) {
		if s, ok := parseSocket(line); ok && !s.local.IsValid() {
			t.Errorf("%q: %v", line, s)
		}
	})
}

func TestSocketLine(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 12345 1":                                             "127.0.0.1:8080 true 12345",
		"1: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 01 0:0 0:0 0 0 0 9 1": "[::1]:22 false 9",
		"sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode":      "",
		"0: 0100007F:1F90F 00000000:0000 0A 0:0 0:0 0 0 0 12345 1":                                            "",
		"0: 0100:1F90 00000000:0000 0A 0:0 0:0 0 0 0 12345 1":                                                 "",
		"0: 0100007F 00000000:0000": "",
	} {
		got := ""
		if s, ok := parseSocket(line); ok {
			got = fmt.Sprint(s.local, " ", s.waits, " ", s.inode)
		}
		if got != want {
			t.Errorf("%q: %q instead of %q", line, got, want)
		}
	}
	if overlap(netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")) {
		t.Error("two addresses overlap")
	}
}
