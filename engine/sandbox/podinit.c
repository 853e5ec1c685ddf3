// The pod's first process, PID 1 of its PID namespace. It holds the namespaces
// that the apps share, reaps what they leave behind, and takes everything with
// it when it dies: the kernel kills a PID namespace with its init.
//
// It is a C constructor because it must be cheap and small: the Go runtime
// would cost milliseconds at each start and megabytes for each running pod,
// and PID 1 has nothing to do that needs it. The constructor runs in every
// process of this executable, and returns at once in those that are not
// called "podtui pod-init UUID HOSTNAME", with words behind: "network" if it has a
// network namespace of its own, "hand-over" if it is to hand over file systems.

#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Descriptors that sandbox.startInit hands over, in its order of ExtraFiles.
enum { LIFELINE = 3, READY = 4, HAND_OVER = 5 };

// fail tells the supervisor which step went wrong; it turns errno into words.
static void fail(const char *step)
{
	int saved = errno;
	char number[4];
	int n = 0;

	if (write(READY, step, strlen(step)) < 0 || write(READY, ": ", 2) < 0)
		_exit(1);
	for (int d = 100; d > 0; d /= 10)
		number[n++] = '0' + saved / d % 10;
	if (write(READY, number, n) < 0)
		_exit(1);
	_exit(1);
}

// empty_root leaves the host's file systems for an empty read-only one, so that
// /proc/1/root shows an app nothing even if it could look.
static void empty_root(void)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		fail("make mounts private");
	if (mount("podtui", "/proc", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, "size=0,nr_inodes=2") < 0)
		fail("mount an empty root");
	if (chdir("/proc") < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
		fail("pivot into the empty root");
	if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		fail("leave the host's file systems");
}

// file_system makes one that is mounted nowhere. It is of the namespaces that init is
// in, as the apps' own are.
static int file_system(const char *kind)
{
	int fs = syscall(SYS_fsopen, kind, FSOPEN_CLOEXEC);
	int mount;

	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "source", kind, 0) < 0 ||
	    syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		fail(kind);
	mount = syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (mount < 0)
		fail(kind);
	close(fs);
	return mount;
}

// hand_over gives the supervisor the file systems that show what is in the pod, for
// the apps' roots.
static void hand_over(void)
{
	int mounts[] = {file_system("proc"), file_system("mqueue")};
	char rights[CMSG_SPACE(sizeof(mounts))] = {0}, word = 0;
	struct iovec words = {.iov_base = &word, .iov_len = 1};
	struct msghdr message = {.msg_iov = &words, .msg_iovlen = 1, .msg_control = rights, .msg_controllen = sizeof(rights)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(mounts));
	memcpy(CMSG_DATA(header), mounts, sizeof(mounts));
	if (sendmsg(HAND_OVER, &message, 0) < 0)
		fail("hand over file systems");
	for (int i = 0; i < 2; i++)
		close(mounts[i]);
	close(HAND_OVER);
}

// loopback_up has the pod reach itself: a new network has nothing but a loopback,
// which is down.
static void loopback_up(void)
{
	struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int any = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (any < 0 || ioctl(any, SIOCSIFFLAGS, &loopback) < 0)
		fail("set the loopback up");
	close(any);
}

// drop_capabilities leaves nothing to be had of init, for good: it is root of more
// than its apps are, and what is not dumpable is none the less open to an app with
// CAP_SYS_PTRACE.
static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_capset, &header, none) < 0)
		fail("drop the capabilities of init");
}

// supervisor_is_gone closes the gap between clone and PR_SET_PDEATHSIG: the
// other end of the lifeline is held by the supervisor alone, for as long as it
// lives.
static int supervisor_is_gone(void)
{
	struct pollfd lifeline = {.fd = LIFELINE};

	return poll(&lifeline, 1, 0) > 0;
}

static void reap_for_ever(void)
{
	sigset_t all;
	int sig;

	sigfillset(&all);
	for (;;) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		sigwait(&all, &sig);
	}
}

__attribute__((constructor)) static void pod_init(int argc, char **argv)
{
	sigset_t all;

	if (argc < 4 || strcmp(argv[1], "pod-init") != 0 || getpid() != 1)
		return;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		fail("tie init to its supervisor");
	if (supervisor_is_gone())
		_exit(1);
	// An app is root with a few capabilities, which must not be enough to trace its
	// init and read what it holds open.
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		fail("protect init from its apps");
	prctl(PR_SET_NAME, "podtui-init");
	if (unshare(CLONE_NEWIPC) < 0)
		fail("make an IPC namespace");
	if (sethostname(argv[3], strlen(argv[3])) < 0)
		fail("set the host name");
	for (int i = 4; i < argc; i++) {
		if (strcmp(argv[i], "network") == 0)
			loopback_up();
		if (strcmp(argv[i], "hand-over") == 0)
			hand_over();
	}
	empty_root();
	drop_capabilities();
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	close(READY);
	reap_for_ever();
}

// A process called "podtui-users" is there for its user namespace alone, until
// whoever has started it has opened that (Users.reversed), or has gone.
__attribute__((constructor)) static void hold_users(int argc, char **argv)
{
	char nothing;

	if (argc != 1 || strcmp(argv[0], "podtui-users") != 0)
		return;
	while (read(STDIN_FILENO, &nothing, 1) > 0)
		;
	_exit(0);
}
