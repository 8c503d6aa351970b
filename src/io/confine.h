/*
 * The cage of the worker: no_new_privs, a Landlock domain without any rule, then a seccomp filter
 * made from syscalls.def. Binds the calling thread and what it starts later, so it comes before the
 * first thread.
 */
#ifndef PLIMSOLL_IO_CONFINE_H
#define PLIMSOLL_IO_CONFINE_H

#include "base/err.h"

enum confinement {
	CONFINEMENT_OFF,
	CONFINEMENT_PARTIAL, /* one of the two */
	CONFINEMENT_FULL,    /* seccomp, and Landlock's file rules of any ABI */
};
/* "off", "partial", "full": as the report has it */
const char *confinement_name(enum confinement c);

enum { CONFINE_LANDLOCK = 1, CONFINE_SECCOMP = 2, CONFINE_ALL = 3 };

/*
 * Closes the cage with the asked parts, as far as the kernel has them. Never fails: what is not to
 * be had shows in the result.
 */
enum confinement confine(int parts);

enum syscall_rule {
	RULE_KILL, /* not in the table */
	RULE_ALLOW,
	RULE_ALLOW_THREAD,
	RULE_ALLOW_NO_EXEC,
	RULE_ALLOW_GETFL,
	RULE_ALLOW_OWN_STAT,
	RULE_ALLOW_SELF,
	RULE_NOT_PERMITTED,
	RULE_NOT_KNOWN,
	RULE_NOT_A_TERMINAL,
};

struct syscall_row {
	const char *name;
	enum syscall_rule rule;
};
/* syscalls.def as data, NULL-ended. */
extern const struct syscall_row syscall_rows[];

/* Writes the filter as the kernel's BPF program to a descriptor: for the test of the table. */
int confine_export(int fd, struct err *e);

#endif
