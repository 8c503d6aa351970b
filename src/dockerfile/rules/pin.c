#include "dockerfile/rules/pin.h"

struct pin_reader {
	const struct pin *pin;
	const struct pin_sub *sub;
	const struct shell_arg *first; /* the first word with a package that has no version */
	struct str name;
	unsigned count;
};

static const struct pin_sub *find_sub(const struct pin *pin, const struct command_use *use)
{
	for (const struct pin_sub *s = pin->subs; s->name; s++) {
		if (command_is(use, s->name))
			return s;
	}
	return NULL;
}

static void check_package(struct pin_reader *r, const struct shell_arg *a, struct str package)
{
	/* a variable may hold options */
	if (!package.len || package.data[0] == '-' || r->sub->is_pinned(package))
		return;
	if (!r->count++) {
		r->first = a;
		r->name = package;
	}
}

static void check_word(struct pin_reader *r, struct lint *l, const struct shell_tree *t,
		       const struct shell_arg *a)
{
	struct str text;
	size_t at = 0, start, end;
	bool split;

	if (!word_value(l, lint_state(l), t, a, &text, &split))
		return;
	if (!split) {
		check_package(r, a, text);
		return;
	}
	while (docker_word_next(text, &at, &start, &end))
		check_package(r, a, str_sub(text, start, end));
}

/* The word right before is an option of which the table does not say whether it takes a value. */
static bool may_be_value(const struct command_use *use, uint32_t arg)
{
	for (uint32_t n = 0; n < use->flag_count; n++) {
		const struct command_flag *f = &use->flags[n];

		if (f->arg + 1 == arg && !f->known && !f->has_value)
			return true;
	}
	return false;
}

static bool is_package(const struct pin *pin, const struct command_use *use, uint32_t n)
{
	const struct command_position *p = &use->positions[n];

	if (pin->role && !str_is(p->role, pin->role))
		return false;
	return !pin->hands_on || !may_be_value(use, p->arg);
}

void pin_check(struct lint *l, const struct shell_tree *t, const struct shell_command *c)
{
	struct pin_reader r = {.pin = l->rule->data};
	const struct command_use *use = lint_use(l, t, c);
	uint32_t end;

	if (!use || !use->sub)
		return;
	r.sub = find_sub(r.pin, use);
	if (!r.sub || (r.pin->is_exempt && r.pin->is_exempt(use)))
		return;
	end = r.pin->hands_on ? shell_arg_find(c, use->sub_arg, "--") : 0;
	for (uint32_t n = 0; n < use->position_count; n++) {
		uint32_t arg = use->positions[n].arg;

		if ((!end || arg < end) && is_package(r.pin, use, n))
			check_word(&r, l, t, &c->argv[arg]);
	}
	if (!r.count)
		return;
	if (r.count == 1)
		lint_report(l, shell_span(t, r.first->node), "%s; '%.*s' has none", r.pin->message,
			    STR_ARG(r.name));
	else
		lint_report(l, shell_span(t, r.first->node), "%s; '%.*s' and %u more have none",
			    r.pin->message, STR_ARG(r.name), r.count - 1);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_version_char(char c)
{
	return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
	       (c && strchr(".~^_:+-*?", c) != NULL);
}

bool is_rpm_pinned(struct str package)
{
	ptrdiff_t dash = str_find_char(package, '-');
	bool version = false;

	if (str_ends(package, STR(".rpm")) || str_find(package, STR("://")) >= 0 ||
	    package.data[0] == '@')
		return true;
	if (dash < 0)
		return false;
	for (size_t i = (size_t)dash; i < package.len; i++) {
		if (!is_version_char(package.data[i]))
			return false;
		if (package.data[i] == '-' && i + 1 < package.len && is_digit(package.data[i + 1]))
			version = true;
	}
	return version;
}

bool is_module_pinned(struct str module)
{
	return str_find_char(module, ':') >= 0;
}
