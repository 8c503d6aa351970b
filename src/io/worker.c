#include "io/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crypto/digest.h"

enum { TICK_MS = 100 };

/* What the worker leaves behind, in memory shared with the broker. */
struct legacy {
	_Atomic int confinement;
	_Atomic int failed; /* `failure` is written */
	struct err failure;
};

/* --- signals of the broker ----------------------------------------------------------------------
 */

static volatile int interrupted;
static struct progress *volatile interrupted_progress;

volatile const int *worker_interrupted(void)
{
	return &interrupted;
}

static void on_signal(int number)
{
	struct progress *p = interrupted_progress;

	interrupted = number;
	if (p)
		atomic_store_explicit(&p->cancelled, 1, memory_order_relaxed);
}

static const int taken[] = {SIGINT, SIGTERM};
enum { TAKEN = sizeof(taken) / sizeof(taken[0]) };

/* A signal that was ignored (nohup, a shell's background job) stays so. */
static void take_signals(struct sigaction before[TAKEN])
{
	struct sigaction action = {.sa_handler = on_signal};

	for (int i = 0; i < TAKEN; i++)
		if (sigaction(taken[i], NULL, &before[i]) == 0 && before[i].sa_handler != SIG_IGN)
			sigaction(taken[i], &action, NULL);
}

static void give_back_signals(const struct sigaction before[TAKEN])
{
	for (int i = 0; i < TAKEN; i++)
		sigaction(taken[i], &before[i], NULL);
}

/* --- the worker's side --------------------------------------------------------------------------
 */

/* Descriptors 0 and 1 become /dev/null, 2 stays, `link` is kept, all others are closed. */
static int close_others(int link)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return -1;
	for (int fd = 0; fd <= 1; fd++)
		if (dup2(null, fd) < 0)
			return -1;
	if (fcntl(2, F_GETFD) < 0 && dup2(null, 2) < 0)
		return -1;
	if (link > 3 && close_range(3, (unsigned)link - 1, 0) < 0)
		return -1;
	return close_range((unsigned)link + 1, ~0u, 0);
}

static void limit(int what, rlim_t soft, rlim_t hard)
{
	struct rlimit r;

	if (getrlimit(what, &r) < 0)
		return;
	if (soft < r.rlim_cur)
		r.rlim_cur = soft;
	if (hard < r.rlim_max)
		r.rlim_max = hard;
	setrlimit(what, &r);
}

/*
 * No memory of the worker on disk (the core limit does not bind a core handler behind a pipe,
 * dumpable does), and no worker without a broker.
 */
static int settle(const struct worker_options *options, pid_t broker)
{
	limit(RLIMIT_CORE, 0, 0);
	if (options->cpu_seconds)
		limit(RLIMIT_CPU, options->cpu_seconds, options->cpu_seconds + 2);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -1;
	return getppid() == broker ? 0 : -1;
}

static int be_worker(const struct worker_options *options, worker_body *body, void *context,
		     int socket, struct legacy *legacy, struct err *e)
{
	struct ask_link link = {.socket = socket, .lock = PTHREAD_MUTEX_INITIALIZER};
	struct worker_self self = {.link = &link, .progress = options->progress};
	int r;

	self.confinement = confine(options->confine);
	atomic_store(&legacy->confinement, (int)self.confinement);
	r = body(context, &self, e);
	if (fflush(NULL) != 0 && r >= 0)
		return err_set(e, ERR_IO, "the output could not be written");
	return r;
}

static __attribute__((noreturn)) void child(const struct worker_options *options, worker_body *body,
					    void *context, int socket, pid_t broker,
					    struct legacy *legacy)
{
	struct err e = ERR_INIT;
	int r;

	if (settle(options, broker) < 0 || close_others(socket) < 0)
		r = err_set_errno(&e, errno, "the worker cannot be set up");
	else
		r = be_worker(options, body, context, socket, legacy, &e);
	if (r < 0) {
		legacy->failure = e;
		atomic_store(&legacy->failed, 1);
	}
	_exit(r < 0 ? 1 : r & 0xff);
}

/* --- the broker's side --------------------------------------------------------------------------
 */

/* Waits for the end of a worker that has closed its socket; 1 ended, 0 interrupted. */
static int wait_for_end(const struct worker_options *options, pid_t pid, int *ret_status)
{
	int fd = pidfd_open(pid, 0);
	int r = 0;

	while (!interrupted || !options->signals) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};

		if (waitpid(pid, ret_status, WNOHANG) == pid) {
			r = 1;
			break;
		}
		/* without pidfd this is a short sleep */
		(void)poll(&wait, fd >= 0, fd >= 0 ? TICK_MS : 5);
		if (options->tick)
			options->tick(options->tick_context);
	}
	if (fd >= 0)
		close(fd);
	return r;
}

static int serve(const struct worker_options *options, pid_t pid, int socket, int *ret_status,
		 struct err *e)
{
	int r = ask_serve(socket, (const struct ask_handler **)options->handlers, options->tick,
			  options->tick_context, options->signals ? &interrupted : NULL, e);

	if (r == 0 && wait_for_end(options, pid, ret_status))
		return 0;
	kill(pid, SIGKILL);
	while (waitpid(pid, ret_status, 0) < 0 && errno == EINTR)
		;
	return r < 0 ? -1 : err_set(e, ERR_CANCELLED, "interrupted");
}

/* The worker may write anything into the shared memory at any time: one copy, then checked. */
static int read_failure(struct legacy *legacy, struct err *e)
{
	struct err copy;

	if (!atomic_load(&legacy->failed))
		return 0;
	memcpy(&copy, &legacy->failure, sizeof(copy));
	copy.message[sizeof(copy.message) - 1] = '\0';
	copy.hint[sizeof(copy.hint) - 1] = '\0';
	if (copy.code <= ERR_NONE || copy.code > ERR_INTERNAL)
		copy.code = ERR_INTERNAL;
	err_set(e, copy.code, "%s", copy.message);
	return err_hint(e, "%s", copy.hint);
}

static int run_with(const struct worker_options *options, worker_body *body, void *context,
		    struct legacy *legacy, struct worker_result *result, struct err *e)
{
	pid_t broker = getpid(), pid;
	int pair[2], status = 0, confinement, r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set_errno(e, errno, "the worker cannot be started");
	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		close(pair[0]);
		close(pair[1]);
		return err_set_errno(e, errno, "the worker cannot be started");
	}
	if (pid == 0)
		child(options, body, context, pair[1], broker, legacy);
	close(pair[1]);
	r = serve(options, pid, pair[0], &status, e);
	close(pair[0]);
	if (r < 0)
		return -1;
	confinement = atomic_load(&legacy->confinement);
	*result = (struct worker_result){
		.status = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
		.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
		.confinement = confinement > 0 && confinement <= CONFINEMENT_FULL
				       ? (enum confinement)confinement
				       : CONFINEMENT_OFF,
	};
	return result->signal ? 0 : read_failure(legacy, e);
}

int worker_run(const struct worker_options *options, worker_body *body, void *context,
	       struct worker_result *result, struct err *e)
{
	struct legacy *legacy = mmap(NULL, sizeof(*legacy), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct sigaction before[TAKEN];
	int r;

	if (legacy == MAP_FAILED)
		return ERR_NOMEM(e);
	interrupted_progress = options->progress;
	if (options->signals)
		take_signals(before);
	r = run_with(options, body, context, legacy, result, e);
	if (options->signals)
		give_back_signals(before);
	interrupted_progress = NULL;
	munmap(legacy, sizeof(*legacy));
	return r;
}

void worker_place(const struct progress *progress, char *out, size_t size)
{
	char name[sizeof(progress->inspector)], inspector[4 * sizeof(name)] = "", layer[32] = "";
	int phase = -1, number = -1;

	if (progress) {
		phase = atomic_load_explicit(&progress->phase, memory_order_relaxed);
		number = atomic_load_explicit(&progress->layer, memory_order_relaxed);
		progress_inspector_now(progress, name);
		err_escape(inspector, sizeof(inspector), str_of(name));
	}
	if (number >= 0)
		snprintf(layer, sizeof(layer), " of layer %d", number);
	snprintf(out, size, "%s%s%s%s%s", phase < 0 ? "" : " in ",
		 phase < 0 ? "" : phase_name((enum phase)phase), phase < 0 ? "" : layer,
		 inspector[0] ? ", inspector " : "", inspector);
}

void worker_death(const struct worker_result *result, const struct progress *progress, char *out,
		  size_t size)
{
	const char *name = strsignal(result->signal);
	char place[256];

	worker_place(progress, place, sizeof(place));
	if (result->signal == SIGSYS)
		name = "a system call that is not on its list";
	else if (result->signal == SIGXCPU)
		name = "the CPU limit";
	snprintf(out, size, "the worker was killed by signal %d (%s)%s", result->signal,
		 name ? name : "unknown", place);
}
