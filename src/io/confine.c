/*
 * Landlock is called by number: the packaged headers are older than the kernels this runs on. Its
 * ABI 4 added network rules, ABI 6 signals and abstract sockets; each bit unknown to a kernel is an
 * error there, so the masks go by ABI.
 */
#include "io/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WITH_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || \
	__has_feature(thread_sanitizer)
#define WITH_SANITIZER 1
#endif
#endif

const struct syscall_row syscall_rows[] = {
#define SYSCALL(name, rule, why) {#name, RULE_##rule},
#ifdef WITH_SANITIZER
#define SANITIZED(name, rule, why) {#name, RULE_##rule},
#else
#define SANITIZED(name, rule, why)
#endif
#include "io/syscalls.def"
#undef SYSCALL
#undef SANITIZED
	{NULL, RULE_KILL},
};

const char *confinement_name(enum confinement c)
{
	static const char *const names[] = {"off", "partial", "full"};

	return names[c];
}

/* --- Landlock -----------------------------------------------------------------------------------
 */

struct landlock_attributes {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};

/* From linux/landlock.h; also where the system's headers do not know them yet. */
enum {
	NR_LANDLOCK_CREATE_RULESET = 444,
	NR_LANDLOCK_RESTRICT_SELF = 446,
	ASK_VERSION = 1,
};

/* What an ABI knows: its file access bits, network bits, scopes, and the size of the struct. */
static const struct {
	struct landlock_attributes all;
	size_t size;
} abis[] = {
	{{0x1fff, 0, 0}, 8},  /* 1 */
	{{0x3fff, 0, 0}, 8},  /* 2: refer */
	{{0x7fff, 0, 0}, 8},  /* 3: truncate */
	{{0x7fff, 3, 0}, 16}, /* 4: TCP bind and connect */
	{{0xffff, 3, 0}, 16}, /* 5: ioctl of devices */
	{{0xffff, 3, 3}, 24}, /* 6: abstract sockets, signals */
};
enum { ABIS = sizeof(abis) / sizeof(abis[0]) };

static bool deny_files(void)
{
	long abi = syscall(NR_LANDLOCK_CREATE_RULESET, NULL, 0, ASK_VERSION);
	size_t row;
	long rules, r;

	if (abi < 1)
		return false;
	row = (size_t)(abi > ABIS ? ABIS : abi) - 1;
	rules = syscall(NR_LANDLOCK_CREATE_RULESET, &abis[row].all, abis[row].size, 0);
	if (rules < 0)
		return false;
	r = syscall(NR_LANDLOCK_RESTRICT_SELF, (int)rules, 0);
	close((int)rules);
	return r == 0;
}

/* --- seccomp ------------------------------------------------------------------------------------
 */

/* A clone that makes a thread of this process, in no new name space. */
enum { THREAD_FLAGS = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD };
static const uint64_t thread_mask = THREAD_FLAGS | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
				    CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |
				    CLONE_PTRACE;

static int add_row(scmp_filter_ctx filter, int number, enum syscall_rule rule)
{
	struct scmp_arg_cmp thread = SCMP_A0_64(SCMP_CMP_MASKED_EQ, thread_mask, THREAD_FLAGS);
	struct scmp_arg_cmp no_exec = SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	struct scmp_arg_cmp getfl = SCMP_A1_64(SCMP_CMP_EQ, F_GETFL);
	struct scmp_arg_cmp own_stat = SCMP_A3_64(SCMP_CMP_EQ, AT_EMPTY_PATH);
	struct scmp_arg_cmp self = SCMP_A0_64(SCMP_CMP_EQ, (scmp_datum_t)getpid());
	const struct {
		uint32_t action;
		const struct scmp_arg_cmp *argument;
	} rules[] = {
		[RULE_ALLOW] = {SCMP_ACT_ALLOW, NULL},
		[RULE_ALLOW_THREAD] = {SCMP_ACT_ALLOW, &thread},
		[RULE_ALLOW_NO_EXEC] = {SCMP_ACT_ALLOW, &no_exec},
		[RULE_ALLOW_GETFL] = {SCMP_ACT_ALLOW, &getfl},
		[RULE_ALLOW_OWN_STAT] = {SCMP_ACT_ALLOW, &own_stat},
		[RULE_ALLOW_SELF] = {SCMP_ACT_ALLOW, &self},
		[RULE_NOT_PERMITTED] = {SCMP_ACT_ERRNO(EPERM), NULL},
		[RULE_NOT_KNOWN] = {SCMP_ACT_ERRNO(ENOSYS), NULL},
		[RULE_NOT_A_TERMINAL] = {SCMP_ACT_ERRNO(ENOTTY), NULL},
	};

	return seccomp_rule_add_array(filter, rules[rule].action, number,
				      rules[rule].argument != NULL, rules[rule].argument);
}

static int fill(scmp_filter_ctx filter)
{
	/* a binary tree instead of a list: the calls of the hot path are not the first ones */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) < 0)
		return -1;
	for (const struct syscall_row *row = syscall_rows; row->name; row++) {
		int number = seccomp_syscall_resolve_name(row->name);

		/* negative: this architecture has no such call */
		if (number >= 0 && add_row(filter, number, row->rule) < 0)
			return -1;
	}
	return 0;
}

static bool filter_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	bool ok;

	if (!filter)
		return false;
	ok = fill(filter) == 0 && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return ok;
}

int confine_export(int fd, struct err *e)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int r = -1;

	if (!filter)
		return ERR_NOMEM(e);
	if (fill(filter) == 0)
		r = seccomp_export_bpf(filter, fd);
	seccomp_release(filter);
	return r < 0 ? err_set(e, ERR_INTERNAL, "the filter of system calls cannot be made") : 0;
}

enum confinement confine(int parts)
{
	bool files, calls;

	if (!(parts & CONFINE_ALL))
		return CONFINEMENT_OFF;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return CONFINEMENT_OFF;
	files = parts & CONFINE_LANDLOCK && deny_files();
	calls = parts & CONFINE_SECCOMP && filter_calls();
	return files && calls	? CONFINEMENT_FULL
	       : files || calls ? CONFINEMENT_PARTIAL
				: CONFINEMENT_OFF;
}
