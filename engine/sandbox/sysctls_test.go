package sandbox

import "testing"

func TestSysctlsOfTheHostAreRefused(t *testing.T) {
	t.Parallel()
	for key, allowed := range map[string]bool{
		"kernel.shmmax": true, "kernel.sem": true, "kernel.msgmnb": true, "fs.mqueue.msg_max": true,
		"kernel.core_pattern": false, "kernel.panic": false, "vm.swappiness": false, "fs.file-max": false,
		"kernel.shm": false, "kernel.shmmax.x": false, "kernel/shmmax": false, "fs.mqueue.": false, "fs.mqueue...kernel.panic": false,
		"fs.mqueue./../../kernel/panic": false, "": false, "net": false,
	} {
		if err := CheckSysctl(key, true); (err == nil) != allowed {
			t.Errorf("%q: %v", key, err)
		}
	}
	if CheckSysctl("net.ipv4.ip_forward", false) == nil || CheckSysctl("net.ipv4.ip_forward", true) != nil {
		t.Error("net.* is the pod's with a private network, and only then")
	}
}

func FuzzSysctls(f *testing.F) {
	f.Add("kernel.shmmax")
	f.Add("net.ipv4/../..")
	f.Fuzz(func(t *testing.T, key string) {
		if CheckSysctl(key, true) != nil {
			return
		}
		for _, c := range key {
			if c == '/' || c == 0 {
				t.Errorf("%q leads elsewhere", key)
			}
		}
	})
}
