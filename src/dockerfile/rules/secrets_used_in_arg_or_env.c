/*
 * BuildKit's SecretsUsedInArgOrEnv, by name: one of the parts between underscores is "password",
 * "token" ..., and none says that it is public, a file or a version. ARGs before the first FROM do
 * not reach the image's history.
 */
#include "dockerfile/rule.h"

static bool has_part(struct str name, const char *const *parts)
{
	struct str part;

	while (str_next(&name, '_', &part)) {
		for (size_t n = 0; parts[n]; n++) {
			if (str_eq_nocase(part, str_of(parts[n])))
				return true;
		}
	}
	return false;
}

static void check(struct lint *l, const struct instruction *i)
{
	static const char *const secret[] = {"apikey", "auth",	   "credential", "credentials",
					     "key",    "password", "pword",	 "passwd",
					     "secret", "token",	   NULL};
	static const char *const harmless[] = {"public", "file", "version", NULL};

	for (uint32_t n = 0; l->stage && n < i->pair_count; n++) {
		const struct docker_pair *p = &i->pairs[n];

		if (has_part(p->name, secret) && !has_part(p->name, harmless))
			lint_report(l, p->name_span,
				    "'%.*s' looks like a secret, and the image keeps what %s sets",
				    STR_ARG(p->name), instruction_kind_name(i->kind));
	}
}

const struct rule rule_secrets_used_in_arg_or_env = {
	.code = "SecretsUsedInArgOrEnv",
	.title = "Do not hand secrets over with ARG or ENV",
	.level = LEVEL_WARNING,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_ARG) | INSTRUCTION_BIT(INSTRUCTION_ENV),
	.instruction = check,
};
