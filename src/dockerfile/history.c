#include "dockerfile/history.h"

#include <stdlib.h>

#include "dockerfile/mined_rules.h"

/* Candidates that are counted in the newest versions, and rules that say the same of other
 * commands.
 */
enum { COUNTED_MAX = 5000, ALIKE_MAX = 3 };

void history_init(struct history *h, struct associations *list)
{
	*h = (struct history){.list = list};
	forest_init(&h->heads, list->symbols);
	arena_init(&h->arena, NULL, 0);
	map_init(&h->candidates, NULL);
	map_init(&h->changes, NULL);
	map_init(&h->paths, NULL);
	map_init(&h->shapes, NULL);
}

void history_done(struct history *h)
{
	forest_done(&h->heads);
	tree_differ_done(&h->differ);
	map_done(&h->candidates);
	map_done(&h->changes);
	map_done(&h->paths);
	map_done(&h->shapes);
	vec_done(&h->items);
	association_scratch_done(&h->scratch);
	arena_done(&h->arena);
}

/* Adds a key to a set: 1 when it is new. */
static int add_key(struct history *h, struct map *set, struct str key, struct err *e)
{
	void **slot;

	if (map_find(set, key))
		return 0;
	key = arena_str(&h->arena, key);
	slot = key.data ? map_put(set, key) : NULL;
	if (!slot)
		return ERR_NOMEM(e);
	*slot = h;
	return 1;
}

static int add_number(struct history *h, struct map *set, uint64_t number, struct err *e)
{
	return add_key(h, set, str_make(&number, sizeof(number)), e);
}

/* --- candidates --- */

static int make_candidate(struct history *h, const struct tree_difference *d, struct str key,
			  struct history_candidate **ret, struct err *e)
{
	struct association *rule;
	struct history_candidate *c;
	void **slot;

	*ret = NULL;
	if (h->items.count >= HISTORY_CANDIDATES_MAX) {
		h->left_out++;
		return 0;
	}
	if (mined_rule_add(h->list, d->type, d->antecedent, d->consequent, d->location, &rule, e) <
	    0)
		return -1;
	if (!rule)
		return 0;
	key = arena_str(&h->arena, key);
	c = vec_push(&h->items);
	slot = key.data ? map_put(&h->candidates, key) : NULL;
	if (!c || !slot)
		return ERR_NOMEM(e);
	*slot = (void *)(uintptr_t)h->items.count;
	*c = (struct history_candidate){
		.rule = rule, .type = arena_str(&h->arena, d->type), .distance = d->distance};
	*ret = c;
	return c->type.data ? 0 : ERR_NOMEM(e);
}

/* *ret is NULL for one that does not fit into a rule, or beyond the limit. */
static int find_candidate(struct history *h, const struct tree_difference *d,
			  struct history_candidate **ret, struct err *e)
{
	CLEANUP(buf_done) struct buf key = BUF_INIT;
	uintptr_t index;

	buf_printf(&key, "%s\n", association_location_name(d->location));
	buf_add(&key, d->antecedent);
	buf_add_char(&key, '\n');
	buf_add(&key, d->consequent);
	if (buf_failed(&key))
		return ERR_NOMEM(e);
	index = (uintptr_t)map_find(&h->candidates, buf_str(&key));
	if (!index)
		return make_candidate(h, d, buf_str(&key), ret, e);
	*ret = &h->items.items[index - 1];
	return 0;
}

static void count_violation(void *context, const struct association *a, uint32_t node, bool holds)
{
	uint64_t *counts = context;

	(void)a;
	(void)node;
	counts[holds]++;
}

/* Violated more often before than after, and the antecedent still there? */
static int was_mended(struct history *h, const struct association *rule, struct err *e)
{
	size_t first = h->turned ? h->new_tree : h->old_tree;
	size_t second = h->turned ? h->old_tree : h->new_tree;
	uint64_t before[2] = {0}, after[2] = {0};

	if (association_run(&rule, 1, h->forest, &h->forest->trees.items[first], &h->scratch,
			    count_violation, before, e) < 0 ||
	    association_run(&rule, 1, h->forest, &h->forest->trees.items[second], &h->scratch,
			    count_violation, after, e) < 0)
		return -1;
	return before[0] > after[0] && after[1] > before[1];
}

static int add_example(struct history *h, struct association *rule, struct err *e)
{
	size_t i = 0;

	while (i < ASSOCIATION_EXAMPLES && rule->examples[i].len)
		i++;
	if (i == ASSOCIATION_EXAMPLES)
		return 0;
	rule->examples[i] = arena_printf(&h->list->arena, "%.*s %.*s",
					 STR_ARG(str_to(h->commit, 12)), STR_ARG(h->path));
	return rule->examples[i].data ? 0 : ERR_NOMEM(e);
}

static int take_difference(void *context, const struct tree_difference *d, struct err *e)
{
	struct history *h = context;
	uint64_t change = 2 * h->versions + h->turned;
	struct history_candidate *c = NULL;
	int mended;

	if (find_candidate(h, d, &c, e) < 0)
		return -1;
	if (!c || c->last_change == change)
		return 0;
	c->last_change = change;
	mended = was_mended(h, c->rule, e);
	if (mended <= 0)
		return mended;
	if (h->turned) {
		c->rule->history.undone++;
		return 0;
	}
	if (d->distance < c->distance)
		c->distance = d->distance;
	c->rule->history.made++;
	c->rule->history.commits += !str_eq(c->last_commit, h->commit);
	c->last_commit = h->commit;
	return add_example(h, c->rule, e);
}

int history_add(struct history *h, const struct forest *f, struct str commit, struct str path,
		struct err *e)
{
	uint64_t key;
	int new;

	h->versions++;
	h->forest = f;
	h->old_tree = 0;
	h->new_tree = 1;
	h->path = path;
	if (!str_eq(h->commit, commit)) {
		h->commit = arena_str(&h->arena, commit);
		if (!h->commit.data)
			return ERR_NOMEM(e);
	}
	if (tree_diff_prepare(&h->differ, f, 0, 1, &key, e) < 0)
		return -1;
	new = key ? add_number(h, &h->changes, key, e) : 0;
	if (new <= 0) {
		h->bumps++;
		return new;
	}
	for (int turned = 0; turned < 2; turned++) {
		h->turned = turned;
		if (tree_diff_run(&h->differ, turned, take_difference, h, e) < 0)
			return -1;
	}
	return 0;
}

/* --- the newest versions --- */

int history_needs_head(struct history *h, struct str path, struct err *e)
{
	return add_key(h, &h->paths, path.len ? path : STR("?"), e);
}

int history_head_added(struct history *h, struct err *e)
{
	size_t last = h->heads.trees.count - 1;
	uint64_t hash;
	int new;

	if (tree_diff_hash(&h->differ, &h->heads, last, &hash, e) < 0)
		return -1;
	new = add_number(h, &h->shapes, hash, e);
	if (new == 0) {
		h->heads.nodes.count = h->heads.trees.items[last].first;
		h->heads.trees.count = last;
	}
	return new < 0 ? -1 : 0;
}

/* --- rules --- */

static double confidence_of(const struct association *a)
{
	return a->found.support ? 100.0 * (double)a->found.confirmed / (double)a->found.support : 0;
}

static int by_made(const void *a, const void *b)
{
	const struct history_candidate *x = a, *y = b;
	const struct association *r = x->rule, *s = y->rule;

	if (r->history.made != s->history.made)
		return r->history.made > s->history.made ? -1 : 1;
	if (r->history.undone != s->history.undone)
		return r->history.undone < s->history.undone ? -1 : 1;
	return str_cmp(r->name, s->name);
}

/*
 * Of rules with the same changes: about what is below, the one that speaks of more cases; about
 * what is beside, the one that is kept more, then the nearer, then the longer one.
 */
static int by_worth(const void *a, const void *b)
{
	const struct history_candidate *x = a, *y = b;
	double c = confidence_of(x->rule), d = confidence_of(y->rule);

	if (x->rule->history.made != y->rule->history.made ||
	    x->rule->history.undone != y->rule->history.undone)
		return by_made(a, b);
	if (x->rule->location == LOCATION_CHILD && y->rule->location == LOCATION_CHILD &&
	    x->rule->found.support != y->rule->found.support)
		return x->rule->found.support > y->rule->found.support ? -1 : 1;
	if (c != d)
		return c > d ? -1 : 1;
	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	if (x->rule->consequent.count != y->rule->consequent.count)
		return x->rule->consequent.count > y->rule->consequent.count ? -1 : 1;
	return str_cmp(x->rule->name, y->rule->name);
}

/* Keeps in the list and in the items what was mended often enough. */
static void keep_mended(struct history *h, uint64_t least)
{
	size_t kept = 0;

	for (size_t i = 0; i < h->items.count; i++) {
		const struct association *a = h->items.items[i].rule;

		if (a->history.made >= least && a->history.made > a->history.undone)
			h->items.items[kept++] = h->items.items[i];
	}
	h->items.count = kept;
	if (kept)
		qsort(h->items.items, kept, sizeof(*h->items.items), by_made);
	if (h->items.count > COUNTED_MAX)
		h->items.count = COUNTED_MAX;
	h->list->rules.count = h->items.count;
	for (size_t i = 0; i < h->items.count; i++) {
		h->list->rules.items[i] = h->items.items[i].rule;
		h->list->rules.items[i]->index = (uint32_t)i;
	}
}

/*
 * Does a better rule say it already? One of the same type about the same thing; or, of a command
 * beside many others, several.
 */
static bool is_said(const struct association *const *better, size_t count,
		    const struct association *a)
{
	size_t alike = 0;

	for (size_t i = 0; i < count; i++) {
		const struct association *b = better[i];

		if (a->location != b->location ||
		    a->consequent.nodes[0].type != b->consequent.nodes[0].type)
			continue;
		if (a->antecedent.nodes[0].type == b->antecedent.nodes[0].type)
			return true;
		alike += a->location != LOCATION_CHILD &&
			 str_eq(a->consequent.text, b->consequent.text);
	}
	return alike >= ALIKE_MAX;
}

int history_finish(struct history *h, const struct history_options *options, struct err *e)
{
	double least = options->confidence_min > 0 ? options->confidence_min : 75;
	struct associations *list = h->list;

	keep_mended(h, options->support_min ? options->support_min : 2);
	if (mined_rules_count(list, &h->heads, e) < 0)
		return -1;
	if (h->items.count)
		qsort(h->items.items, h->items.count, sizeof(*h->items.items), by_worth);
	list->rules.count = 0;
	for (size_t i = 0; i < h->items.count; i++) {
		struct association *a = h->items.items[i].rule;

		if (confidence_of(a) < least ||
		    is_said((const struct association *const *)list->rules.items, list->rules.count,
			    a))
			continue;
		a->index = (uint32_t)list->rules.count;
		list->rules.items[list->rules.count++] = a;
	}
	return 0;
}
