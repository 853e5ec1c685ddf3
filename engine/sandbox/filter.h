#ifndef PODTUI_FILTER_H
#define PODTUI_FILTER_H

// FILTER_FLAGS are those that libcontainer sets by default, and TSYNC.
#define FILTER_FLAGS (SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW)

#include <stdbool.h>

// start_filter_thread starts the thread that reads one program, as one message,
// from a socket and answers with one byte: 0, or errno. If it is held it
// waits for install_filter first. Returns 0 or errno.
int start_filter_thread(int fd, bool held);

// install_filter lets a held thread go, and returns 0 or errno once the filter is
// on all threads.
int install_filter(void);

#endif
