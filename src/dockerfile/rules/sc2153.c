/*
 * ShellCheck SC2153: a name in capitals that nothing here sets may come from the image; when it is
 * all but a name that is set here, it is more likely misspelled. One letter may differ, in names of
 * more than seven letters two.
 */
#include "dockerfile/rules/spelling.h"
#include "dockerfile/shell_words.h"

/* Of a file so many names are compared: comparing costs the product of lengths and numbers. */
enum { NAMES_MAX = 1000 };

struct state {
	size_t looked;
};

static const char *const proxies[] = {
	"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", NULL,
};

struct match {
	struct str name;
	size_t distance;
};

static void consider(struct match *m, struct str name, struct str candidate)
{
	size_t d = name_distance(name, candidate);

	if (d >= m->distance || !((candidate.len > 3 && d <= 1) || (candidate.len > 7 && d <= 2)))
		return;
	*m = (struct match){candidate, d};
}

static struct str find_match(const struct lint *l, const struct shell_variables *v, struct str name)
{
	struct match m = {STR_INIT(""), SIZE_MAX};
	struct map_slot *slot;
	size_t looked = 0, position = 0;

	for (const struct variable *e = l->state ? l->state->newest : NULL;
	     e && looked < SUGGEST_MAX; e = e->older, looked++)
		consider(&m, name, e->name);
	for (size_t i = 0; proxies[i]; i++)
		consider(&m, name, str_of(proxies[i]));
	/* in no order: of several as near the first by name */
	while ((slot = map_next(&v->setters, &position)) && looked++ < 2 * (size_t)SUGGEST_MAX) {
		struct match other = {STR_INIT(""), SIZE_MAX};

		consider(&other, name, slot->key);
		if (other.distance < m.distance ||
		    (other.name.len && other.distance == m.distance &&
		     str_cmp(other.name, m.name) < 0))
			m = other;
	}
	return m.name;
}

static int check_variable(struct lint *l, const struct shell_variables *v, struct map *names,
			  uint32_t n)
{
	struct state *state = lint_state(l);
	struct str name = v->tree->nodes[n].text, match;
	void **slot;

	if (name.len < 3 || name.len > SUGGEST_LENGTH || !is_upper_case(name) ||
	    shell_variable_is_guarded(v->tree, n) || shell_variable_is_known(v, name) ||
	    map_find(names, name) || state->looked >= NAMES_MAX)
		return 0;
	state->looked++;
	slot = map_put(names, name);
	if (!slot)
		return -1;
	*slot = names;
	match = find_match(l, v, name);
	if (match.len)
		lint_report(l, shell_span(v->tree, n),
			    "%.*s may not be assigned; perhaps %.*s was meant", STR_ARG(name),
			    STR_ARG(match));
	return 0;
}

static int check_body(struct lint *l, struct shell_variables *v, struct map *names)
{
	if (shell_variables_read(v, v->tree, l->state, l->arena) < 0)
		return -1;
	for (uint32_t n = 0; !v->opaque && n < v->tree->count; n++) {
		if (v->tree->nodes[n].kind == SHELL_VARIABLE && check_variable(l, v, names, n) < 0)
			return -1;
	}
	return 0;
}

static void check(struct lint *l, const struct instruction *i, const struct shell_tree *t)
{
	struct shell_variables variables = {.tree = t};
	struct map names;
	uint32_t n = 0;

	(void)i;
	while (n < t->count &&
	       (t->nodes[n].kind != SHELL_VARIABLE || !is_upper_case(t->nodes[n].text)))
		n++;
	if (n == t->count)
		return;
	map_init(&names, NULL);
	if (check_body(l, &variables, &names) < 0)
		lint_fail(l);
	shell_variables_done(&variables);
	map_done(&names);
}

const struct rule rule_sc2153 = {
	.code = "SC2153",
	.title = "Check the spelling of variables that are not assigned",
	.level = LEVEL_INFO,
	.state_size = sizeof(struct state),
	.shell = check,
};
