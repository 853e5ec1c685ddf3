/*
 * The program of podtui's demo: "demo web [PORT]" counts its visitors in a
 * file, "demo visitor [PORT]" visits it. Run as two apps of one pod they show
 * what apps share and what each of them was given:
 *
 *   the network    the visitor finds the server on 127.0.0.1
 *   a volume       /var/lib/visitors: one counts there, the other reads it
 *   arguments      the port
 *   environment    GREETING, what the server says; VISITS, how often (3)
 *
 * Without PORT the server listens on the one that its image declares, for everybody:
 * it can be published. With PORT it is on the loopback alone, as a pod may be on the
 * host's network.
 *
 * Both end by themselves, with 0 if all went well, so that the pod does.
 * The server speaks enough HTTP for curl and trusts no client: one at a time,
 * a second for each, and never more than a buffer of its bytes.
 */
#define _GNU_SOURCE /* accept4 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define VOLUME "/var/lib/visitors"
#define COUNT VOLUME "/count"

static const char *role = "demo";

/* die ends the program with a line about what went wrong. */
static void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

/* say prints one line at once: whoever watches the pod should not wait for it. */
static void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

/* number reads a whole number of at least 1 and at most max, or ends the program. */
static long number(const char *name, const char *text, long max)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || n < 1 || n > max) {
		fprintf(stderr, "%s: %s \"%s\" is no number from 1 to %ld\n", role, name, text, max);
		exit(2);
	}
	return n;
}

static const char *setting(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : otherwise;
}

static void nap(long milliseconds)
{
	struct timespec t = { milliseconds / 1000, milliseconds % 1000 * 1000000 };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

static struct sockaddr_in loopback(long port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((in_port_t)port) };

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return a;
}

/* patience gives the other side of a connection one second for each answer. */
static void patience(int connection)
{
	struct timeval second = { 1, 0 };

	setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
	setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second);
}

/* send_all sends a string; -1 if the other side does not want all of it. */
static int send_all(int connection, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t n = send(connection, text, left, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		text += n;
		left -= (size_t)n;
	}
	return 0;
}

/*
 * receive fills the buffer with a string until `end` is in it, the other side
 * closes, or the buffer is full. It returns -1 if nothing of use came.
 */
static int receive(int connection, char *buffer, size_t size, const char *end)
{
	size_t have = 0;

	buffer[0] = '\0';
	while (have + 1 < size) {
		ssize_t n = recv(connection, buffer + have, size - have - 1, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		have += (size_t)n;
		buffer[have] = '\0';
		if (end != NULL && strstr(buffer, end) != NULL)
			return 0;
	}
	return end == NULL && have > 0 ? 0 : -1;
}

/* read_count returns the number in the volume; 0 if nobody came yet. */
static long read_count(void)
{
	FILE *file = fopen(COUNT, "r");
	long count = 0;

	if (file == NULL) {
		if (errno != ENOENT)
			die(COUNT);
		return 0;
	}
	if (fscanf(file, "%ld", &count) != 1 || count < 0 || count == LONG_MAX)
		count = 0;
	fclose(file);
	return count;
}

/* write_count replaces the file as a whole: a reader sees the old or the new. */
static void write_count(long count)
{
	FILE *file = fopen(COUNT ".new", "w");

	if (file == NULL)
		die(COUNT ".new");
	if (fprintf(file, "%ld\n", count) < 0 || fclose(file) != 0 || rename(COUNT ".new", COUNT) < 0)
		die(COUNT);
}

/* answer serves one client; 0 if that was a visit. */
static int answer(int connection, const char *greeting, long count)
{
	char request[2048], body[512], response[1024];
	int length;

	patience(connection);
	if (receive(connection, request, sizeof request, "\r\n\r\n") < 0 || strncmp(request, "GET / ", 6) != 0) {
		send_all(connection, "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n");
		return -1;
	}
	write_count(count);
	say("visitor %ld is here", count);
	length = snprintf(body, sizeof body, "%.400s, visitor %ld\n", greeting, count);
	snprintf(response, sizeof response,
		"HTTP/1.0 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s",
		length, body);
	send_all(connection, response); /* one who left before the answer was here all the same */
	return 0;
}

static int web(long port, int published)
{
	const char *greeting = setting("GREETING", "Welcome");
	long visits = number("VISITS", setting("VISITS", "3"), 1000000);
	struct sockaddr_in address = loopback(port);
	long count = read_count();
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	if (published)
		address.sin_addr.s_addr = htonl(INADDR_ANY);
	if (listener < 0)
		die("socket");
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 16) < 0) {
		fprintf(stderr, "port %ld: %s\n", port, strerror(errno));
		return 1;
	}
	if (published)
		say("listening on every address, on port %ld of its image", port);
	else
		say("listening on 127.0.0.1:%ld, the port of its argument", port);
	say("counting %ld visitors in " COUNT ", on a volume", visits);
	for (long came = 0; came < visits;) {
		int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (connection < 0) {
			if (errno == EINTR || errno == ECONNABORTED)
				continue;
			die("accept");
		}
		if (answer(connection, greeting, count + 1) == 0) {
			count++;
			came++;
		}
		close(connection);
	}
	say("%ld visitors, that will do", visits);
	return 0;
}

/* reach connects to the server, which may start later than its visitor. */
static int reach(long port)
{
	struct sockaddr_in address = loopback(port);

	for (int tries = 0; tries < 1000; tries++) {
		int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (connection < 0)
			die("socket");
		if (connect(connection, (struct sockaddr *)&address, sizeof address) == 0)
			return connection;
		if (errno != ECONNREFUSED && errno != EINTR)
			die("connect");
		close(connection);
		if (tries == 0)
			say("nobody on 127.0.0.1:%ld yet, waiting", port);
		nap(10);
	}
	fprintf(stderr, "nobody on 127.0.0.1:%ld after 10 s\n", port);
	exit(1);
}

static void visit(long port)
{
	char response[2048], *body;
	int connection = reach(port);

	patience(connection);
	if (send_all(connection, "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n") < 0 ||
		receive(connection, response, sizeof response, NULL) < 0)
		die("visit");
	close(connection);
	body = strstr(response, "\r\n\r\n");
	if (strncmp(response, "HTTP/1.0 200 ", 13) != 0 || body == NULL) {
		fprintf(stderr, "the answer is not what a web server of this demo says\n");
		exit(1);
	}
	body += 4;
	body[strcspn(body, "\r\n")] = '\0';
	nap(20); /* the server's own word of this visit is read first */
	say("is told \"%s\"", body);
}

/* read_only tells whether the volume is mounted so here. */
static int read_only(void)
{
	struct statvfs volume;

	return statvfs(VOLUME, &volume) == 0 && (volume.f_flag & ST_RDONLY) != 0;
}

static int visitor(long port)
{
	long visits = number("VISITS", setting("VISITS", "3"), 1000000);

	for (long i = 0; i < visits; i++) {
		visit(port);
		nap(50); /* a person reads along */
	}
	say("finds the number %ld in the same volume%s", read_count(), read_only() ? ", which is read-only here" : "");
	return 0;
}

int main(int argc, char **argv)
{
	long port;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: demo web|visitor [PORT]\n");
		return 2;
	}
	role = argv[1];
	port = number("port", argc > 2 ? argv[2] : "8080", 65535);
	if (strcmp(role, "web") == 0)
		return web(port, argc == 2);
	if (strcmp(role, "visitor") == 0)
		return visitor(port);
	fprintf(stderr, "demo: no role is called \"%s\"; there are web and visitor\n", role);
	return 2;
}
