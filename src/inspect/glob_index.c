/*
 * A glob whose last component is literal is found by that; one that ends in a wildcard by the
 * literal folder before it; the rest (neither is literal) are tried on every path.
 */
#include "inspect/glob_index.h"

struct rule {
	const char *glob;
	unsigned bit;
	const struct rule *next; /* of the same key */
};

struct glob_index {
	struct rule *rules;
	struct map by_last, by_folder;
	bool lasts[256], folders[256]; /* what no key has in common is not looked up */
	const struct rule *anywhere;
};

static bool is_literal(struct str s)
{
	return s.len && str_find_char(s, '*') < 0 && str_find_char(s, '?') < 0;
}

/* Of a component: cheap, and another one for most. */
static uint8_t sketch(struct str s)
{
	return s.len ? (uint8_t)((uint8_t)s.data[0] + 37 * (uint8_t)s.data[s.len - 1] + 7 * s.len)
		     : 0;
}

/* Last component of the path, and what stands before it. */
static struct str split_last(struct str path, struct str *ret_folder)
{
	ptrdiff_t slash = str_find_last_char(path, '/');

	*ret_folder = slash < 0 ? STR_NULL : str_to(path, (size_t)slash);
	return str_from(path, (size_t)(slash + 1));
}

static int add(struct glob_index *g, struct rule *rule)
{
	struct str above, rest, last = split_last(str_of(rule->glob), &above);
	struct str folder = split_last(above, &rest);
	void **slot = NULL;

	if (is_literal(last)) {
		slot = map_put(&g->by_last, last);
		g->lasts[sketch(last)] = true;
	} else if (is_literal(folder)) {
		slot = map_put(&g->by_folder, folder);
		g->folders[sketch(folder)] = true;
	} else {
		slot = (void **)&g->anywhere;
	}
	if (!slot)
		return -1;
	rule->next = *slot;
	*slot = rule;
	return 0;
}

struct glob_index *glob_index_new(const struct inspector *const *list, struct err *e)
{
	struct glob_index *g = mem_zero(1, sizeof(*g));
	size_t count = 0, used = 0;

	if (!g)
		return ERR_NOMEM(e), NULL;
	map_init(&g->by_last, NULL);
	map_init(&g->by_folder, NULL);
	for (unsigned i = 0; list[i]; i++)
		for (const char *const *glob = list[i]->globs; *glob; glob++)
			count++;
	g->rules = mem_zero(count, sizeof(*g->rules));
	for (unsigned i = 0; g->rules && list[i]; i++)
		for (const char *const *glob = list[i]->globs; *glob; glob++) {
			struct rule *rule = &g->rules[used++];

			*rule = (struct rule){.glob = *glob, .bit = i};
			if (i >= 64 || add(g, rule) < 0) {
				glob_index_free(g);
				return ERR_NOMEM(e), NULL;
			}
		}
	if (!g->rules) {
		glob_index_free(g);
		return ERR_NOMEM(e), NULL;
	}
	return g;
}

void glob_index_free(struct glob_index *g)
{
	if (!g)
		return;
	map_done(&g->by_last);
	map_done(&g->by_folder);
	mem_free(g->rules);
	mem_free(g);
}

static uint64_t match_rules(const struct rule *rule, struct str path)
{
	uint64_t bits = 0;

	for (; rule; rule = rule->next)
		if (str_glob(rule->glob, path))
			bits |= UINT64_C(1) << rule->bit;
	return bits;
}

uint64_t glob_index_match(const struct glob_index *g, struct str path)
{
	struct str above, rest, last = split_last(path, &above);
	struct str folder = split_last(above, &rest);

	uint64_t bits = match_rules(g->anywhere, path);

	if (g->lasts[sketch(last)])
		bits |= match_rules(map_find(&g->by_last, last), path);
	if (g->folders[sketch(folder)])
		bits |= match_rules(map_find(&g->by_folder, folder), path);
	return bits;
}
