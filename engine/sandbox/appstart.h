#ifndef PODTUI_APPSTART_H
#define PODTUI_APPSTART_H

#include <stdint.h>

// Descriptors that a start is given, in the order of plan.files. The mounts come last.
enum { STATUS = 3, INIT, EXECUTABLE, CONSOLE, MOUNTS };

// What a plan may wish for.
enum { OWN_USERS = 1, TERMINAL = 2, READ_ONLY_ROOT = 4, NO_NEW_PRIVILEGES = 8 };

// plan is how a start is told what to make. After it come the supplementary groups, as
// uint32_t; then strings, each with a zero behind it: the root, the name of the
// keyring, where each mount goes, the file and the value of each sysctl, the paths to be
// read-only, and those to hide.
struct plan {
	uint64_t bounding, own; // capabilities
	uint32_t size;		// of all that comes after
	uint32_t wishes;
	uint32_t namespaces; // that are joined: init's, as setns takes them
	uint32_t user, group, groups;
	uint32_t rows, columns; // 0: as the terminal is made
	uint32_t mounts, sysctls, read_only, hidden;
};

#endif
