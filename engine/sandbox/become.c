// The last steps of an app's start, and of a program's that enters an app.
//
// libcontainer makes the sandbox and drops the privileges. Then, just before it
// would wait in its exec fifo (entering.go), the process goes on here instead:
//
//   - Arguments and environment come from a socket as they are. libcontainer's
//     come as JSON, which has no way to hold bytes that are not UTF-8.
//   - The working folder is looked for and not made, and the executable is looked
//     for as a shell does (aci.md), both as the app would.
//   - The seccomp filter is a program that is compiled already: libcontainer
//     would compile the profile anew in each start, which takes longer than all
//     the rest. It is installed in the last moment, so it need allow nothing of
//     what comes before execve; and if it doesn't, why execve failed can't be said.
//   - Its rlimits are set just before: an app may do with less than it takes to
//     start one.
//
// To install a filter without no_new_privs takes CAP_SYS_ADMIN, and other steps
// capabilities that an app may not have. So libcontainer leaves some in the
// effective set (untilExecuted), which they leave here, or with the execve: that
// makes the new sets of the bounding, inheritable and ambient ones.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "become.h"

static void leave(int socket, enum outcome outcome, int error)
{
	struct answer answer = {.outcome = outcome, .error = error};

	while (write(socket, &answer, sizeof(answer)) < 0 && errno == EINTR)
		;
	_exit(1);
}

// receive fills a buffer, or ends the process: nobody waits for it.
static void receive(int socket, void *buffer, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = read(socket, (char *)buffer + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(1);
		done += n;
	}
}

static char *after(char *string) { return string + strlen(string) + 1; }

// list makes execve's array of strings that lie one after the other.
static char **list(char **next, uint32_t count)
{
	char **all = calloc((size_t)count + 1, sizeof(*all));

	if (all == NULL)
		_exit(1);
	for (uint32_t i = 0; i < count; i++) {
		all[i] = *next;
		*next = after(*next);
	}
	return all;
}

// go_to changes the working folder. A link of /proc that leads to the root of
// another process is not followed.
static int go_to(const char *folder)
{
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
	char path[PATH_MAX];
	int error = 0;
	long fd = syscall(SYS_openat2, AT_FDCWD, folder, &how, sizeof(how));

	if (fd < 0)
		return errno;
	if (fchdir(fd) < 0)
		error = errno;
	close(fd);
	// The kernel's own word: glibc's says less where the folder is out of reach.
	if (error == 0 && syscall(SYS_getcwd, path, sizeof(path)) > 0 && path[0] != '/')
		error = EXDEV;
	return error;
}

// limit_capabilities leaves what the app will have, and what installs its filter.
static int limit_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, sets) < 0)
		return errno;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		sets[i].effective = 0;
	for (int cap = 0; cap < 32 * _LINUX_CAPABILITY_U32S_3; cap++) {
		uint32_t bit = CAP_TO_MASK(cap);

		if (!(sets[CAP_TO_INDEX(cap)].permitted & bit))
			continue;
		if (cap == CAP_SYS_ADMIN || (geteuid() == 0 && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1))
			sets[CAP_TO_INDEX(cap)].effective |= bit;
	}
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		sets[i].permitted = sets[i].effective;
	return syscall(SYS_capset, &header, sets) < 0 ? errno : 0;
}

static int executable(const char *path)
{
	struct stat file;

	if (stat(path, &file) < 0)
		return errno;
	if (S_ISDIR(file.st_mode))
		return EISDIR;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ? errno : 0;
}

static const char *variable(char **environment, const char *name)
{
	size_t length = strlen(name);

	for (; *environment != NULL; environment++)
		if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
			return *environment + length + 1;
	return NULL;
}

// find looks for an executable as execvp does: without a slash in its name in the
// folders of PATH, of which an empty one is the working folder.
static int find(const char *name, char **environment, char found[PATH_MAX])
{
	const char *folder = variable(environment, "PATH");
	int best = ENOENT;

	if (strlen(name) >= PATH_MAX)
		return ENAMETOOLONG;
	if (strchr(name, '/') != NULL) {
		strcpy(found, name);
		return executable(name);
	}
	if (*name == '\0')
		return ENOENT;
	for (folder = folder ? folder : ":/bin:/usr/bin";; folder++) {
		size_t length = strcspn(folder, ":");
		int error;

		if (length + 1 + strlen(name) < PATH_MAX) {
			memcpy(found, folder, length);
			found[length] = '/';
			strcpy(found + length + (length > 0), name);
			error = executable(found);
			if (error == 0)
				return 0;
			if (error == EACCES)
				best = error; // one that can't be executed, if there is none that can
		}
		folder += length;
		if (*folder == '\0')
			return best;
	}
}

// begin_anew undoes what a program would inherit of the caller's, and of Go's:
// ignored and blocked signals, by which an app could not be stopped in order, and
// the mode of new files.
static void begin_anew(void)
{
	struct sigaction otherwise = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int number = 1; number <= 64; number++)
		sigaction(number, &otherwise, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(022);
}

static int set_limits(const struct limit *limits, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct rlimit64 limit = {.rlim_cur = limits[i].soft, .rlim_max = limits[i].hard};

		if (prlimit64(0, limits[i].resource, &limit, NULL) < 0)
			return errno;
	}
	return 0;
}

void become(int socket, int errors)
{
	struct heading heading;
	struct limit *limits;
	struct sock_fprog filter;
	struct answer ready = {.outcome = READY};
	char *program, *next, *folder, **arguments, **environment, path[PATH_MAX], go;
	int error;

	receive(socket, &heading, sizeof(heading));
	program = malloc(heading.size);
	if (program == NULL)
		_exit(1);
	receive(socket, program, heading.size);
	limits = (struct limit *)program;
	filter.filter = (struct sock_filter *)(limits + heading.limits);
	filter.len = heading.filter / sizeof(*filter.filter);
	folder = (char *)filter.filter + heading.filter;
	next = after(folder);
	arguments = list(&next, heading.arguments);
	environment = list(&next, heading.variables);

	error = limit_capabilities();
	if (error != 0)
		leave(socket, NO_FILTER, error);
	error = go_to(folder);
	if (error != 0)
		leave(socket, NO_FOLDER, error);
	error = find(arguments[0], environment, path);
	if (error != 0)
		leave(socket, NO_EXECUTABLE, error);
	if (write(socket, &ready, sizeof(ready)) != sizeof(ready))
		_exit(1);
	receive(socket, &go, sizeof(go));

	begin_anew();
	if (!isatty(STDERR_FILENO)) // until here it took what Go's runtime says as it dies
		dup2(errors, STDERR_FILENO);
	error = set_limits(limits, heading.limits);
	if (error != 0)
		leave(socket, NO_LIMIT, error);
	if (filter.len > 0 && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, FILTER_FLAGS, &filter) < 0)
		leave(socket, NO_FILTER, errno);
	execve(path, arguments, environment);
	leave(socket, NOT_EXECUTED, errno);
}
