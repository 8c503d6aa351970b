/* The worker as a process: what works in it, how it ends, and what the broker sees. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/map.h"
#include "base/work.h"
#include "crypto/digest.h"
#include "io/worker.h"
#include "test.h"

static void prepare(void)
{
	struct err e = ERR_INIT;

	CHECK_OK(crypto_init(&e));
	map_seed();
}

static struct worker_result run_worker(int parts, worker_body *body, void *context)
{
	struct worker_options options = {.confine = parts};
	struct worker_result result = {.status = -1};
	struct err e = ERR_INIT;

	prepare();
	CHECK_OK(worker_run(&options, body, context, &result, &e));
	return result;
}

static int report_confinement(void *context, const struct worker_self *self, struct err *e)
{
	(void)context;
	(void)e;
	return (int)self->confinement;
}

/* --- what must work inside ----------------------------------------------------------------------
 */

static void hash_some(void *context, size_t i)
{
	_Atomic int *good = context;
	char *data = malloc(100000 * (i + 1));
	struct err e = ERR_INIT;
	struct digest d;

	memset(data, (int)i, 100000 * (i + 1));
	for (int round = 0; round < 20; round++)
		if (digest_of(DIGEST_SHA256, str_make(data, 100000), &d, &e) < 0)
			return;
	free(data);
	atomic_fetch_add(good, 1);
}

static int work_inside(void *context, const struct worker_self *self, struct err *e)
{
	_Atomic int good = 0;
	size_t size = 1 << 20;
	char *p = malloc(size);
	FILE *f;
	int fd;
	struct ask_reply reply;
	struct timespec t;

	(void)context;
	work_run(4, 16, hash_some, &good);
	if (good != 16)
		return err_set(e, ERR_INTERNAL, "threads");
	/* up to 512 MiB: malloc grows such blocks by mremap */
	for (; size <= 512u << 20; size *= 2) {
		p = realloc(p, size);
		if (!p)
			return err_set(e, ERR_INTERNAL, "realloc of %zu", size);
		p[size - 1] = 1;
	}
	free(p);
	if (ask(self->link, ASK_OUTPUT, STR("0"), &reply, e) < 0)
		return -1;
	fd = reply.fd;
	f = fdopen(fd, "w");
	if (!f || fprintf(f, "%s %d %.3f\n", "written inside", 42, 0.5) < 0 || fclose(f) != 0)
		return err_set(e, ERR_INTERNAL, "stdio");
	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) < 0 || time(NULL) < 1000)
		return err_set(e, ERR_INTERNAL, "clock");
	fprintf(stderr, "# standard error works\n");
	printf("must go nowhere\n");
	return 7;
}

static int output_fd = -1;

static int give_output(void *context, enum ask_kind kind, struct str name, struct ask_reply *ret,
		       struct err *e)
{
	(void)context;
	(void)kind;
	(void)name;
	ret->fd = dup(output_fd);
	return ret->fd < 0 ? err_set_errno(e, errno, "dup") : 0;
}

TEST(threads_malloc_clocks_and_stdio_work_inside)
{
	struct ask_handler handler = {NULL, give_output};
	struct worker_options options = {.confine = CONFINE_ALL,
					 .handlers = {[ASK_OUTPUT] = &handler}};
	struct worker_result result = {0};
	struct err e = ERR_INIT;
	char text[64] = "";

	prepare();
	output_fd = memfd_create("out", 0);
	CHECK_OK(worker_run(&options, work_inside, NULL, &result, &e));
	CHECK_INT(result.signal, 0);
	CHECK_INT(result.status, 7);
	CHECK(pread(output_fd, text, sizeof(text) - 1, 0) > 0);
	CHECK_STR(str_of(text), "written inside 42 0.500\n");
	close(output_fd);
}

TEST(stdio_on_a_terminal_does_not_kill)
{
	struct ask_handler handler = {NULL, give_output};
	struct worker_options options = {.confine = CONFINE_ALL,
					 .handlers = {[ASK_OUTPUT] = &handler}};
	struct worker_result result = {0};
	struct err e = ERR_INIT;

	prepare();
	output_fd = posix_openpt(O_RDWR | O_NOCTTY);
	if (output_fd < 0) {
		test_skip("no pseudo terminal here");
		return;
	}
	CHECK_OK(worker_run(&options, work_inside, NULL, &result, &e));
	CHECK_INT(result.status, 7);
	close(output_fd);
}

static int fail_with_words(void *context, const struct worker_self *self, struct err *e)
{
	(void)context;
	(void)self;
	err_set(e, ERR_USAGE, "no such tag");
	return err_hint(e, "plimsoll files x.tar");
}

TEST(an_error_of_the_body_comes_back_whole)
{
	struct worker_options options = {.confine = CONFINE_ALL};
	struct worker_result result;
	struct err e = ERR_INIT;

	prepare();
	CHECK_ERR(worker_run(&options, fail_with_words, NULL, &result, &e), ERR_USAGE);
	CHECK_STR(str_of(e.message), "no such tag");
	CHECK_STR(str_of(e.hint), "plimsoll files x.tar");
}

static int die_in_phase(void *context, const struct worker_self *self, struct err *e)
{
	(void)context;
	(void)e;
	progress_inspector(self->progress, "rpm");
	progress_phase(self->progress, PHASE_TAR_WALK, 3);
	return 0;
}

TEST(a_death_names_phase_layer_and_inspector)
{
	struct worker_options options = {.confine = CONFINE_ALL};
	struct worker_result result;
	struct err e = ERR_INIT;
	char text[256];

	prepare();
	options.progress = progress_new();
	options.progress->stop_phase = PHASE_TAR_WALK;
	CHECK_OK(worker_run(&options, die_in_phase, NULL, &result, &e));
	CHECK(result.signal == SIGILL || result.signal == SIGTRAP);
	worker_death(&result, options.progress, text, sizeof(text));
	CHECK(strstr(text, "in tar walk of layer 3, inspector rpm"));
	progress_free(options.progress);
}

static int abort_inside(void *context, const struct worker_self *self, struct err *e)
{
	(void)context;
	(void)self;
	(void)e;
	abort();
}

TEST(abort_ends_as_abort_and_not_as_a_forbidden_call)
{
	CHECK_INT(run_worker(CONFINE_ALL, abort_inside, NULL).signal, SIGABRT);
}

static int spin(void *context, const struct worker_self *self, struct err *e)
{
	(void)e;
	/* a hostile worker: closes its end and goes on for ever */
	if (context)
		close(self->link->socket);
	for (volatile unsigned long i = 0; i < ~0ul; i++)
		;
	return 0;
}

TEST(the_cpu_limit_ends_a_worker_that_does_not_end)
{
	struct worker_options options = {.confine = CONFINE_ALL, .cpu_seconds = 1};
	struct worker_result result;
	struct err e = ERR_INIT;
	char text[256];

	prepare();
	CHECK_OK(worker_run(&options, spin, NULL, &result, &e));
	CHECK_INT(result.signal, SIGXCPU);
	worker_death(&result, NULL, text, sizeof(text));
	CHECK(strstr(text, "the CPU limit"));
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static volatile double signalled_at;

static void *interrupt_soon(void *context)
{
	usleep(300000);
	signalled_at = seconds();
	kill(getpid(), context ? SIGTERM : SIGINT);
	return NULL;
}

/*
 * In a process of its own: the interruption stays set for the rest of the process's life. Exits 0
 * when the worker was dead within 0.2 s.
 */
static void interrupt_a_worker(bool silent)
{
	struct worker_options options = {.confine = CONFINE_ALL, .signals = true};
	struct worker_result result;
	struct err e = ERR_INIT;
	pthread_t thread;
	double took;
	int r;

	options.progress = progress_new();
	pthread_create(&thread, NULL, interrupt_soon, silent ? &options : NULL);
	r = worker_run(&options, spin, silent ? &options : NULL, &result, &e);
	took = seconds();
	pthread_join(thread, NULL);
	took -= signalled_at;
	if (r == 0 || e.code != ERR_CANCELLED || !options.progress->cancelled)
		_exit(1);
	if (waitpid(-1, NULL, WNOHANG) != -1)
		_exit(2);
	_exit(took < 0.2 ? 0 : 3);
}

TEST(an_interrupt_ends_the_worker_within_a_fifth_of_a_second)
{
	for (int silent = 0; silent < 2; silent++) {
		int status = 0;
		pid_t pid;

		prepare();
		fflush(stdout);
		pid = fork();
		if (pid == 0)
			interrupt_a_worker(silent);
		waitpid(pid, &status, 0);
		CHECK(WIFEXITED(status));
		CHECK_INT(WEXITSTATUS(status), 0);
	}
}

static void count_tick(void *context)
{
	++*(int *)context;
}

static int sleep_a_little(void *context, const struct worker_self *self, struct err *e)
{
	struct timespec t = {.tv_nsec = 350000000};

	(void)e;
	if (context)
		close(self->link->socket);
	clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
	return 0;
}

TEST(the_broker_ticks_while_it_waits)
{
	for (int silent = 0; silent < 2; silent++) {
		int ticks = 0;
		struct worker_options options = {
			.confine = CONFINE_ALL, .tick = count_tick, .tick_context = &ticks};
		struct worker_result result;
		struct err e = ERR_INIT;

		prepare();
		CHECK_OK(worker_run(&options, sleep_a_little, silent ? &ticks : NULL, &result, &e));
		CHECK(ticks >= 2 && ticks <= 6);
	}
}

TEST(no_descriptor_and_no_process_stays_behind)
{
	int before = 0, after = 0;

	(void)run_worker(CONFINE_ALL, report_confinement, NULL);
	for (int fd = 0; fd < 256; fd++)
		before += fcntl(fd, F_GETFD) >= 0;
	for (int i = 0; i < 10; i++)
		(void)run_worker(CONFINE_ALL, report_confinement, NULL);
	for (int fd = 0; fd < 256; fd++)
		after += fcntl(fd, F_GETFD) >= 0;
	CHECK_INT(after, before);
	CHECK_INT(waitpid(-1, NULL, WNOHANG), -1);
}
