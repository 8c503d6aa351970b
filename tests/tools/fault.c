/*
 * The program with its k-th allocation, read or write made to fail: PLIMSOLL_FAULT=alloc:17. Counts
 * over broker and worker together (shared memory). Says "fault: hit" on standard error when it
 * struck, so that a loop knows when it is past the last one. PLIMSOLL_STOP="tar walk" kills the
 * worker when it comes to that phase.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/fault.h"
#include "base/progress.h"
#include "cli/common.h"

struct counter {
	_Atomic long left;
	_Atomic int hit;
};

static struct counter *counter;
static enum fault_kind wanted;

static bool strike(enum fault_kind kind)
{
	if (kind != wanted)
		return false;
	if (atomic_fetch_sub(&counter->left, 1) != 1)
		return false;
	atomic_store(&counter->hit, 1);
	return true;
}

int main(int argc, char **argv)
{
	static const char *const names[] = {"alloc:", "read:", "write:"};
	const char *spec = getenv("PLIMSOLL_FAULT"), *stop = getenv("PLIMSOLL_STOP");
	int code;

	counter = mmap(NULL, sizeof(*counter), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (counter == MAP_FAILED)
		return 99;
	for (int kind = 0; spec && kind < 3; kind++) {
		if (strncmp(spec, names[kind], strlen(names[kind])) != 0)
			continue;
		wanted = (enum fault_kind)kind;
		counter->left = strtol(spec + strlen(names[kind]), NULL, 10);
		fault_hook = strike;
	}
	for (int phase = 0; stop && phase < PHASES; phase++)
		if (strcmp(stop, phase_name((enum phase)phase)) == 0)
			fault_stop_phase = phase;
	code = plimsoll_main(argc, argv);
	fault_hook = NULL;
	if (counter->hit)
		fprintf(stderr, "fault: hit\n");
	return code;
}
