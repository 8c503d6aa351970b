#include "io/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct pipe_end {
	int fd; /* -1: closed */
	struct buf *into;
};

static int64_t milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* "NAME=value" as it stands in this environment, or NULL. */
static const char *kept_variable(const char *name)
{
	size_t n = name ? strlen(name) : 0;

	for (char **line = environ; n && line && *line; line++)
		if (strncmp(*line, name, n) == 0 && (*line)[n] == '=')
			return *line;
	return NULL;
}

static int spawn(const struct program_run *run, const int out[2], const int err[2], pid_t *ret_pid,
		 struct err *e)
{
	const char *environment[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"LC_ALL=C.UTF-8", "HOME=/nonexistent", kept_variable(run->keep), NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, defaults;
	int r;

	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	r = posix_spawnp(ret_pid, run->argv[0], &actions, &attributes, (char *const *)run->argv,
			 (char *const *)environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (r == ENOENT)
		return err_set(e, ERR_NOT_FOUND, "the program '%s' is not installed", run->argv[0]);
	return r ? err_set_errno(e, r, "%s", run->argv[0]) : 0;
}

static void read_end(struct pipe_end *end, bool *too_much)
{
	char chunk[16384];
	ssize_t n = read(end->fd, chunk, sizeof(chunk));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		close(end->fd);
		end->fd = -1;
		return;
	}
	if (!end->into)
		return;
	buf_add(end->into, str_make(chunk, (size_t)n));
	*too_much = *too_much || buf_failed(end->into);
}

static int collect(struct pipe_end ends[2], pid_t pid, int64_t deadline, bool *ret_killed)
{
	bool too_much = false;
	int status = 0;

	while (ends[0].fd >= 0 || ends[1].fd >= 0) {
		struct pollfd fds[2] = {{.fd = ends[0].fd, .events = POLLIN},
					{.fd = ends[1].fd, .events = POLLIN}};
		int64_t left = deadline - milliseconds();

		if (left <= 0 || too_much) {
			kill(pid, SIGKILL);
			*ret_killed = true;
			break;
		}
		if (poll(fds, 2, (int)left) <= 0)
			continue;
		for (int i = 0; i < 2; i++)
			if (fds[i].revents)
				read_end(&ends[i], &too_much);
	}
	for (int i = 0; i < 2; i++)
		if (ends[i].fd >= 0)
			close(ends[i].fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

int program_run(const struct program_run *run, int *ret_status, struct err *e)
{
	int out[2], err[2], r, status;
	bool killed = false;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0)
		return err_set_errno(e, errno, "pipe");
	if (pipe2(err, O_CLOEXEC) < 0) {
		r = err_set_errno(e, errno, "pipe");
		close(out[0]);
		close(out[1]);
		return r;
	}
	r = spawn(run, out, err, &pid, e);
	if (r >= 0 && run->memory) {
		const struct rlimit limit = {run->memory, run->memory};

		/* it has hardly begun, and may be gone already */
		prlimit(pid, RLIMIT_DATA, &limit, NULL);
	}
	close(out[1]);
	close(err[1]);
	if (r < 0) {
		close(out[0]);
		close(err[0]);
		return r;
	}
	{
		struct pipe_end ends[2] = {{out[0], run->out}, {err[0], run->err}};

		status =
			collect(ends, pid,
				milliseconds() + (int64_t)(run->seconds ? run->seconds : 60) * 1000,
				&killed);
	}
	if (killed)
		return err_set(e, ERR_LIMIT, "%s: ran or wrote too long and was stopped",
			       run->argv[0]);
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return 0;
}
