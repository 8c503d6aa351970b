/*
 * A pattern grows by one node at its right-most path (each pattern is made in one way only); what
 * is known of where it stands is, for each case, the nodes its last node may be: the path above is
 * that node's own. Cases are the nodes of the antecedent's type; a pattern counts once a case.
 *
 * Patterns without a frequent extension are kept, then those that are part of a larger one dropped:
 * the maximal ones remain. Against explosion: when all cases have an extension, patterns without it
 * are no maximal ones and are not tried (children in sorted order only, where "later" means
 * "another label"); beyond EXPANSIONS_MAX a type's patterns are those found so far.
 */
#include "dockerfile/miner_work.h"

#include <stdlib.h>

enum {
	EXPANSIONS_MAX = 20000, /* a type */
	FOUND_MAX = 1000,	/* patterns a type, before the small ones are dropped */
	SORT_MIN = 256,		/* places; fewer are sorted by comparing */
};

/* --- labels and order --- */

int miner_make_labels(struct miner *m, struct err *e)
{
	const struct forest *f = m->f;
	struct buf b = BUF_INIT;
	size_t count = f->nodes.count;

	mem_free(m->label);
	m->label = mem_zero(count ? count : 1, sizeof(*m->label));
	for (size_t i = 0; m->label && i < count; i++) {
		const struct forest_node *n = &f->nodes.items[i];

		m->label[i] = n->type;
		if (!n->value)
			continue;
		/* the notation of patterns; a blank cannot be in a type written plainly */
		buf_clear(&b);
		buf_add(&b, symbol_text(f->symbols, n->type));
		buf_add_char(&b, '\n');
		buf_add(&b, symbol_text(f->symbols, n->value));
		m->label[i] = buf_failed(&b) ? 0 : symbols_add(f->symbols, buf_str(&b));
		if (!m->label[i])
			break;
	}
	m->failed = !m->label || buf_failed(&b);
	for (size_t i = 0; i < count && !m->failed; i++)
		m->failed = !m->label[i];
	buf_done(&b);
	return m->failed ? ERR_NOMEM(e) : 0;
}

struct ranked {
	struct str text;
	uint32_t symbol;
};

static int by_text(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return str_cmp(x->text, y->text);
}

int miner_make_ranks(struct miner *m, struct err *e)
{
	const struct symbols *s = m->f->symbols;
	size_t count = s->texts.count;
	struct ranked *all = mem_zero(count ? count : 1, sizeof(*all));

	m->rank = mem_zero(count ? count : 1, sizeof(*m->rank));
	if (!all || !m->rank) {
		mem_free(all);
		return ERR_NOMEM(e);
	}
	for (uint32_t i = 0; i < count; i++)
		all[i] = (struct ranked){s->texts.items[i], i};
	qsort(all, count, sizeof(*all), by_text);
	for (uint32_t i = 0; i < count; i++)
		m->rank[all[i].symbol] = i;
	mem_free(all);
	return 0;
}

struct sort_entry {
	uint32_t rank;
	uint32_t node;
};

static int by_label(const void *a, const void *b)
{
	const struct sort_entry *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->node < y->node ? -1 : x->node > y->node;
}

/*
 * The forest with the children of every node in the order of their labels. Without recursion: a
 * stack of nodes still to be copied, children pushed last first.
 */
int miner_sort_forest(struct miner *m, struct forest *ret, struct err *e)
{
	struct forest *f = m->plain;
	size_t room = f->nodes.count ? f->nodes.count : 1;
	struct forest_node *out = mem_zero(room, sizeof(*out));
	VEC(struct sort_entry) stack = {0}, children = {0};
	VEC(uint32_t) parents = {0};
	uint32_t count = 0;
	bool ok;

	m->origin = mem_zero(room, sizeof(*m->origin));
	m->place = mem_zero(room, sizeof(*m->place));
	ok = out && m->origin && m->place;
	for (size_t t = 0; t < f->trees.count && ok; t++) {
		struct sort_entry *first = vec_push(&stack);
		uint32_t *parent = vec_push(&parents);

		ok = first && parent;
		if (!ok)
			break;
		first->node = f->trees.items[t].first;
		*parent = FOREST_NONE;
		while (stack.count && ok) {
			uint32_t node = stack.items[--stack.count].node;
			uint32_t above = parents.items[--parents.count], here = count++;

			m->origin[here] = node;
			m->place[node] = here;
			out[here] = f->nodes.items[node];
			out[here].parent = above;
			out[here].last = here + (f->nodes.items[node].last - node);
			children.count = 0;
			for (uint32_t c = forest_child(f, node); c != FOREST_NONE && ok;
			     c = forest_next(f, c)) {
				struct sort_entry *entry = vec_push(&children);

				ok = entry != NULL;
				if (ok)
					*entry = (struct sort_entry){m->rank[m->label[c]], c};
			}
			qsort(children.items, children.count, sizeof(*children.items), by_label);
			for (size_t i = children.count; i-- > 0 && ok;) {
				struct sort_entry *entry = vec_push(&stack);
				uint32_t *p = vec_push(&parents);

				ok = entry && p;
				if (ok) {
					*entry = children.items[i];
					*p = here;
				}
			}
		}
	}
	*ret = *f;
	ret->nodes.items = out;
	vec_done(&stack);
	vec_done(&children);
	vec_done(&parents);
	return ok ? 0 : ERR_NOMEM(e);
}

/* --- growing --- */

/* A possible extension: where (depth) and what (label), with all places of it. */
struct place {
	uint16_t depth;
	uint32_t rank; /* of the label */
	uint32_t label;
	struct occurrence at;
};

static int by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	/* deeper first: the order in which the nodes of a pattern stand */
	if (x->depth != y->depth)
		return x->depth > y->depth ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->at.at_case != y->at.at_case)
		return x->at.at_case < y->at.at_case ? -1 : 1;
	return x->at.node < y->at.node ? -1 : x->at.node > y->at.node;
}

typedef VEC(struct place) place_vec;

/* Depth and label of a place as one number, in the order of by_place. */
static uint32_t place_key(const struct place *p)
{
	return (uint32_t)(PATTERN_MAX - p->depth) << 26 | p->rank;
}

/* Puts the places into the order of one byte of their keys, equal ones as they were. */
static void sort_byte(const struct place *from, struct place *to, size_t count, unsigned shift)
{
	size_t start[257] = {0};

	for (size_t i = 0; i < count; i++)
		start[(place_key(&from[i]) >> shift & 255) + 1]++;
	for (unsigned b = 1; b < 256; b++)
		start[b] += start[b - 1];
	for (size_t i = 0; i < count; i++)
		to[start[place_key(&from[i]) >> shift & 255]++] = from[i];
}

/*
 * By depth, label, case, node. They come by case already, so few bytes decide; only what a case has
 * of one label may be out of order.
 */
static bool sort_places(place_vec *places)
{
	size_t count = places->count;
	struct place *p = places->items, *other;
	uint32_t differ = 0;

	if (count < SORT_MIN) {
		if (count)
			qsort(p, count, sizeof(*p), by_place);
		return true;
	}
	other = mem_alloc(count * sizeof(*other));
	if (!other)
		return false;
	for (size_t i = 0; i < count; i++)
		differ |= place_key(&p[i]) ^ place_key(&p[0]);
	for (unsigned shift = 0; shift < 32; shift += 8) {
		struct place *sorted = other;

		if (!(differ >> shift & 255))
			continue;
		sort_byte(p, other, count, shift);
		other = p;
		p = sorted;
	}
	mem_free(other);
	places->items = p;
	places->room = count;
	for (size_t first = 0, end; first < count; first = end) {
		bool sorted = true;

		for (end = first + 1; end < count && place_key(&p[end]) == place_key(&p[first]) &&
				      p[end].at.at_case == p[first].at.at_case;
		     end++)
			sorted = sorted && p[end - 1].at.node <= p[end].at.node;
		if (!sorted)
			qsort(&p[first], end - first, sizeof(*p), by_place);
	}
	return true;
}

static bool add_children(const struct miner *m, place_vec *places, uint32_t child, uint32_t depth,
			 uint32_t at_case)
{
	for (; child != FOREST_NONE; child = forest_next(m->f, child)) {
		struct place *p = vec_push(places);

		if (!p)
			return false;
		*p = (struct place){(uint16_t)depth,
				    m->rank[m->label[child]],
				    m->label[child],
				    {at_case, child}};
	}
	return true;
}

/*
 * Places for one more node, for every occurrence and every node of its path. Of several that share
 * the node to extend, the first has all places of the others, so each node is asked once a depth:
 * wide nodes cost their width, not its square.
 */
static bool collect(const struct miner *m, const struct grown *g, const struct occurrences *o,
		    place_vec *places)
{
	struct occurrence done[PATTERN_MAX + 1];
	uint32_t last_depth = g->depth[g->count - 1];

	for (uint32_t d = 0; d <= PATTERN_MAX; d++)
		done[d] = (struct occurrence){FOREST_NONE, FOREST_NONE};
	for (size_t i = 0; i < o->list.count; i++) {
		uint32_t at_case = o->list.items[i].at_case, node = o->list.items[i].node;
		uint32_t child = forest_child(m->f, node), above = node;

		for (uint32_t depth = last_depth + 1; depth > 0; depth--) {
			if (done[depth].at_case != at_case || done[depth].node != above) {
				done[depth] = (struct occurrence){at_case, above};
				if (!add_children(m, places, child, depth, at_case))
					return false;
			}
			/* one level up: what comes behind the path */
			child = depth > 1 ? forest_next(m->f, node) : FOREST_NONE;
			above = depth > 1 ? m->f->nodes.items[node].parent : FOREST_NONE;
			node = above;
		}
	}
	return true;
}

bool miner_keep_found(struct miner *m, const struct grown *g)
{
	struct grown *kept;

	if (m->found.count >= FOUND_MAX)
		return true;
	kept = vec_push(&m->found);
	if (!kept)
		return false;
	*kept = *g;
	return true;
}

/* Patterns still to be grown. */
struct frame {
	struct grown pattern;
	struct occurrences at;
};

typedef VEC(struct frame) frame_vec;

static void frame_done(struct frame *fr)
{
	vec_done(&fr->at.list);
}

/* Cases among sorted places [first, end). */
static uint64_t count_cases(const struct place *places, size_t first, size_t end)
{
	uint64_t cases = 0;

	for (size_t i = first; i < end; i++)
		cases += i == first || places[i].at.at_case != places[i - 1].at.at_case;
	return cases;
}

static bool push_extension(frame_vec *stack, const struct grown *from, const struct place *places,
			   size_t first, size_t end, uint64_t cases)
{
	struct frame *fr = vec_push(stack);

	if (!fr)
		return false;
	fr->pattern = *from;
	fr->pattern.label[from->count] = places[first].label;
	fr->pattern.depth[from->count] = places[first].depth;
	fr->pattern.count++;
	fr->pattern.support = cases;
	for (size_t i = first; i < end; i++) {
		struct occurrence *o;

		if (i > first && places[i].at.at_case == places[i - 1].at.at_case &&
		    places[i].at.node == places[i - 1].at.node)
			continue;
		o = vec_push(&fr->at.list);
		if (!o)
			return false;
		*o = places[i].at;
	}
	return true;
}

/* All frequent extensions of the pattern onto the stack; none: it is kept. */
static bool extend(struct miner *m, frame_vec *stack, struct frame *fr)
{
	place_vec places = {0};
	bool ok = collect(m, &fr->pattern, &fr->at, &places), any = false;

	ok = ok && sort_places(&places);
	for (size_t first = 0, end; ok && first < places.count; first = end) {
		uint64_t cases;

		end = first + 1;
		while (end < places.count && places.items[end].depth == places.items[first].depth &&
		       places.items[end].label == places.items[first].label)
			end++;
		cases = count_cases(places.items, first, end);
		if (cases < m->need || fr->pattern.count == PATTERN_MAX)
			continue;
		any = true;
		ok = push_extension(stack, &fr->pattern, places.items, first, end, cases);
		if (m->sorted && cases == fr->pattern.support)
			break;
	}
	vec_done(&places);
	if (ok && !any && fr->pattern.count > 1)
		ok = miner_keep_found(m, &fr->pattern);
	return ok;
}

/* Grows the pattern of one node from these occurrences; takes them. */
void miner_grow(struct miner *m, uint32_t label, struct occurrences *from, uint64_t cases)
{
	frame_vec stack = {0};
	struct frame *first = vec_push(&stack);

	m->expansions = 0;
	m->failed |= !first;
	if (!first) {
		vec_done(&from->list);
		return;
	}
	first->at = *from;
	*from = (struct occurrences){0};
	first->pattern.count = 1;
	first->pattern.label[0] = label;
	first->pattern.support = cases;
	while (stack.count) {
		struct frame fr = stack.items[--stack.count];

		if (!m->failed && m->expansions++ < EXPANSIONS_MAX)
			m->failed |= !extend(m, &stack, &fr);
		frame_done(&fr);
	}
	vec_done(&stack);
}

/* --- the maximal ones --- */

static uint32_t subtree_end(const struct grown *g, uint32_t i)
{
	uint32_t end = i + 1;

	while (end < g->count && g->depth[end] > g->depth[i])
		end++;
	return end;
}

/* Is pattern a found in b with its node 0 at b's node `at`? Ordered, by a table of pairs. */
static bool is_within_at(const struct grown *a, const struct grown *b, uint32_t at)
{
	static _Thread_local bool fits[PATTERN_MAX][PATTERN_MAX];

	for (uint32_t i = a->count; i-- > 0;) {
		for (uint32_t j = b->count; j-- > 0;) {
			uint32_t end_a = subtree_end(a, i), end_b = subtree_end(b, j), next = j + 1;
			bool ok = a->label[i] == b->label[j];

			for (uint32_t c = i + 1; ok && c < end_a; c = subtree_end(a, c)) {
				while (next < end_b && !fits[c][next])
					next = subtree_end(b, next);
				ok = next < end_b;
				next = ok ? subtree_end(b, next) : next;
			}
			fits[i][j] = ok;
		}
	}
	return fits[0][at];
}

bool grown_is_within(const struct grown *a, const struct grown *b, bool anywhere)
{
	if (is_within_at(a, b, 0))
		return true;
	for (uint32_t at = 1; anywhere && at < b->count; at++) {
		if (a->label[0] == b->label[at] && is_within_at(a, b, at))
			return true;
	}
	return false;
}

int grown_by_size(const void *a, const void *b)
{
	const struct grown *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->support > y->support ? -1 : x->support < y->support;
}

/* Drops what is part of another one. */
void miner_keep_maximal(struct miner *m, size_t from)
{
	struct grown *g = m->found.items + from;
	size_t count = m->found.count - from, kept = 0;

	if (!count)
		return;
	qsort(g, count, sizeof(*g), grown_by_size);
	for (size_t i = 0; i < count; i++) {
		bool within = false;

		for (size_t k = 0; k < kept && !within; k++)
			within = grown_is_within(&g[i], &g[k], false);
		if (!within)
			g[kept++] = g[i];
	}
	m->found.count = from + kept;
}
