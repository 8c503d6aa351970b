/*
 * Matching. All nodes of a pattern are looked for at once: a node of the tree gets a word with a
 * bit for each pattern node that is found at or below it, computed from the last node of the tree
 * to the first, so that children come before their parents. No recursion, and no search is ever
 * done twice: hostile nesting costs no more than its length.
 */
#include "dockerfile/association.h"

#include <stdlib.h>

static const char *const location_names[LOCATIONS] = {"child", "follows", "precedes"};

const char *association_location_name(enum association_location location)
{
	return location_names[location];
}

const char *association_fix_name(enum association_fix_kind kind)
{
	static const char *const names[FIX_KINDS] = {[FIX_OPTION] = "option",
						     [FIX_APPEND] = "append",
						     [FIX_BEFORE] = "before",
						     [FIX_BEHIND] = "behind",
						     [FIX_REPLACE] = "replace"};

	return names[kind];
}

bool association_fix_next(struct str *rest, struct str *ret_before, struct str *ret_name)
{
	ptrdiff_t open = str_find_char(*rest, '{'), length;

	if (open < 0)
		return false;
	*ret_before = str_to(*rest, (size_t)open);
	*ret_name = str_from(*rest, (size_t)open + 1);
	length = str_find_char(*ret_name, '}');
	if (length < 0)
		return false;
	*rest = str_from(*ret_name, (size_t)length + 1);
	*ret_name = str_to(*ret_name, (size_t)length);
	return true;
}

void association_scratch_done(struct association_scratch *s)
{
	mem_free(s->found);
	mem_free(s->flags);
	mem_free(s->seen);
	*s = (struct association_scratch){0};
}

/* Nodes from the root of the antecedent to its mark, both included. */
static uint32_t mark_depth(const struct pattern *p)
{
	uint32_t depth = 1;

	for (uint32_t n = p->mark; n; n = p->nodes[n].parent)
		depth++;
	return depth;
}

int association_compile(struct association *a, struct err *e)
{
	a->bits = a->antecedent.count + a->consequent.count;
	if (a->location == LOCATION_CHILD)
		a->bits += mark_depth(&a->antecedent);
	if (a->antecedent.roots & (a->antecedent.roots - 1))
		return err_set(e, ERR_FORMAT, "an antecedent is one pattern");
	if (a->location != LOCATION_CHILD && (a->consequent.roots & (a->consequent.roots - 1)))
		return err_set(e, ERR_FORMAT, "several consequents go with location child only");
	if (a->bits > PATTERN_NODES_MAX)
		return err_set(e, ERR_LIMIT, "the patterns have more than %d nodes together",
			       PATTERN_NODES_MAX);
	return 0;
}

/* The rule's patterns as one list of steps with all bits in one word. */
struct step {
	uint32_t type;
	uint32_t value;
	uint64_t need; /* bits that must be found below */
	uint64_t bit;
};

struct program {
	struct step steps[PATTERN_NODES_MAX];
	uint32_t count;
	uint64_t antecedent; /* bit of the root */
	uint64_t consequent;
	uint64_t holds; /* child: the way to the mark, with the consequent below it */
};

static void add_pattern(struct program *p, const struct pattern *t)
{
	uint32_t shift = p->count;

	for (uint32_t i = 0; i < t->count; i++)
		p->steps[p->count++] =
			(struct step){t->nodes[i].type, t->nodes[i].value,
				      t->nodes[i].children << shift, (uint64_t)1 << (shift + i)};
}

/*
 * For location child: one more bit for each node from the mark up to the root. At the mark it says
 * that the consequent is below, above that the next one is.
 */
static void add_way(struct program *p, const struct pattern *t)
{
	uint64_t below = p->consequent;

	for (uint32_t n = t->mark;; n = t->nodes[n].parent) {
		struct step s = p->steps[n];

		s.need |= below;
		s.bit = (uint64_t)1 << p->count;
		p->steps[p->count++] = s;
		below = s.bit;
		if (n == 0)
			break;
	}
	p->holds = below;
}

static void make_program(struct program *p, const struct association *a)
{
	p->count = 0;
	p->antecedent = 1;
	add_pattern(p, &a->antecedent);
	p->consequent = a->consequent.roots << p->count;
	add_pattern(p, &a->consequent);
	p->holds = 0;
	if (a->location == LOCATION_CHILD)
		add_way(p, &a->antecedent);
}

static bool fits(const struct step *s, const struct forest_node *n)
{
	return s->type == n->type && (!s->value || s->value == n->value);
}

/*
 * found[i] of all nodes. On entry of node i found[i] is what its children have; a step of this
 * node's type is found here only when all it needs is below: what is deeper does not count then.
 */
static void find_all(const struct program *p, const struct forest *f, const struct forest_tree *t,
		     uint64_t *found)
{
	const struct forest_node *nodes = f->nodes.items + t->first;
	uint32_t count = t->last - t->first + 1;

	memset(found, 0, count * sizeof(*found));
	for (uint32_t i = count; i-- > 0;) {
		uint64_t below = found[i], here = below;

		for (uint32_t k = 0; k < p->count; k++) {
			const struct step *s = &p->steps[k];

			if (!fits(s, &nodes[i]))
				continue;
			here &= ~s->bit;
			if ((below & s->need) == s->need)
				here |= s->bit;
		}
		found[i] = here;
		if (i)
			found[nodes[i].parent - t->first] |= here;
	}
}

enum { SEEN = 1, BESIDE = 2 };

/* BESIDE at every node that has the consequent at siblings after (before) it or its ancestors. */
static void look_beside(const struct association *a, const struct program *p,
			const struct forest *f, const struct forest_tree *t, const uint64_t *found,
			uint8_t *flags)
{
	const struct forest_node *nodes = f->nodes.items + t->first;
	uint32_t count = t->last - t->first + 1;

	memset(flags, 0, count);
	for (uint32_t k = 1; k < count; k++) {
		uint32_t i = a->location == LOCATION_FOLLOWS ? count - k : k;
		uint32_t parent = nodes[i].parent - t->first;

		if (flags[parent] & SEEN)
			flags[i] |= BESIDE;
		if ((found[i] & p->consequent) == p->consequent)
			flags[parent] |= SEEN;
	}
	for (uint32_t i = 1; i < count; i++) {
		uint32_t parent = nodes[i].parent - t->first;

		if (nodes[parent].type != a->stop)
			flags[i] |= flags[parent] & BESIDE;
	}
}

static int make_room(struct association_scratch *s, const struct forest *f,
		     const struct forest_tree *t, struct err *e)
{
	size_t count = (size_t)(t->last - t->first) + 1, symbols = f->symbols->texts.count;

	if (count > s->room) {
		uint64_t *found = mem_grow(s->found, count * 2, sizeof(*found));
		uint8_t *flags;

		if (!found)
			return ERR_NOMEM(e);
		s->found = found;
		flags = mem_grow(s->flags, count * 2, 1);
		if (!flags)
			return ERR_NOMEM(e);
		s->flags = flags;
		s->room = count * 2;
	}
	if (symbols > s->seen_room || s->stamp == UINT32_MAX) {
		uint32_t *seen = mem_zero(symbols * 2, sizeof(*seen));

		if (!seen)
			return ERR_NOMEM(e);
		mem_free(s->seen);
		s->seen = seen;
		s->seen_room = symbols * 2;
		s->stamp = 0;
	}
	return 0;
}

static bool occurs(const struct association_scratch *s, const struct pattern *p)
{
	for (uint32_t i = 0; i < p->count; i++) {
		uint32_t type = p->nodes[i].type;

		if (type >= s->seen_room || s->seen[type] != s->stamp)
			return false;
	}
	return true;
}

static void run_rule(const struct association *a, const struct forest *f,
		     const struct forest_tree *t, struct association_scratch *s,
		     association_match *match, void *context)
{
	uint32_t root = a->antecedent.nodes[0].type;
	struct program p;

	make_program(&p, a);
	find_all(&p, f, t, s->found);
	if (a->location != LOCATION_CHILD)
		look_beside(a, &p, f, t, s->found, s->flags);
	for (uint32_t i = t->first; i <= t->last; i++) {
		uint64_t found = s->found[i - t->first];
		bool holds = a->location == LOCATION_CHILD ? (found & p.holds) != 0
							   : (s->flags[i - t->first] & BESIDE) != 0;

		if (f->nodes.items[i].type == root && (found & p.antecedent) &&
		    fits(&p.steps[0], &f->nodes.items[i]))
			match(context, a, i, holds);
	}
}

int association_run(const struct association *const *rules, size_t count, const struct forest *f,
		    const struct forest_tree *tree, struct association_scratch *scratch,
		    association_match *match, void *context, struct err *e)
{
	if (make_room(scratch, f, tree, e) < 0)
		return -1;
	scratch->stamp++;
	for (uint32_t i = tree->first; i <= tree->last; i++)
		scratch->seen[f->nodes.items[i].type] = scratch->stamp;
	for (size_t i = 0; i < count; i++) {
		if (occurs(scratch, &rules[i]->antecedent))
			run_rule(rules[i], f, tree, scratch, match, context);
	}
	return 0;
}
