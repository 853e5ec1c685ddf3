// A caller that has blocked signals hands its mask down to everything it
// starts, and an app that SIGTERM never reaches can't be stopped in order. The
// Go runtime keeps the mask that it found: it is cleared before it looks, in
// the processes that become an app.

#include <signal.h>
#include <stdlib.h>

__attribute__((constructor)) static void unblock_signals(void)
{
	sigset_t none;

	if (getenv("_LIBCONTAINER_INITPIPE") == NULL)
		return;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
