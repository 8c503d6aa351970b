/*
 * The repair that two rules share: MAINTAINER x becomes LABEL org.opencontainers.image.authors="x".
 */
#ifndef PLIMSOLL_DOCKERFILE_RULES_MAINTAINER_H
#define PLIMSOLL_DOCKERFILE_RULES_MAINTAINER_H

#include "dockerfile/rule.h"

void fix_maintainer(struct lint *l, struct finding *f, const struct instruction *i);

#endif
