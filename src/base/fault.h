/*
 * Places where an allocation, a read or a write can be made to fail. NULL in the product; the fault
 * driver of the tests installs a hook that fails the k-th call of a kind (tests/fault).
 */
#ifndef PLIMSOLL_BASE_FAULT_H
#define PLIMSOLL_BASE_FAULT_H

#include <stdbool.h>

enum fault_kind { FAULT_ALLOC, FAULT_READ, FAULT_WRITE };

extern bool (*fault_hook)(enum fault_kind kind);

/* The phase of base/progress.h at which a worker kills itself; -1, as in the product: never. */
extern int fault_stop_phase;

static inline bool fault_hit(enum fault_kind kind)
{
	return __builtin_expect(fault_hook != 0, 0) && fault_hook(kind);
}

#endif
