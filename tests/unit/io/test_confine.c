/*
 * The cage, tried from inside: each attempt runs in a worker of its own. The expected filter stands
 * here a second time, on purpose: a call that is added to src/io/syscalls.def fails this test until
 * somebody adds it here too, and so has looked at it twice.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/map.h"
#include "base/work.h"
#include "crypto/digest.h"
#include "io/worker.h"
#include "test.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED_BUILD = 1 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { SANITIZED_BUILD = 1 };
#else
enum { SANITIZED_BUILD = 0 };
#endif
#else
enum { SANITIZED_BUILD = 0 };
#endif

static pid_t broker_pid;
static int inherited_fd = -1;

/* --- attempts -----------------------------------------------------------------------------------
 */

/* Each gives 0 when it succeeded, else errno. */
static int failed(long r)
{
	return r < 0 ? errno : 0;
}

static int try_open_read(void)
{
	return failed(open("/etc/passwd", O_RDONLY));
}

static int try_open_proc(void)
{
	return failed(open("/proc/self/status", O_RDONLY));
}

static int try_create(void)
{
	return failed(open("/tmp/plimsoll-test-must-not-be", O_WRONLY | O_CREAT, 0600));
}

static int try_openat2(void)
{
	uint64_t how[3] = {O_RDONLY, 0, 0};

	return failed(syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", how, sizeof(how)));
}

static int try_tcp(void)
{
	return failed(socket(AF_INET, SOCK_STREAM, 0));
}

/* Landlock alone lets this one through. */
static int try_udp(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return fd < 0 ? errno : failed(sendto(fd, "x", 1, 0, (void *)&to, sizeof(to)));
}

static int try_unix_socket(void)
{
	int pair[2];

	return failed(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
}

static int try_connect(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};

	return failed(connect(0, (void *)&to, sizeof(to)));
}

static int try_exec(void)
{
	return failed(execl("/bin/true", "true", (char *)NULL));
}

static int try_execveat(void)
{
	return failed(syscall(SYS_execveat, AT_FDCWD, "/bin/true", NULL, NULL, 0));
}

static int try_ptrace(void)
{
	return failed(ptrace(PTRACE_ATTACH, broker_pid, NULL, NULL));
}

static int try_kill(void)
{
	return failed(kill(broker_pid, 0));
}

static int try_tgkill(void)
{
	return failed(syscall(SYS_tgkill, broker_pid, broker_pid, 0));
}

static int try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return failed(pid);
}

static int try_clone_process(void)
{
	long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return failed(pid);
}

static int try_clone3(void)
{
	uint64_t args[8] = {0};
	long pid = syscall(SYS_clone3, args, sizeof(args));

	if (pid == 0)
		_exit(0);
	return failed(pid);
}

static int try_memfd(void)
{
	return failed(memfd_create("x", 0));
}

static int try_mmap_exec(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int try_mprotect_exec(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return failed(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int try_unlink(void)
{
	return failed(unlink("/tmp/plimsoll-test-must-not-be"));
}

static int try_stat_path(void)
{
	struct stat st;

	return failed(stat("/etc/passwd", &st));
}

static int try_chmod_fd(void)
{
	return failed(fchmod(2, 0600));
}

static int try_unlisted(void)
{
	return failed(syscall(SYS_getuid));
}

static int try_no_such_call(void)
{
	return failed(syscall(100000));
}

static int try_terminal_injection(void)
{
	return failed(ioctl(2, TIOCSTI, "x"));
}

static int try_inherited_fd(void)
{
	struct stat st;

	return failed(fstat(inherited_fd, &st));
}

static int try_prctl(void)
{
	return failed(prctl(PR_SET_DUMPABLE, 1));
}

static int try_setrlimit(void)
{
	struct rlimit r = {1, 1};

	return failed(setrlimit(RLIMIT_CORE, &r));
}

/* What is expected: an errno, or the death of the worker (0). */
enum { DIES = 0 };
static const struct attempt {
	const char *name;
	int (*run)(void);
	int full;	/* errno, or DIES */
	int landlock;	/* the same with Landlock alone; -1: not looked at */
	bool sanitized; /* also under a sanitizer, which allows a few calls more */
} attempts[] = {
	{"open for reading", try_open_read, EPERM, EACCES, true},
	{"open in /proc", try_open_proc, EPERM, EACCES, true},
	{"create a file", try_create, EPERM, EACCES, true},
	{"openat2", try_openat2, EPERM, EACCES, true},
	{"TCP socket", try_tcp, EPERM, -1, true},
	{"UDP socket and sendto", try_udp, EPERM, -1, true},
	{"socketpair", try_unix_socket, EPERM, -1, true},
	{"connect", try_connect, EPERM, -1, true},
	{"exec", try_exec, EPERM, EACCES, true},
	{"execveat", try_execveat, EPERM, EACCES, true},
	{"ptrace of the broker", try_ptrace, EPERM, EPERM, true},
	{"signal to the broker", try_kill, DIES, EPERM, true},
	{"thread signal to the broker", try_tgkill, DIES, EPERM, true},
	{"fork", try_fork, DIES, -1, true},
	{"clone of a process", try_clone_process, DIES, -1, true},
	{"clone3", try_clone3, ENOSYS, -1, true},
	{"memfd_create", try_memfd, DIES, -1, true},
	{"executable mmap", try_mmap_exec, DIES, -1, true},
	{"mprotect to executable", try_mprotect_exec, DIES, -1, true},
	{"unlink", try_unlink, DIES, -1, true},
	{"stat of a path", try_stat_path, DIES, -1, true},
	{"fchmod", try_chmod_fd, DIES, -1, true},
	{"a harmless call that is not listed", try_unlisted, DIES, -1, true},
	{"a call that does not exist", try_no_such_call, DIES, -1, true},
	{"typing into the terminal", try_terminal_injection, ENOTTY, -1, true},
	{"a descriptor of the broker", try_inherited_fd, EBADF, EBADF, true},
	{"prctl", try_prctl, DIES, -1, false},
	{"setrlimit", try_setrlimit, DIES, -1, false},
};
enum { ATTEMPTS = sizeof(attempts) / sizeof(attempts[0]) };

static int run_attempt(void *context, const struct worker_self *self, struct err *e)
{
	const struct attempt *a = context;

	(void)self;
	(void)e;
	return a->run();
}

/* Also from a thread of the worker: the cage must hold all of them. */
static void *run_in_thread(void *context)
{
	const struct attempt *a = context;

	return (void *)(intptr_t)a->run();
}

static int run_attempt_in_thread(void *context, const struct worker_self *self, struct err *e)
{
	pthread_t thread;
	void *result;

	(void)self;
	if (pthread_create(&thread, NULL, run_in_thread, context) != 0)
		return err_set(e, ERR_INTERNAL, "no thread");
	pthread_join(thread, &result);
	return (int)(intptr_t)result;
}

static void prepare(void)
{
	struct err e = ERR_INIT;

	CHECK_OK(crypto_init(&e));
	map_seed();
	broker_pid = getpid();
	if (inherited_fd < 0)
		inherited_fd = open("/etc/passwd", O_RDONLY);
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

static bool kernel_has_landlock(void)
{
	return syscall(444, NULL, 0, 1) >= 1;
}

static void check_attempts(int parts, worker_body *body)
{
	for (int i = 0; i < ATTEMPTS; i++) {
		const struct attempt *a = &attempts[i];
		struct worker_result r;

		if (SANITIZED_BUILD && !a->sanitized)
			continue;
		r = run_worker(parts, body, (void *)a);
		if (a->full == DIES ? r.signal != SIGSYS : r.signal || r.status != a->full)
			test_fail(__FILE__, __LINE__, "%s: status %d, signal %d", a->name, r.status,
				  r.signal);
	}
}

TEST(every_way_out_is_closed)
{
	check_attempts(CONFINE_ALL, run_attempt);
}

TEST(every_way_out_is_closed_to_threads_too)
{
	check_attempts(CONFINE_ALL, run_attempt_in_thread);
}

TEST(without_landlock_the_filter_alone_still_holds)
{
	check_attempts(CONFINE_SECCOMP, run_attempt);
}

TEST(without_seccomp_landlock_still_keeps_files_and_signals)
{
	if (!kernel_has_landlock()) {
		test_skip("this kernel has no Landlock");
		return;
	}
	for (int i = 0; i < ATTEMPTS; i++) {
		struct worker_result r;

		if (attempts[i].landlock < 0)
			continue;
		r = run_worker(CONFINE_LANDLOCK, run_attempt, (void *)&attempts[i]);
		if (r.signal || r.status != attempts[i].landlock)
			test_fail(__FILE__, __LINE__, "%s: status %d, signal %d", attempts[i].name,
				  r.status, r.signal);
	}
}

static int report_confinement(void *context, const struct worker_self *self, struct err *e)
{
	(void)context;
	(void)e;
	return (int)self->confinement;
}

TEST(the_degree_of_confinement_is_known_to_both_sides)
{
	bool landlock = kernel_has_landlock();
	const struct {
		int parts;
		enum confinement expected;
	} rows[] = {
		{CONFINE_ALL, landlock ? CONFINEMENT_FULL : CONFINEMENT_PARTIAL},
		{CONFINE_SECCOMP, CONFINEMENT_PARTIAL},
		{CONFINE_LANDLOCK, landlock ? CONFINEMENT_PARTIAL : CONFINEMENT_OFF},
		{0, CONFINEMENT_OFF},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct worker_result r = run_worker(rows[i].parts, report_confinement, NULL);

		CHECK_INT(r.signal, 0);
		CHECK_INT(r.confinement, rows[i].expected);
		CHECK_INT(r.status, rows[i].expected);
	}
	CHECK_STR(str_of(confinement_name(CONFINEMENT_FULL)), "full");
	CHECK_STR(str_of(confinement_name(CONFINEMENT_PARTIAL)), "partial");
	CHECK_STR(str_of(confinement_name(CONFINEMENT_OFF)), "off");
}

/* --- the filter against a second list -----------------------------------------------------------
 */

static const char *const allowed[] = {
	"brk",
	"clock_getres",
	"clock_gettime",
	"clock_nanosleep",
	"close",
	"exit",
	"exit_group",
	"fstat",
	"futex",
	"getpid",
	"getrandom",
	"gettid",
	"gettimeofday",
	"lseek",
	"madvise",
	"mremap",
	"munmap",
	"pread64",
	"read",
	"recvmsg",
	"restart_syscall",
	"rseq",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"sched_yield",
	"sendmsg",
	"set_robust_list",
	"sysinfo",
	"time",
	"write",
	"writev",
};
static const struct {
	const char *name;
	int answer;
} refused[] = {
	{"clone3", ENOSYS},  {"connect", EPERM}, {"creat", EPERM},  {"execve", EPERM},
	{"execveat", EPERM}, {"ioctl", ENOTTY},	 {"open", EPERM},   {"openat", EPERM},
	{"openat2", EPERM},  {"ptrace", EPERM},	 {"socket", EPERM}, {"socketpair", EPERM},
};
/* With arguments that must pass and arguments that must not. */
static const struct {
	const char *name;
	uint64_t good[4], bad[4];
} conditional[] = {
	{"clone", {0x3d0f00}, {SIGCHLD}},
	{"clone", {0x3d0f00}, {0x3d0f00 | CLONE_NEWUSER}},
	{"clone", {0x3d0f00}, {0x3d0f00 & ~(uint64_t)CLONE_THREAD}},
	{"fcntl", {1, F_GETFL}, {1, F_DUPFD}},
	{"fcntl", {1, F_GETFL}, {1, F_SETFL}},
	{"mmap", {0, 0, PROT_READ | PROT_WRITE}, {0, 0, PROT_READ | PROT_EXEC}},
	{"mprotect", {0, 0, PROT_READ | PROT_WRITE}, {0, 0, PROT_EXEC}},
	{"newfstatat", {1, 0, 0, AT_EMPTY_PATH}, {1, 0, 0, 0}},
	{"newfstatat", {1, 0, 0, AT_EMPTY_PATH}, {1, 0, 0, AT_SYMLINK_NOFOLLOW}},
	{"tgkill", {0}, {1}}, /* the first is replaced by the own pid */
};

/* A small machine for classic BPF: what seccomp programs are made of. */
static uint32_t run_filter(const struct sock_filter *program, size_t count,
			   const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < count; pc++) {
		const struct sock_filter *i = &program[pc];
		bool jump;

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (i->k + 4 > sizeof(*data))
				return 0;
			memcpy(&a, (const char *)data + i->k, 4);
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			continue;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			jump = a == i->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			jump = a >= i->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			jump = a > i->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			jump = (a & i->k) != 0;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			test_fail(__FILE__, __LINE__, "instruction %#x", i->code);
			return 0;
		}
		pc += jump ? i->jt : i->jf;
	}
	return 0;
}

static struct sock_filter program[4096];
static size_t program_count;

static uint32_t filter_says(int number, const uint64_t arguments[4])
{
	struct seccomp_data data = {.nr = number};

	/* the filter's first test is its architecture: the constant it compares with is ours */
	for (size_t i = 0; i < program_count && !data.arch; i++)
		if (program[i].code == (BPF_JMP | BPF_JEQ | BPF_K))
			data.arch = program[i].k;
	for (int i = 0; arguments && i < 4; i++)
		data.args[i] = arguments[i];
	return run_filter(program, program_count, &data);
}

static int number_of(const char *name)
{
	extern int seccomp_syscall_resolve_name(const char *);

	return seccomp_syscall_resolve_name(name);
}

static void load_program(void)
{
	int fd = memfd_create("bpf", 0);
	struct err e = ERR_INIT;
	ssize_t n;

	CHECK_OK(confine_export(fd, &e));
	n = pread(fd, program, sizeof(program), 0);
	CHECK(n > 0 && (size_t)n < sizeof(program));
	program_count = n > 0 ? (size_t)n / sizeof(program[0]) : 0;
	close(fd);
}

TEST(the_filter_is_exactly_the_second_list)
{
	enum { CALLS = 1024 };
	uint32_t expected[CALLS];

	load_program();
	for (int i = 0; i < CALLS; i++)
		expected[i] = SECCOMP_RET_KILL_PROCESS;
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (number_of(allowed[i]) >= 0)
			expected[number_of(allowed[i])] = SECCOMP_RET_ALLOW;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (number_of(refused[i].name) >= 0)
			expected[number_of(refused[i].name)] =
				SECCOMP_RET_ERRNO | (uint32_t)refused[i].answer;
	for (size_t i = 0; i < sizeof(conditional) / sizeof(conditional[0]); i++)
		expected[number_of(conditional[i].name)] = UINT32_MAX;
	for (int i = 0; i < CALLS; i++)
		if (expected[i] != UINT32_MAX && !SANITIZED_BUILD &&
		    filter_says(i, NULL) != expected[i])
			test_fail(__FILE__, __LINE__, "call %d: %#x, expected %#x", i,
				  filter_says(i, NULL), expected[i]);
}

TEST(calls_with_a_condition_pass_or_kill_by_their_arguments)
{
	load_program();
	for (size_t i = 0; i < sizeof(conditional) / sizeof(conditional[0]); i++) {
		const char *name = conditional[i].name;
		uint64_t good[4];

		memcpy(good, conditional[i].good, sizeof(good));
		if (strcmp(name, "tgkill") == 0)
			good[0] = (uint64_t)getpid();
		if (filter_says(number_of(name), good) != SECCOMP_RET_ALLOW)
			test_fail(__FILE__, __LINE__, "%s is not allowed", name);
		if (filter_says(number_of(name), conditional[i].bad) != SECCOMP_RET_KILL_PROCESS)
			test_fail(__FILE__, __LINE__, "%s does not kill", name);
	}
}

TEST(another_architecture_kills)
{
	struct seccomp_data data = {.nr = 0, .arch = 0x40000003};

	load_program();
	CHECK_INT(run_filter(program, program_count, &data), SECCOMP_RET_KILL_PROCESS);
}

TEST(the_table_is_sorted_and_known)
{
	for (const struct syscall_row *row = syscall_rows; row->name; row++) {
		CHECK(row->rule != RULE_KILL);
		if (number_of(row->name) == -1)
			test_fail(__FILE__, __LINE__, "%s is no system call", row->name);
		if (!SANITIZED_BUILD && row[1].name && strcmp(row->name, row[1].name) >= 0)
			test_fail(__FILE__, __LINE__, "%s is not in order", row[1].name);
	}
}
