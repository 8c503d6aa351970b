/*
 * The command behind sudo, env, nice, ...: "sudo -E env A=b curl x" is curl.
 */
#ifndef PLIMSOLL_DOCKERFILE_RULES_INNER_H
#define PLIMSOLL_DOCKERFILE_RULES_INNER_H

#include "dockerfile/rule.h"

/* For rule.commands: names behind which another command may stand. */
#define INNER_FRONTS "command", "env", "exec", "nice", "sudo", "time", "timeout"

/*
 * *ret is the innermost command, c itself when it has nothing in front; its argv is shared with c.
 * Returns its use, or NULL when the table does not know it. At most INNER_DEPTH fronts are taken
 * off.
 */
enum { INNER_DEPTH = 4 };
const struct command_use *inner_use(struct lint *l, const struct shell_tree *t,
				    const struct shell_command *c, struct shell_command *ret);

#endif
