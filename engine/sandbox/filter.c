// Installs an app's seccomp filter from a program that is compiled already.
//
// libcontainer would compile the profile anew in each app's start: for three
// architectures that takes longer than everything else together. So it is told
// of no filter, and this thread of the same process installs one, at the only
// moment that is right: after libcontainer has made the sandbox and dropped the
// app's privileges (it waits in its exec fifo then), before it executes the
// app. SECCOMP_FILTER_FLAG_TSYNC puts the filter on all threads at once.
//
// A program that enters an app has no fifo to wait in. There the thread waits
// for install_filter, which is called on the main thread in the last moment
// before execve (entering.go).
//
// The thread is C because the Go scheduler has one processor here, and the
// main thread holds it. It ends, as all threads but one do, with the execve.

#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter.h"

// raise_capabilities gets back what a change of user takes from the effective
// set: glibc changes the user of all threads, while dropping capabilities and
// no_new_privs is a matter of the one thread that does it.
static int raise_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, sets) < 0)
		return -1;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		sets[i].effective = sets[i].permitted;
	return syscall(SYS_capset, &header, sets);
}

static int install(struct sock_filter *instructions, size_t bytes)
{
	struct sock_fprog program = {.len = bytes / sizeof(*instructions), .filter = instructions};
	long other;

	if (raise_capabilities() < 0)
		return errno;
	other = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, FILTER_FLAGS, &program);
	if (other > 0) // a thread that could not be synchronised
		return ESRCH;
	return other < 0 ? errno : 0;
}

static int filter_fd;
static bool hold;
static sem_t wanted, done;
static int outcome = EPIPE;

static int receive_and_install(void)
{
	static struct sock_filter instructions[BPF_MAXINSNS];
	uint8_t result;
	ssize_t n;

	n = read(filter_fd, instructions, sizeof(instructions));
	if (n <= 0)
		return EPIPE;
	result = install(instructions, n);
	// Without an answer the other side does not go on.
	return write(filter_fd, &result, 1) < 0 ? EPIPE : result;
}

static void *await_filter(void *unused)
{
	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	if (hold)
		while (sem_wait(&wanted) < 0)
			;
	outcome = receive_and_install();
	sem_post(&done);
	return unused;
}

int start_filter_thread(int fd, bool held)
{
	pthread_t thread;

	filter_fd = fd;
	hold = held;
	sem_init(&wanted, 0, 0);
	sem_init(&done, 0, 0);
	return pthread_create(&thread, NULL, await_filter, NULL);
}

int install_filter(void)
{
	sem_post(&wanted);
	while (sem_wait(&done) < 0)
		;
	return outcome;
}
