/*
 * Commands are laid side by side (longest common subsequence of their shapes); of what is left
 * between equal ones, commands of one type are taken as changed, the others as new.
 */
#include "dockerfile/tree_diff.h"

#include "dockerfile/mined_rules.h"

enum {
	TABLE_MAX = 1 << 20, /* cells of the subsequence's table; beyond it all is one gap */
	GAP_MAX = 1 << 22,   /* comparisons in a gap */
	WIDTH_MAX = 1 << 14, /* comparisons of the children of a pair */
	NEAR = 40,	     /* commands on each side that a new one may belong to */
	FRESH_MAX = 12,	     /* types in a consequent */
	COMMON_MAX = 4,	     /* what is told of a literal, in an antecedent */
};

void tree_differ_done(struct tree_differ *d)
{
	vec_done(&d->before);
	vec_done(&d->after);
	vec_done(&d->hashes);
	vec_done(&d->fresh);
	vec_done(&d->pairs);
	vec_done(&d->news);
	buf_done(&d->antecedent);
	buf_done(&d->consequent);
}

/* --- types --- */

static const struct forest_node *node_at(const struct tree_differ *d, uint32_t node)
{
	return &d->forest->nodes.items[node];
}

static struct str type_of(const struct tree_differ *d, uint32_t node)
{
	return symbol_text(d->forest->symbols, node_at(d, node)->type);
}

static bool is_part(struct str type)
{
	return str_starts(type, STR("SC-"));
}

static bool is_command(const struct tree_differ *d, uint32_t node)
{
	uint32_t parent = node_at(d, node)->parent;

	return is_part(type_of(d, node)) && parent != FOREST_NONE && !is_part(type_of(d, parent));
}

/* What a rule may ask for. Packages and other names that are kept are nobody's habit. */
static bool is_telling(struct str type)
{
	return (is_part(type) || str_starts(type, STR("ABS-"))) && str_find_char(type, ':') < 0;
}

/* "yes" of "SC-APT-GET-F-YES", and what is told of literals: details of a command. */
static bool is_detail(struct str type)
{
	return str_starts(type, STR("ABS-")) || (is_part(type) && str_find(type, STR("-F-")) >= 0);
}

/* --- shapes --- */

static uint64_t mix(uint64_t a, uint64_t b)
{
	a ^= b + 0x9e3779b97f4a7c15U + (a << 6) + (a >> 2);
	a *= 0xff51afd7ed558ccdU;
	return a ^ a >> 32;
}

/* Children are behind their parents, so from the end on each is ready before its parent. */
static int make_hashes(struct tree_differ *d, struct err *e)
{
	size_t count = d->forest->nodes.count;

	d->hashes.count = 0;
	while (d->hashes.count < count) {
		uint64_t *slot = vec_push(&d->hashes);

		if (!slot)
			return ERR_NOMEM(e);
		*slot = mix(1, d->forest->nodes.items[d->hashes.count - 1].type);
	}
	for (size_t i = count; i-- > 0;) {
		uint32_t parent = d->forest->nodes.items[i].parent;

		if (parent != FOREST_NONE)
			d->hashes.items[parent] = mix(d->hashes.items[parent], d->hashes.items[i]);
	}
	return 0;
}

static int find_commands(struct tree_differ *d, size_t tree, tree_commands *ret, uint64_t *ret_hash,
			 struct err *e)
{
	const struct forest_tree *t = &d->forest->trees.items[tree];
	uint32_t script = FOREST_NONE;

	ret->count = 0;
	*ret_hash = 1;
	for (uint32_t n = t->first; n <= t->last; n++) {
		struct tree_command *c;

		if (str_is(type_of(d, n), "BASH-SCRIPT"))
			script = n;
		if (!is_command(d, n))
			continue;
		c = vec_push(ret);
		if (!c)
			return ERR_NOMEM(e);
		while (script != FOREST_NONE && node_at(d, script)->last < n)
			script = FOREST_NONE;
		*c = (struct tree_command){.node = n, .script = script, .hash = d->hashes.items[n]};
		*ret_hash =
			mix(*ret_hash, mix(c->hash, script != FOREST_NONE ? script - t->first : 0));
	}
	return 0;
}

int tree_diff_hash(struct tree_differ *d, const struct forest *f, size_t tree, uint64_t *ret,
		   struct err *e)
{
	d->forest = f;
	return make_hashes(d, e) < 0 ? -1 : find_commands(d, tree, &d->after, ret, e);
}

int tree_diff_prepare(struct tree_differ *d, const struct forest *f, size_t before, size_t after,
		      uint64_t *ret_key, struct err *e)
{
	uint64_t old, new;

	d->forest = f;
	if (make_hashes(d, e) < 0 || find_commands(d, before, &d->before, &old, e) < 0 ||
	    find_commands(d, after, &d->after, &new, e) < 0)
		return -1;
	*ret_key = old == new ? 0 : mix(old, new) | 1;
	return 0;
}

/* --- what is below a changed command --- */

static int say(struct tree_differ *d, enum association_location location, uint32_t node,
	       uint32_t distance, struct err *e)
{
	struct tree_difference told = {.location = location,
				       .type = type_of(d, node),
				       .antecedent = buf_str(&d->antecedent),
				       .consequent = buf_str(&d->consequent),
				       .distance = distance};

	if (buf_failed(&d->antecedent) || buf_failed(&d->consequent))
		return ERR_NOMEM(e);
	return d->take(d->context, &told, e);
}

static bool has_type(const struct tree_differ *d, uint32_t root, uint32_t type)
{
	for (uint32_t n = root; n <= node_at(d, root)->last; n++) {
		if (node_at(d, n)->type == type)
			return true;
	}
	return false;
}

static int keep_fresh(struct tree_differ *d, uint32_t type, struct err *e)
{
	uint32_t *slot = vec_push(&d->fresh);

	if (!slot)
		return ERR_NOMEM(e);
	*slot = type;
	return 0;
}

/*
 * `node` is new where `before` was. The rule is about the nearest part of a command around it; for
 * what is told of a literal also about those parts only of which something else is told, too:
 * "SC-CURL-URL(BASH-LITERAL^(ABS-PROBABLY-URL))".
 */
static int say_below(struct tree_differ *d, uint32_t before, uint32_t node, struct err *e)
{
	uint32_t parent = node_at(d, node)->parent, part = parent, common = 0;

	while (!is_part(type_of(d, part)))
		part = node_at(d, part)->parent;
	buf_clear(&d->consequent);
	pattern_add_word(&d->consequent, type_of(d, node));
	buf_clear(&d->antecedent);
	pattern_add_word(&d->antecedent, type_of(d, part));
	buf_add_char(&d->antecedent, '^');
	if (say(d, LOCATION_CHILD, part, 0, e) < 0)
		return -1;
	for (uint32_t n = forest_child(d->forest, parent);
	     str_starts(type_of(d, node), STR("ABS-")) && n != FOREST_NONE && common < COMMON_MAX;
	     n = forest_next(d->forest, n)) {
		if (!str_starts(type_of(d, n), STR("ABS-")) ||
		    !has_type(d, before, node_at(d, n)->type))
			continue;
		common++;
		buf_clear(&d->antecedent);
		pattern_add_word(&d->antecedent, type_of(d, part));
		if (parent != part) {
			buf_add_char(&d->antecedent, '(');
			pattern_add_word(&d->antecedent, type_of(d, parent));
		}
		buf_add_cstr(&d->antecedent, "^(");
		pattern_add_word(&d->antecedent, type_of(d, n));
		buf_add_cstr(&d->antecedent, parent != part ? "))" : ")");
		if (say(d, LOCATION_CHILD, part, 0, e) < 0)
			return -1;
	}
	return 0;
}

/* The telling nodes at the top of what is new. */
static int look_at_new(struct tree_differ *d, uint32_t before, uint32_t node, struct err *e)
{
	bool whole = is_telling(type_of(d, node));
	uint32_t last = node_at(d, node)->last;

	for (uint32_t n = node; n <= last; n++) {
		struct str type = type_of(d, n);

		if (is_command(d, n)) {
			n = node_at(d, n)->last;
			continue;
		}
		if (!is_telling(type) || (!whole && has_type(d, before, node_at(d, n)->type)))
			continue;
		if (say_below(d, before, n, e) < 0 ||
		    (is_detail(type) && keep_fresh(d, node_at(d, n)->type, e) < 0))
			return -1;
		n = node_at(d, n)->last;
	}
	return 0;
}

static int push_pair(struct tree_differ *d, uint32_t before, uint32_t after, struct err *e)
{
	struct tree_pair *p = vec_push(&d->pairs);

	if (!p)
		return ERR_NOMEM(e);
	*p = (struct tree_pair){before, after};
	return 0;
}

/* A child of `parent` that none of [first, end) of the pairs has taken. */
static uint32_t find_free(const struct tree_differ *d, uint32_t parent, size_t first, uint32_t like,
			  bool same_shape)
{
	for (uint32_t c = forest_child(d->forest, parent); c != FOREST_NONE;
	     c = forest_next(d->forest, c)) {
		size_t i = first;

		if (node_at(d, c)->type != node_at(d, like)->type ||
		    (same_shape && d->hashes.items[c] != d->hashes.items[like]))
			continue;
		while (i < d->pairs.count && d->pairs.items[i].before != c)
			i++;
		if (i == d->pairs.count)
			return c;
	}
	return FOREST_NONE;
}

static bool is_taken(const struct tree_differ *d, size_t first, uint32_t after)
{
	for (size_t i = first; i < d->pairs.count; i++) {
		if (d->pairs.items[i].after == after)
			return true;
	}
	return false;
}

static uint32_t count_children(const struct tree_differ *d, uint32_t node)
{
	uint32_t count = 0;

	for (uint32_t c = forest_child(d->forest, node); c != FOREST_NONE;
	     c = forest_next(d->forest, c))
		count++;
	return count;
}

/* Children of the same shape belong together, then those of the same type; others are new. */
static int compare_children(struct tree_differ *d, struct tree_pair p, struct err *e)
{
	size_t first = d->pairs.count;
	uint32_t c;

	if ((uint64_t)count_children(d, p.before) * count_children(d, p.after) > WIDTH_MAX)
		return 0;
	for (int pass = 0; pass < 2; pass++) {
		for (c = forest_child(d->forest, p.after); c != FOREST_NONE;
		     c = forest_next(d->forest, c)) {
			uint32_t old = is_taken(d, first, c)
					       ? FOREST_NONE
					       : find_free(d, p.before, first, c, pass == 0);

			if (old != FOREST_NONE && push_pair(d, old, c, e) < 0)
				return -1;
		}
	}
	for (c = forest_child(d->forest, p.after); c != FOREST_NONE;
	     c = forest_next(d->forest, c)) {
		if (!is_taken(d, first, c) && look_at_new(d, p.before, c, e) < 0)
			return -1;
	}
	return 0;
}

static int push_new(struct tree_differ *d, uint32_t command, size_t fresh, bool whole,
		    struct err *e)
{
	struct tree_new *n = vec_push(&d->news);

	if (!n)
		return ERR_NOMEM(e);
	*n = (struct tree_new){command, (uint32_t)fresh, (uint32_t)d->fresh.count, whole};
	return 0;
}

static int compare_commands(struct tree_differ *d, uint32_t before, uint32_t after, uint32_t index,
			    struct err *e)
{
	size_t fresh = d->fresh.count;

	d->pairs.count = 0;
	if (push_pair(d, before, after, e) < 0)
		return -1;
	while (d->pairs.count) {
		struct tree_pair p = d->pairs.items[--d->pairs.count];

		if (d->hashes.items[p.before] != d->hashes.items[p.after] &&
		    compare_children(d, p, e) < 0)
			return -1;
	}
	return d->fresh.count > fresh ? push_new(d, index, fresh, false, e) : 0;
}

/* --- what is beside --- */

static int add_new_command(struct tree_differ *d, const struct tree_command *c, uint32_t index,
			   struct err *e)
{
	size_t fresh = d->fresh.count;

	for (uint32_t n = c->node + 1; n <= node_at(d, c->node)->last; n++) {
		if (is_detail(type_of(d, n)) && is_telling(type_of(d, n)) &&
		    keep_fresh(d, node_at(d, n)->type, e) < 0)
			return -1;
	}
	return push_new(d, index, fresh, true, e);
}

/* Commands [x, x_end) became [y, y_end). */
static int fill_gap(struct tree_differ *d, tree_commands *before, uint32_t x, uint32_t x_end,
		    tree_commands *after, uint32_t y, uint32_t y_end, struct err *e)
{
	if ((uint64_t)(x_end - x) * (y_end - y) > GAP_MAX)
		return 0;
	for (; y < y_end; y++) {
		struct tree_command *new = &after->items[y];
		uint32_t i = x;

		while (i < x_end &&
		       (before->items[i].known ||
			node_at(d, before->items[i].node)->type != node_at(d, new->node)->type))
			i++;
		if (i == x_end) {
			if (add_new_command(d, new, y, e) < 0)
				return -1;
			continue;
		}
		before->items[i].known = new->known = true;
		if (compare_commands(d, before->items[i].node, new->node, y, e) < 0)
			return -1;
	}
	return 0;
}

/* Lengths of the longest common subsequence of what is behind each pair of places. */
static uint16_t *make_table(const tree_commands *a, uint32_t x, uint32_t x_end,
			    const tree_commands *b, uint32_t y, uint32_t y_end)
{
	size_t width = y_end - y + 1;
	uint16_t *table = mem_zero((x_end - x + 1) * width, sizeof(*table));

	for (uint32_t i = x_end - x; table && i-- > 0;) {
		for (uint32_t j = y_end - y; j-- > 0;) {
			uint16_t down = table[(i + 1) * width + j],
				 right = table[i * width + j + 1];

			if (a->items[x + i].hash == b->items[y + j].hash)
				table[i * width + j] =
					(uint16_t)(table[(i + 1) * width + j + 1] + 1);
			else
				table[i * width + j] = down > right ? down : right;
		}
	}
	return table;
}

static int align(struct tree_differ *d, tree_commands *before, tree_commands *after, struct err *e)
{
	uint32_t x = 0, y = 0, x_end = (uint32_t)before->count, y_end = (uint32_t)after->count;
	uint32_t from_x, from_y, first_x, first_y;
	uint16_t *table;
	int result = 0;

	for (; x < x_end && y < y_end && before->items[x].hash == after->items[y].hash; x++, y++)
		before->items[x].known = after->items[y].known = true;
	while (x_end > x && y_end > y &&
	       before->items[x_end - 1].hash == after->items[y_end - 1].hash)
		before->items[--x_end].known = after->items[--y_end].known = true;
	if ((uint64_t)(x_end - x + 1) * (y_end - y + 1) > TABLE_MAX)
		return fill_gap(d, before, x, x_end, after, y, y_end, e);
	table = make_table(before, x, x_end, after, y, y_end);
	if (!table)
		return ERR_NOMEM(e);
	from_x = first_x = x;
	from_y = first_y = y;
	while (x < x_end && y < y_end && result == 0) {
		size_t width = y_end - first_y + 1;
		const uint16_t *here = &table[(x - first_x) * width + (y - first_y)];

		if (before->items[x].hash == after->items[y].hash) {
			before->items[x].known = after->items[y].known = true;
			result = fill_gap(d, before, from_x, x, after, from_y, y, e);
			from_x = ++x;
			from_y = ++y;
		} else if (here[width] >= here[1]) {
			x++;
		} else {
			y++;
		}
	}
	mem_free(table);
	return result < 0 ? -1 : fill_gap(d, before, from_x, x_end, after, from_y, y_end, e);
}

/* "SC-RM(ABS-APT-LISTS SC-RM-F-FORCE)" */
static void make_consequent(struct tree_differ *d, const struct tree_new *n, uint32_t node,
			    bool details)
{
	uint32_t count = 0;

	buf_clear(&d->consequent);
	pattern_add_word(&d->consequent, type_of(d, node));
	for (uint32_t i = n->fresh; details && i < n->fresh_end && count < FRESH_MAX; i++) {
		bool again = false;

		for (uint32_t k = n->fresh; k < i && !again; k++)
			again = d->fresh.items[k] == d->fresh.items[i];
		if (again)
			continue;
		buf_add_char(&d->consequent, count++ ? ' ' : '(');
		pattern_add_word(&d->consequent,
				 symbol_text(d->forest->symbols, d->fresh.items[i]));
	}
	if (count)
		buf_add_char(&d->consequent, ')');
}

/* Of the commands that were there before, those near the new one in its script. */
static int say_beside(struct tree_differ *d, const tree_commands *after, const struct tree_new *n,
		      struct err *e)
{
	const struct tree_command *new = &after->items[n->command];
	uint32_t first = n->command > NEAR ? n->command - NEAR : 0;

	for (uint32_t i = first; i < after->count && i <= n->command + NEAR; i++) {
		const struct tree_command *c = &after->items[i];
		bool behind = n->command > i;
		uint32_t distance = behind ? n->command - i : i - n->command;

		if (!c->known || c->script != new->script || c->script == FOREST_NONE ||
		    node_at(d, c->node)->type == node_at(d, new->node)->type)
			continue;
		buf_clear(&d->antecedent);
		pattern_add_word(&d->antecedent, type_of(d, c->node));
		for (int details = !n->whole; details < 2; details++) {
			if (details && n->fresh == n->fresh_end)
				continue;
			make_consequent(d, n, new->node, details);
			if (say(d, behind ? LOCATION_FOLLOWS : LOCATION_PRECEDES, c->node, distance,
				e) < 0)
				return -1;
		}
	}
	return 0;
}

int tree_diff_run(struct tree_differ *d, bool turned, tree_difference_take *take, void *context,
		  struct err *e)
{
	tree_commands *before = turned ? &d->after : &d->before;
	tree_commands *after = turned ? &d->before : &d->after;

	d->take = take;
	d->context = context;
	d->news.count = d->fresh.count = 0;
	for (size_t i = 0; i < before->count; i++)
		before->items[i].known = false;
	for (size_t i = 0; i < after->count; i++)
		after->items[i].known = false;
	if (align(d, before, after, e) < 0)
		return -1;
	for (size_t i = 0; i < d->news.count; i++) {
		if (say_beside(d, after, &d->news.items[i], e) < 0)
			return -1;
	}
	return 0;
}
