// Tries to get out of a pod, for engine/escapes_test.go, and tells of each attempt how
// it went: its name, a tab, and "done" or the error. Run outside of a pod, with the word
// "outside", it does the same in a mount namespace of its own, to show that what it tries
// is real. Nothing that it changes differs from what was there.
//
//	escape inside|outside MARKER TARGET OUTSIDE KEY DISK SOCKET
//
// MARKER is a file of the host, TARGET a process to attack that is here (a pod's init),
// OUTSIDE one that is outside, by the host's number, KEY a key of root's on the host,
// DISK the numbers of a disk of the host, SOCKET a socket with an abstract name.
//
//	escape watch
//	escape take PID
//
// takes hold of the executable of every process that comes by, or of one, and overwrites
// it once the process is gone.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int outside;
static const char *marker, *key, *disk, *name_of_socket;
static pid_t target, outsider;

// of is a path below the target's folder of /proc.
static const char *of(const char *what)
{
	static char path[4096];

	snprintf(path, sizeof(path), "/proc/%d/%s", target, what);
	return path;
}

static int opens(const char *path, int flags) { return open(path, flags | O_NONBLOCK) < 0 ? -1 : 0; }

// rewrite writes to a file what is in it.
static int rewrite(const char *path)
{
	char text[4096];
	int fd = open(path, O_RDWR);
	ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof(text), 0);

	return n < 0 || (n > 0 && pwrite(fd, text, n, 0) != n) ? -1 : 0;
}

// leaked looks for what this program was started with and wasn't given.
static int leaked(void)
{
	for (int fd = 3; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return 0;
	return -1;
}

static int init_root(void)
{
	char path[8192];

	snprintf(path, sizeof(path), "%s/../../../..%s", of("root"), marker);
	return opens(path, O_RDONLY);
}

static int init_cwd(void)
{
	char path[8192];

	snprintf(path, sizeof(path), "%s/../../../../../../../../../..%s", of("cwd"), marker);
	return opens(path, O_RDONLY);
}

// chroot_climb leaves a root by a folder that is not below the next one.
static int chroot_climb(void)
{
	if (outside && (mkdir("jail", 0700) < 0 || chroot("jail") < 0 || chdir("/") < 0))
		return -1;
	if (mkdir("cell", 0700) < 0 || chroot("cell") < 0)
		return -1;
	for (int i = 0; i < 64; i++)
		if (chdir("..") < 0)
			return -1;
	return chroot(".") < 0 ? -1 : opens(marker, O_RDONLY);
}

static int core_pattern(void) { return rewrite("/proc/sys/kernel/core_pattern"); }

static int release_agent(void)
{
	return mount("cgroup", "mnt", "cgroup", 0, "memory") < 0 ? -1 : rewrite("mnt/release_agent");
}

static int cgroup_v2(void) { return mount("cgroup2", "mnt", "cgroup2", 0, NULL); }
static int fresh_proc(void) { return mount("proc", "mnt", "proc", 0, NULL); }
static int fresh_sysfs(void) { return mount("sysfs", "mnt", "sysfs", 0, NULL); }
static int cover(const char *path) { return outside ? mount(path, path, NULL, MS_BIND, NULL) : 0; }

static int remount_proc(void)
{
	return cover("/proc/sys") < 0 ? -1 : mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND, NULL);
}

static int remount_sys(void)
{
	return cover("/sys") < 0 ? -1 : mount(NULL, "/sys", NULL, MS_REMOUNT | MS_BIND, NULL);
}

static int unmask(void) { return cover("/proc/keys") < 0 ? -1 : umount2("/proc/keys", MNT_DETACH); }
static int clone_tree(void) { return syscall(SYS_open_tree, AT_FDCWD, "/", 1 /* OPEN_TREE_CLONE */) < 0 ? -1 : 0; }
static int new_mount(void) { return syscall(SYS_fsopen, "tmpfs", 0) < 0 ? -1 : 0; }

static int node(const char *path, mode_t mode, dev_t device)
{
	return mknod(path, mode | 0600, device) < 0 ? -1 : opens(path, O_RDONLY);
}

static int disk_node(void)
{
	unsigned int major, minor;

	if (sscanf(disk, "%u:%u", &major, &minor) != 2) {
		errno = ENODEV;
		return -1;
	}
	return node("disk", S_IFBLK, makedev(major, minor));
}

static int memory_node(void) { return node("memory", S_IFCHR, makedev(1, 1)); }
static int kmsg_node(void) { return node("kmsg", S_IFCHR, makedev(1, 11)); }

static int search_keys(void)
{
	char secret[64];
	long id = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", key, 0);

	return id < 0 || syscall(SYS_keyctl, KEYCTL_READ, id, secret, sizeof(secret)) < 0 ? -1 : 0;
}

static int add_key(void)
{
	return syscall(SYS_add_key, "user", key, "secret", 6, KEY_SPEC_USER_KEYRING) < 0 ? -1 : 0;
}

static int list_keys(void)
{
	char byte;
	int fd = open("/proc/keys", O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, &byte, 1);

	if (n == 0)
		errno = ENODATA;
	return n > 0 ? 0 : -1;
}

static int trace(void) { return ptrace(PTRACE_SEIZE, target, NULL, NULL) < 0 ? -1 : 0; }
static int write_memory(void) { return opens(of("mem"), O_RDWR); }
static int executable(void) { return opens(of("exe"), O_RDONLY); }

// descriptors looks where those lead that the target has open.
static int descriptors(void)
{
	char name[16], led[4096];

	for (int fd = 0; fd < 16; fd++) {
		snprintf(name, sizeof(name), "fd/%d", fd);
		if (readlink(of(name), led, sizeof(led)) >= 0)
			return 0;
		if (errno != ENOENT)
			return -1;
	}
	return -1;
}

static int read_memory(void)
{
	char byte;
	struct iovec here = {&byte, 1}, there = {(void *)8, 1};

	return process_vm_readv(target, &here, 1, &there, 1, 0) < 0 ? -1 : 0;
}

static int take_descriptor(void)
{
	int pidfd = syscall(SYS_pidfd_open, target, 0);

	return pidfd < 0 || syscall(SYS_pidfd_getfd, pidfd, 0, 0) < 0 ? -1 : 0;
}

static int join_by_proc(void)
{
	int fd = open(of("ns/mnt"), O_RDONLY);

	return fd < 0 ? -1 : setns(fd, CLONE_NEWNS);
}

static int join_by_pidfd(void)
{
	int pidfd = syscall(SYS_pidfd_open, target, 0);

	return pidfd < 0 ? -1 : setns(pidfd, CLONE_NEWNS);
}

static int signal_outsider(void) { return kill(outsider, 0); }
static int new_users(void) { return unshare(CLONE_NEWUSER); }
static int sysrq(void) { return opens("/proc/sysrq-trigger", O_WRONLY); }
static int sys_write(void) { return opens("/sys/kernel/mm/transparent_hugepage/enabled", O_WRONLY); }
static int module(void) { return syscall(SYS_init_module, "junk", 4, "") < 0 ? -1 : 0; }
static int reboots(void) { return syscall(SYS_reboot, 0, 0, 0, NULL) < 0 ? -1 : 0; }
static int set_clock(void) { return syscall(SYS_clock_settime, 0, NULL) < 0 ? -1 : 0; }
static int ring(void) { return syscall(SYS_io_uring_setup, 1, NULL) < 0 ? -1 : 0; }

static int kernel_log(void)
{
	char text[64];

	return klogctl(3, text, sizeof(text)) < 0 ? -1 : 0;
}

static int bpf(void)
{
	union bpf_attr map = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};

	return syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof(map)) < 0 ? -1 : 0;
}

static int perf(void)
{
	struct perf_event_attr event = {.type = PERF_TYPE_SOFTWARE, .size = sizeof(event), .config = PERF_COUNT_SW_CPU_CLOCK};

	return syscall(SYS_perf_event_open, &event, -1, 0, -1, 0) < 0 ? -1 : 0;
}

// by_handle opens a file of the host's by its number: /etc/hosts is on a file system
// of the host.
static int by_handle(void)
{
	struct {
		struct file_handle handle;
		unsigned char rest[MAX_HANDLE_SZ];
	} file = {.handle.handle_bytes = MAX_HANDLE_SZ};
	int mount, fd = open("/etc/hosts", O_RDONLY);

	if (fd < 0 || name_to_handle_at(AT_FDCWD, "/etc/hosts", &file.handle, &mount, 0) < 0)
		return -1;
	return open_by_handle_at(fd, &file.handle, O_RDONLY) < 0 ? -1 : 0;
}

// interface sets the flags of the loopback to what they are.
static int interface(void)
{
	struct ifreq request = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	return fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -1 : 0;
}

static int abstract_socket(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(address.sun_path + 1, name_of_socket, sizeof(address.sun_path) - 2);
	return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name_of_socket));
}

#define ATTEMPT(name) {#name, name}

static const struct attempt {
	const char *name;
	int (*try)(void);
} attempts[] = {
	ATTEMPT(leaked), ATTEMPT(init_root), ATTEMPT(init_cwd), ATTEMPT(chroot_climb), ATTEMPT(core_pattern),
	ATTEMPT(release_agent), ATTEMPT(cgroup_v2), ATTEMPT(fresh_proc), ATTEMPT(fresh_sysfs), ATTEMPT(remount_proc),
	ATTEMPT(remount_sys), ATTEMPT(unmask), ATTEMPT(clone_tree), ATTEMPT(new_mount), ATTEMPT(disk_node),
	ATTEMPT(memory_node), ATTEMPT(kmsg_node), ATTEMPT(search_keys), ATTEMPT(add_key), ATTEMPT(list_keys),
	ATTEMPT(trace), ATTEMPT(write_memory), ATTEMPT(read_memory), ATTEMPT(executable), ATTEMPT(descriptors),
	ATTEMPT(take_descriptor), ATTEMPT(join_by_proc), ATTEMPT(join_by_pidfd), ATTEMPT(signal_outsider),
	ATTEMPT(new_users), ATTEMPT(sysrq), ATTEMPT(sys_write), ATTEMPT(module), ATTEMPT(reboots), ATTEMPT(set_clock),
	ATTEMPT(ring), ATTEMPT(kernel_log), ATTEMPT(bpf), ATTEMPT(perf), ATTEMPT(by_handle), ATTEMPT(interface),
	ATTEMPT(abstract_socket),
};

// attempt runs one in a process and a mount namespace of its own, if it may make one.
static void attempt(const struct attempt *attempt)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		alarm(10);
		if (outside && (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0))
			_exit(255);
		errno = 0;
		_exit(attempt->try() == 0 ? 0 : errno);
	}
	waitpid(child, &status, 0);
	if (!WIFEXITED(status))
		printf("%s\tkilled by %d\n", attempt->name, WTERMSIG(status));
	else
		printf("%s\t%s\n", attempt->name, WEXITSTATUS(status) == 0 ? "done" : strerrorname_np(WEXITSTATUS(status)));
}

// overwrite tries to write to an executable that a descriptor leads to, as soon as
// nobody executes it.
static void overwrite(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	printf("take\tdone\n");
	for (int i = 0; i < 10000; i++) {
		int out = open(path, O_WRONLY);

		if (out >= 0 || errno != ETXTBSY) {
			printf("overwrite\t%s\n", out >= 0 && write(out, "#", 1) == 1 ? "done" : strerrorname_np(errno));
			return;
		}
		usleep(1000);
	}
	printf("overwrite\tETXTBSY\n");
}

// own tells whether what a descriptor leads to is a file of this root.
static int own(const char *link, int fd)
{
	char path[4096] = "";
	struct stat here, there;

	return readlink(link, path, sizeof(path) - 1) > 0 && stat(path, &here) == 0 && fstat(fd, &there) == 0 &&
	       here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

// take gets hold of the executable of a process.
static void take(pid_t pid)
{
	char link[64];
	int fd;

	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	fd = open(link, O_RDONLY);
	if (fd < 0)
		printf("take\t%s\n", strerrorname_np(errno));
	else if (!own(link, fd))
		overwrite(fd);
	if (fd >= 0)
		close(fd);
}

// watch takes that of every process that it has not seen: of init first, and then of
// those who enter.
static void watch(void)
{
	pid_t last = 0;

	for (;;) {
		DIR *proc = opendir("/proc");
		struct dirent *entry;

		while ((entry = readdir(proc)) != NULL) {
			pid_t pid = atoi(entry->d_name);

			if (pid > last && pid != getpid())
				take(last = pid);
		}
		closedir(proc);
	}
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && strcmp(argv[1], "watch") == 0)
		watch();
	if (argc == 3 && strcmp(argv[1], "take") == 0) {
		target = atoi(argv[2]);
		return overwrite(open(of("exe"), O_RDONLY)), 0;
	}
	if (argc != 8)
		return 2;
	outside = strcmp(argv[1], "outside") == 0;
	marker = argv[2];
	target = atoi(argv[3]);
	outsider = atoi(argv[4]);
	key = argv[5];
	disk = argv[6];
	name_of_socket = argv[7];
	attempt(&attempts[0]); // before anything is opened here
	if (mkdir("mnt", 0700) < 0)
		return 1;
	for (size_t i = 1; i < sizeof(attempts) / sizeof(*attempts); i++)
		attempt(&attempts[i]);
	return 0;
}
