/*
 * Comments for the linter that do not do what they seem to: a name that no rule can be called (as
 * in hadolint the whole pragma does nothing then), a code that no rule has, an option that checks
 * do not know. Their authors should know.
 */
#include "dockerfile/pragma.h"

enum { SHOWN = 80 };

static void tell(struct lint *l, uint32_t at, const char *before, struct str name,
		 const char *after)
{
	lint_report(l, (struct span){at, at + (uint32_t)name.len}, "%s'%.*s'%s", before,
		    (int)(name.len > SHOWN ? SHOWN : name.len), name.data, after);
}

/* A list of names that stands at `at` of the file. */
static void check_names(struct lint *l, uint32_t at, struct str names, bool of_checks)
{
	const char *start = names.data;
	struct str name;

	while (pragma_name_next(&names, &name)) {
		/* ShellCheck has more codes than stand here, other names were looked up before */
		bool known =
			of_checks ? str_eq_nocase(name, STR("all")) : !str_starts(name, STR("DL"));

		if (known || rule_find(name))
			continue;
		tell(l, at + (uint32_t)(name.data - start), "There is no rule ", name,
		     " that could be silenced");
	}
}

static bool is_bool(struct str s)
{
	return str_eq_nocase(s, STR("true")) || str_eq_nocase(s, STR("false")) || str_is(s, "1") ||
	       str_is(s, "0") || str_eq_nocase(s, STR("t")) || str_eq_nocase(s, STR("f"));
}

/* "skip=A,B;error=true;experimental=all" that stands at `at` of the file. */
static void check_options(struct lint *l, uint32_t at, struct str value)
{
	const char *start = value.data;
	struct str part;

	while (str_next(&value, ';', &part)) {
		ptrdiff_t equals = str_find_char(part, '=');
		struct str key = str_trim(equals < 0 ? part : str_to(part, (size_t)equals));
		struct str rest = equals < 0 ? STR("") : str_from(part, (size_t)equals + 1);
		struct str first = str_trim(rest);
		uint32_t place = at + (uint32_t)(rest.data - start);

		if (!key.len)
			continue;
		if (str_eq_nocase(key, STR("error"))) {
			ptrdiff_t blank = str_find_char(first, ' ');

			first = blank < 0 ? first : str_to(first, (size_t)blank);
			if (!is_bool(first))
				tell(l, at + (uint32_t)(key.data - start), "", key,
				     " of checks is true or false");
		} else if (str_eq_nocase(key, STR("skip")) ||
			   str_eq_nocase(key, STR("experimental"))) {
			struct str names = check_option(
				part, str_eq_nocase(key, STR("skip")) ? "skip" : "experimental");

			if (names.len)
				place = at + (uint32_t)(names.data - start);
			check_names(l, place, names, true);
		} else {
			tell(l, at + (uint32_t)(key.data - start), "", key,
			     " is no option of checks: skip, error, experimental");
		}
	}
}

static void check_comment(struct lint *l, struct str comment, uint32_t at)
{
	struct pragma p;

	if (!pragma_read(comment, l->config, &p))
		return;
	if (p.bad.data)
		tell(l, at + (uint32_t)(p.bad.data - comment.data), "No rule is called ", p.bad,
		     ", so this comment silences nothing");
	else if (p.kind == PRAGMA_CHECK)
		check_options(l, at + (uint32_t)(p.names.data - comment.data), p.names);
	else if (p.kind != PRAGMA_SHELL)
		check_names(l, at + (uint32_t)(p.names.data - comment.data), p.names, false);
}

static void check(struct lint *l)
{
	const struct dockerfile *d = l->file;

	for (size_t n = 0; n < d->directives.count; n++) {
		const struct docker_directive *v = &d->directives.items[n];

		if (str_is(v->name, "check"))
			check_options(l, v->value_span.start, dockerfile_slice(d, v->value_span));
	}
	for (size_t n = 0; n < d->comments.count; n++)
		check_comment(l, dockerfile_slice(d, d->comments.items[n].span),
			      d->comments.items[n].span.start);
}

const struct rule rule_pl1006 = {
	.code = "PL1006",
	.title = "Name rules by their codes in ignore comments",
	.level = LEVEL_WARNING,
	.file = check,
};
