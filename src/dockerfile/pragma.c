#include "dockerfile/pragma.h"

#include "dockerfile/lint.h"

static bool is_code_char(char c)
{
	return ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '-';
}

bool pragma_name_known(struct str name, const struct lint_config *config)
{
	bool digits = name.len > 2;

	if (str_starts(name, STR("DL")) || str_starts(name, STR("SC"))) {
		for (size_t i = 2; i < name.len; i++)
			digits = digits && name.data[i] >= '0' && name.data[i] <= '9';
		if (digits)
			return true;
	}
	for (size_t i = 0; i < config->extra_rule_count; i++) {
		if (str_is(name, config->extra_rules[i]->code))
			return true;
	}
	return rule_find(name) != NULL;
}

bool pragma_name_next(struct str *names, struct str *ret_name)
{
	while (str_next(names, ',', ret_name)) {
		*ret_name = str_trim(*ret_name);
		if (ret_name->len)
			return true;
	}
	return false;
}

/* Takes a word and the blanks behind it. */
static bool take_word(struct str *s, const char *word)
{
	struct str rest = *s;

	if (!str_skip(&rest, str_of(word)) || (rest.len && is_code_char(rest.data[0])))
		return false;
	*s = str_trim(rest);
	return true;
}

/* "= A, B # comment": the list without the comment. */
static bool take_list(struct str rest, const struct lint_config *config, struct pragma *ret)
{
	struct str name, names;
	ptrdiff_t hash;

	if (!str_skip(&rest, STR("=")))
		return false;
	hash = str_find_char(rest, '#');
	ret->names = names = str_trim(hash < 0 ? rest : str_to(rest, (size_t)hash));
	while (pragma_name_next(&names, &name)) {
		if (!pragma_name_known(name, config) && !ret->bad.data)
			ret->bad = name;
	}
	return ret->names.len > 0;
}

bool pragma_read(struct str comment, const struct lint_config *config, struct pragma *ret)
{
	struct str rest = str_trim(str_from(comment, 1));

	*ret = (struct pragma){.kind = PRAGMA_IGNORE};
	if (take_word(&rest, "check")) {
		if (!str_skip(&rest, STR("=")))
			return false;
		ret->kind = PRAGMA_CHECK;
		ret->names = str_trim(rest);
		return true;
	}
	if (!take_word(&rest, "hadolint"))
		return false;
	if (take_word(&rest, "shell")) {
		ret->kind = PRAGMA_SHELL;
		ret->names = rest;
		return str_starts(rest, STR("="));
	}
	if (take_word(&rest, "global"))
		ret->kind = PRAGMA_GLOBAL;
	else if (take_word(&rest, "stage"))
		ret->kind = PRAGMA_STAGE;
	return take_word(&rest, "ignore") && take_list(rest, config, ret);
}

struct str check_option(struct str value, const char *key)
{
	struct str part;

	while (str_next(&value, ';', &part)) {
		ptrdiff_t equals = str_find_char(part, '=');
		size_t at = 0, start, end;

		if (equals < 0 ||
		    !str_eq_nocase(str_trim(str_to(part, (size_t)equals)), str_of(key)))
			continue;
		part = str_trim(str_from(part, (size_t)equals + 1));
		/* words behind a blank are a remark, unless the blank follows a comma */
		while (docker_word_next(part, &at, &start, &end)) {
			if (end && part.data[end - 1] != ',')
				return str_to(part, end);
		}
		return part;
	}
	return STR_NULL;
}
