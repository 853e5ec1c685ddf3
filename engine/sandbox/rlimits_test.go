package sandbox

import (
	"math"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

func TestEveryRlimitHasANumber(t *testing.T) {
	t.Parallel()
	seen := make(map[int]string)
	for _, name := range spec.RlimitNames() {
		number := resourceOf(name)
		if other, twice := seen[number]; twice || number < 0 || number > 15 {
			t.Errorf("%s is %d, as is %s", name, number, other)
		}
		seen[number] = name
	}
}

func TestRlimitsAreClampedToWhatThisProcessMaySet(t *testing.T) {
	t.Parallel()
	list, warnings := rlimits([]spec.Rlimit{{Name: "core", Soft: 0, Hard: 0}, {Name: "nofile", Soft: math.MaxUint64, Hard: math.MaxUint64}})
	if len(list) != 2 || list[0].Hard != 0 || list[1].Type != unix.RLIMIT_NOFILE {
		t.Fatalf("%+v", list)
	}
	if list[1].Soft != list[1].Hard || list[1].Hard == math.MaxUint64 || len(warnings) != 1 {
		t.Errorf("of nofile there is no more than fs.nr_open: %+v, %q", list[1], warnings)
	}
	var self unix.Rlimit
	if err := unix.Prlimit(0, unix.RLIMIT_NOFILE, nil, &self); err != nil {
		t.Fatal(err)
	}
	list, warnings = rlimits(nil)
	if len(list) != 1 || list[0].Type != unix.RLIMIT_NOFILE || list[0].Soft != 1024 || list[0].Hard > max(self.Max, 524288) || warnings != nil {
		t.Errorf("of those that ask for none: %+v, %q", list, warnings)
	}
}
