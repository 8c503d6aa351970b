/* Inside src/policy: what the ignore file does to the findings. */
#ifndef PLIMSOLL_POLICY_IGNORE_H
#define PLIMSOLL_POLICY_IGNORE_H

#include "policy/policy.h"

/* Marks findings, counts uses, notes expired and unused entries. */
int ignore_apply(struct policy *p, struct document *d, struct err *e);

#endif
