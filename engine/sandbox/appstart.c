// An app's start, from the pod's namespaces to where it has the app's own rights and
// root; then it goes on in become.c.
//
// It does what libcontainer does, in the same order, for the one kind of container that
// an app is. It is C, and a constructor, since it is to be single and quick: a process
// of more than one thread can't join a user namespace, and another Go runtime with a
// configuration in JSON takes several times as long as all that is to be done.
//
// Everything is mounted by descriptors. Where a file system of the kernel goes, an image
// has a folder or nothing: a link would lead it elsewhere.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include "appstart.h"
#include "become.h"

#define DETACH 2 // MNT_DETACH; its header can't be had together with linux/mount.h
#define NOEXEC (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)
#define NODEV (NOEXEC | MOUNT_ATTR_NODEV)

// fail tells what could not be done, and errno.
static void fail(const char *step, const char *on)
{
	struct answer answer = {.outcome = NOT_MADE, .error = errno};
	struct iovec said[] = {{&answer, sizeof(answer)}, {(char *)step, strlen(step)}, {(char *)on, strlen(on)}};

	if (writev(STATUS, said, 3) < 0)
		_exit(2);
	_exit(1);
}

static char *next_string(char **next)
{
	char *string = *next;

	*next += strlen(string) + 1;
	return string;
}

// copy_mount makes a mount of what is there, mounted nowhere yet.
static int copy_mount(int at, const char *path, unsigned flags)
{
	return syscall(SYS_open_tree, at, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);
}

static int put(int mount, int place)
{
	return syscall(SYS_move_mount, mount, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

static int change(int at, const char *path, unsigned flags, struct mount_attr to)
{
	return syscall(SYS_mount_setattr, at, path, flags, &to, sizeof(to));
}

// new_mount makes a file system, with options as mount(8) has them.
static int new_mount(const char *type, const char *options, unsigned attributes)
{
	char text[128], *rest = text, *option, *value;
	int fs = syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
	int mount;

	if (fs < 0)
		return -1;
	snprintf(text, sizeof(text), "%s", options);
	while ((option = strsep(&rest, ",")) != NULL) {
		value = strchr(option, '=');
		if (value != NULL)
			*value++ = '\0';
		if (syscall(SYS_fsconfig, fs, value == NULL ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING, option, value, 0) < 0)
			return -1;
	}
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -1;
	mount = syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attributes);
	close(fs);
	return mount;
}

// folder opens a folder, and makes one that isn't there.
static int folder(int at, const char *name)
{
	if (mkdirat(at, name, 0755) < 0 && errno != EEXIST)
		return -1;
	return openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int mount_on(int mount, int at, const char *name)
{
	int place = mount < 0 ? -1 : folder(at, name);

	if (place < 0 || put(mount, place) < 0)
		fail("mount ", name);
	close(place);
	return mount;
}

// place opens where something of this kind goes below the root, and makes what isn't
// there on the way. Nothing leads out, and no link is followed.
static int place(int root, const char *path, mode_t kind)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS};
	char way[PATH_MAX];
	int at = root, made;

	for (size_t length = 0;;) {
		const char *name = path + length + 1;
		bool last = strchr(name, '/') == NULL;
		int next;

		length = last ? strlen(path) : (size_t)(strchr(name, '/') - path);
		if (length >= sizeof(way)) {
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(way, path, length);
		way[length] = '\0';
		next = syscall(SYS_openat2, root, way, &how, sizeof(how));
		if (next < 0 && errno == ENOENT) {
			const char *missing = strrchr(way, '/') + 1;

			if (last && !S_ISDIR(kind)) {
				made = openat(at, missing, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
				close(made);
			} else {
				made = mkdirat(at, missing, 0755);
			}
			if (made >= 0)
				next = syscall(SYS_openat2, root, way, &how, sizeof(how));
		}
		if (next < 0 || last)
			return next;
		at = next;
	}
}

// receive_plan reads it whole, or ends the process: nobody waits for it.
static char *receive_plan(struct plan *plan)
{
	char *rest;

	receive(STATUS, plan, sizeof(*plan));
	rest = malloc(plan->size);
	if (rest == NULL)
		_exit(1);
	receive(STATUS, rest, plan->size);
	return rest;
}

// join_pod makes the process one of the pod, with mounts of its own. What the pod's
// users may not change of these the kernel holds on to in the copy.
static void join_pod(const struct plan *plan)
{
	if (setns(INIT, plan->namespaces) < 0)
		fail("join the pod's namespaces", "");
	if (unshare(CLONE_NEWNS) < 0)
		fail("make a mount namespace", "");
}

static void become_root(void)
{
	if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
		fail("become the pod's root", "");
}

// own_keyring leaves the caller's session keyring for one that those who enter the app
// find by its name. A kernel without keyrings has none to leave.
static void own_keyring(const char *name, bool own_users)
{
	char description[512] = "", *permissions = description;
	long ring = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name);

	if (ring < 0 && errno == ENOSYS)
		return;
	if (ring < 0 || syscall(SYS_keyctl, KEYCTL_DESCRIBE, ring, description, sizeof(description) - 1) < 0)
		fail("join a session keyring", "");
	for (int field = 0; field < 3 && permissions != NULL; field++) { // TYPE;UID;GID;PERMISSIONS;NAME
		permissions = strchr(permissions, ';');
		permissions += permissions != NULL;
	}
	if (permissions == NULL ||
	    syscall(SYS_keyctl, KEYCTL_SETPERM, ring, strtoul(permissions, NULL, 16) | (own_users ? 0x8 : 0x80000)) < 0)
		fail("let the session keyring be searched", "");
}

static const struct {
	const char *name;
	int major, minor;
} devices[] = {{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};

// borrow_device mounts a device of the host where none can be made.
static int borrow_device(int dev, const char *name)
{
	char path[32];
	int mount, on;

	snprintf(path, sizeof(path), "/dev/%s", name);
	mount = copy_mount(AT_FDCWD, path, 0);
	on = openat(dev, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0);
	if (mount < 0 || on < 0 || put(mount, on) < 0)
		return -1;
	close(on);
	return close(mount);
}

static void make_devices(int dev, bool own_users)
{
	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++) {
		const char *name = devices[i].name;
		int made = -1;

		if (faccessat(dev, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			continue; // a volume
		errno = EPERM;
		if (!own_users)
			made = mknodat(dev, name, S_IFCHR | 0666, makedev(devices[i].major, devices[i].minor));
		if (made < 0 && (errno == EPERM || errno == EACCES))
			made = borrow_device(dev, name);
		if (made < 0)
			fail("make /dev/", name);
	}
}

static void make_link(const char *to, int dev, const char *name)
{
	if (symlinkat(to, dev, name) < 0 && errno != EEXIST)
		fail("make /dev/", name);
}

static void make_links(int dev)
{
	make_link("/proc/self/fd", dev, "fd");
	make_link("/proc/self/fd/0", dev, "stdin");
	make_link("/proc/self/fd/1", dev, "stdout");
	make_link("/proc/self/fd/2", dev, "stderr");
	if (access("/proc/kcore", F_OK) == 0)
		make_link("/proc/kcore", dev, "core");
	if (unlinkat(dev, "ptmx", 0) < 0 && errno != ENOENT)
		fail("make /dev/", "ptmx");
	make_link("pts/ptmx", dev, "ptmx");
}

static void mount_given(int root, uint32_t count, char **next)
{
	for (uint32_t i = 0; i < count; i++) {
		const char *target = next_string(next);
		struct stat source;
		int on;

		if (fstat(MOUNTS + i, &source) < 0)
			fail("mount ", target);
		on = place(root, target, source.st_mode);
		if (on < 0 || put(MOUNTS + i, on) < 0)
			fail("mount ", target);
		close(on);
	}
}

// make_root mounts the app's root, which others may have as well, once more, and in it
// what is the kernel's; then it leaves all that is outside.
static void make_root(const struct plan *plan, const char *path, char **next)
{
	const struct mount_attr slave = {.propagation = MS_SLAVE};
	bool own_users = plan->wishes & OWN_USERS;
	int root, on, dev, sys;

	if (change(AT_FDCWD, "/", AT_RECURSIVE, slave) < 0)
		fail("make mounts private", "");
	// The pod's users may have no way to the folder that this is, which is the working folder.
	sys = own_users ? copy_mount(AT_FDCWD, ".", 0) : new_mount("sysfs", "source=sysfs", NODEV | MOUNT_ATTR_RDONLY);
	if (own_users)
		become_root();
	root = copy_mount(AT_FDCWD, path, AT_RECURSIVE);
	on = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || on < 0 || put(root, on) < 0)
		fail("mount the root of the app", "");

	mount_on(new_mount("proc", "source=proc", NODEV), root, "proc");
	dev = mount_on(new_mount("tmpfs", "source=tmpfs,mode=755,size=65536k", NOEXEC | MOUNT_ATTR_STRICTATIME), root, "dev");
	mount_on(new_mount("devpts", "source=devpts,newinstance,ptmxmode=0666,mode=0620,gid=5", NOEXEC), dev, "pts");
	mount_on(new_mount("tmpfs", "source=shm,mode=1777,size=65536k", NODEV), dev, "shm");
	mount_on(new_mount("mqueue", "source=mqueue", NODEV), dev, "mqueue");
	mount_on(sys, root, "sys");
	mount_given(root, plan->mounts, next);
	make_devices(dev, own_users);
	make_links(dev);

	if (fchdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
		fail("make the app's root the process's", "");
	if (syscall(SYS_umount2, ".", DETACH) < 0 || chdir("/") < 0)
		fail("leave the host's file systems", "");
}

static bool is_null(int file)
{
	struct stat found;

	return fstat(file, &found) == 0 && S_ISCHR(found.st_mode) && found.st_rdev == makedev(1, 3);
}

// own_null has standard files that are /dev/null be the app's.
static void own_null(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || !is_null(null)) {
		errno = null < 0 ? errno : EINVAL;
		fail("open /dev/null", "");
	}
	for (int file = 0; file < 3; file++)
		if (is_null(file) && dup2(null, file) < 0)
			fail("open /dev/null", "");
	close(null);
}

static int send_descriptor(int socket, int descriptor)
{
	char nothing = 0;
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	struct iovec content = {&nothing, 1};
	struct msghdr message = {.msg_iov = &content, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};

	memcpy(CMSG_DATA(&control.header), &descriptor, sizeof(descriptor));
	return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

// open_terminal makes the app's terminal, in its own devpts, and hands over the master.
static void open_terminal(const struct plan *plan)
{
	struct winsize size = {.ws_row = plan->rows, .ws_col = plan->columns};
	int master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
	int locked = 0, terminal, mount, on;

	if (master < 0 || ioctl(master, TIOCSPTLCK, &locked) < 0)
		fail("make a terminal", "");
	terminal = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (terminal < 0)
		fail("make a terminal", "");
	if (size.ws_row != 0 && size.ws_col != 0 && ioctl(master, TIOCSWINSZ, &size) < 0)
		fail("size the terminal", "");
	mount = copy_mount(terminal, "", AT_EMPTY_PATH);
	on = open("/dev/console", O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (mount < 0 || on < 0 || put(mount, on) < 0)
		fail("mount ", "/dev/console");
	if (send_descriptor(CONSOLE, master) < 0)
		fail("hand over the terminal", "");
	for (int file = 0; file < 3; file++)
		if (dup2(terminal, file) < 0)
			fail("open the terminal", "");
	if (ioctl(0, TIOCSCTTY, 0) < 0)
		fail("make it the controlling terminal", "");
}

static void set_sysctls(uint32_t count, char **next)
{
	for (uint32_t i = 0; i < count; i++) {
		const char *file = next_string(next), *value = next_string(next);
		int sysctl = open(file, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);

		if (sysctl < 0 || write(sysctl, value, strlen(value)) < 0)
			fail("set ", file);
		close(sysctl);
	}
}

static void make_read_only(uint32_t count, char **next)
{
	const struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};

	for (uint32_t i = 0; i < count; i++) {
		const char *path = next_string(next);
		int on = open(path, O_PATH | O_CLOEXEC), mount;

		if (on < 0 && errno == ENOENT)
			continue;
		mount = copy_mount(AT_FDCWD, path, AT_RECURSIVE);
		if (on < 0 || mount < 0 || change(mount, "", AT_EMPTY_PATH, read_only) < 0 || put(mount, on) < 0)
			fail("make read-only ", path);
		close(on);
		close(mount);
	}
}

// hide puts an empty folder over each folder, always the same, and /dev/null over each
// file. What a kernel doesn't have is passed over.
static void hide(uint32_t count, char **next)
{
	int empty = -1;

	for (uint32_t i = 0; i < count; i++) {
		const char *path = next_string(next);
		int on = open(path, O_PATH | O_CLOEXEC), mount;
		struct stat found;

		if (on < 0 && errno == ENOENT)
			continue;
		if (on < 0 || fstat(on, &found) < 0)
			fail("hide ", path);
		if (!S_ISDIR(found.st_mode))
			mount = copy_mount(AT_FDCWD, "/dev/null", 0);
		else if (empty >= 0)
			mount = copy_mount(empty, "", AT_EMPTY_PATH);
		else
			mount = empty = new_mount("tmpfs", "source=tmpfs,ro,nr_blocks=1,nr_inodes=2", MOUNT_ATTR_RDONLY);
		if (mount < 0 || put(mount, on) < 0)
			fail("hide ", path);
		close(on);
		if (mount != empty)
			close(mount);
	}
}

// own_files gives the app's user its standard files, where they can be given.
static void own_files(uint32_t user)
{
	for (int file = 0; file < 3; file++) {
		struct stat found;

		if (fstat(file, &found) < 0 || found.st_uid == user || is_null(file))
			continue;
		if (fchown(file, user, -1) < 0 && errno != EPERM && errno != EROFS)
			fail("give its user the app's output", "");
	}
}

// become_user leaves the app's user, and the capabilities that it may have.
static void become_user(const struct plan *plan, const gid_t *groups)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {0};

	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (!(plan->bounding >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			fail("drop capabilities", "");
	own_files(plan->user);
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		fail("keep capabilities", "");
	if (setgroups(plan->groups, groups) < 0)
		fail("set its groups", "");
	if (setresgid(plan->group, plan->group, plan->group) < 0)
		fail("set its group", "");
	if (setresuid(plan->user, plan->user, plan->user) < 0)
		fail("set its user", "");
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		sets[i].effective = sets[i].permitted = plan->own >> 32 * i;
	if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0 || syscall(SYS_capset, &header, sets) < 0)
		fail("set its capabilities", "");
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		fail("set its capabilities", "");
}

// A process called "podtui app-start UUID APP" is an app's start.
__attribute__((constructor)) static void app_start(int argc, char **argv)
{
	const struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
	const char *root, *keyring;
	const gid_t *groups;
	struct plan plan;
	char *next;

	if (argc != 4 || strcmp(argv[1], "app-start") != 0)
		return;
	// What others of the pod could do with it by ptrace, before it is the app.
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		_exit(1);
	prctl(PR_SET_NAME, "podtui-app");
	fcntl(STATUS, F_SETFD, FD_CLOEXEC);
	close(EXECUTABLE);
	setsid();
	umask(0);

	next = receive_plan(&plan);
	groups = (gid_t *)next;
	next += plan.groups * sizeof(*groups);
	root = next_string(&next);
	keyring = next_string(&next);

	join_pod(&plan);
	make_root(&plan, root, &next);
	own_keyring(keyring, plan.wishes & OWN_USERS);
	own_null();
	if (plan.wishes & TERMINAL)
		open_terminal(&plan);
	if (plan.wishes & READ_ONLY_ROOT && change(AT_FDCWD, "/", 0, read_only) < 0)
		fail("make the root read-only", "");
	set_sysctls(plan.sysctls, &next);
	make_read_only(plan.read_only, &next);
	hide(plan.hidden, &next);
	if (plan.wishes & NO_NEW_PRIVILEGES && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		fail("give up new privileges", "");
	become_user(&plan, groups);
	// A change of user may have undone the first, if the host wants core dumps of such.
	if (prctl(PR_SET_DUMPABLE, 0) < 0 || close_range(STATUS + 1, ~0U, 0) < 0)
		fail("close what is not the app's", "");
	become(STATUS, -1);
}
