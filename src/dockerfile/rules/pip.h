/*
 * "pip install" in all its spellings: pip, pip3, pip3.11, python -m pip; pipx where asked for.
 */
#ifndef PLIMSOLL_DOCKERFILE_RULES_PIP_H
#define PLIMSOLL_DOCKERFILE_RULES_PIP_H

#include "dockerfile/rule.h"

/* The command by its schema when it is pip (or, with pipx, pipx); else NULL. Cheap for others. */
const struct command_use *pip_use(struct lint *l, const struct shell_tree *t,
				  const struct shell_command *c, bool pipx);

#endif
