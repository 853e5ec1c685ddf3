package spec

import "testing"

func TestWhatIsTheKernelsTakesNoVolume(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]bool{
		"/proc": true, "/proc/": true, "/proc/x": true, "/x/../proc": true, "proc": true,
		"/sys": true, "/sys/": true, "/sys/fs/cgroup": false, "/sysroot": false,
		"/dev": true, "/dev/null": true, "/dev/null/x": true, "/dev/pts": true, "/dev/pts/0": true, "/dev/ptmx": true, "/dev/fd/3": true,
		"/dev/log": false, "/dev/shm": false, "/dev/shm/x": false, "/dev/nullify": false, "/dev/x/null": false,
		"/dev/mqueue": false, "/dev/mqueue/x": true, "/device": false, "/": false, "/process": false,
	} {
		if got := KernelOwns(target); got != want {
			t.Errorf("%s: %t, want %t", target, got, want)
		}
	}
}
