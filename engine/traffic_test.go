package engine

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

const devices = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 1096 10 0 0 0 0 0 0 1096 10 0 0 0 0 0 0
  eth0:5200000000 7 0 0 0 0 0 0 42 3 0 0 0 0 0 0
`

func TestDevicesAreReadAsTheKernelWritesThem(t *testing.T) {
	t.Parallel()
	lo, eth := Traffic{Interface: "lo", Received: 1096, Sent: 1096}, Traffic{Interface: "eth0", Received: 5_200_000_000, Sent: 42}
	for name, c := range map[string]struct {
		text string
		want []Traffic
	}{
		"two":               {devices, []Traffic{lo, eth}},
		"none":              {strings.Join(strings.SplitAfter(devices, "\n")[:2], ""), nil},
		"cut in a number":   {devices[:len(devices)-30], []Traffic{lo}},
		"cut at the end":    {devices[:len(devices)-1], []Traffic{lo}},
		"empty":             {"", nil},
		"too few numbers":   {"eth0: 1 2 3\n", nil},
		"below nothing":     {"eth0: -1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n", nil},
		"more than a count": {"eth0: 99999999999999999999 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n", nil},
	} {
		if got := parseDevices([]byte(c.text)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func FuzzDevices(f *testing.F) {
	f.Add([]byte(devices))
	f.Add([]byte("a:b:1\n\n:\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, one := range parseDevices(text) {
			if one.Received < 0 || one.Sent < 0 || strings.ContainsAny(one.Interface, ":\n") {
				t.Errorf("%+v", one)
			}
		}
	})
}

// A number that another process has by now says nothing of the pod.
func TestTrafficOfAnotherProcessIsNotTaken(t *testing.T) {
	t.Parallel()
	if got, err := deviceBytes(os.Getpid(), "3f1c9a2e-2222-4b0e-9c55-000000000001"); err == nil || got != nil {
		t.Errorf("%+v", got)
	}
}
