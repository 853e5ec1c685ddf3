#ifndef PODTUI_BECOME_H
#define PODTUI_BECOME_H

#include <stdint.h>

// FILTER_FLAGS are those that libcontainer sets by default.
#define FILTER_FLAGS SECCOMP_FILTER_FLAG_SPEC_ALLOW

// limit is one of setrlimit(2).
struct limit {
	uint64_t resource, soft, hard;
};

// heading is how a program begins on its way through the socket. After it come
// the limits, and the filter's instructions; then strings, each with a zero behind it: the
// working folder, the arguments, the environment.
struct heading {
	uint32_t size; // of all that comes after the heading
	uint32_t limits; // number of struct limit
	uint32_t filter; // bytes; none: no filter
	uint32_t arguments, variables;
};

// outcome is what is said of a program, and errno with it.
enum outcome { READY, NO_FOLDER, NO_EXECUTABLE, NO_FILTER, NO_LIMIT, NOT_EXECUTED };

struct answer {
	uint8_t outcome, error;
};

// become reads a program from a socket and prepares it, answers, waits for one
// byte and becomes the program. It does not return. The socket is to be closed
// with the execve: what else comes from it is why there was none.
void become(int socket, int errors);

#endif
