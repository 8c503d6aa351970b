/*
 * The miner. A pattern grows by one node at its right-most path (each pattern is made in one way
 * only); what is known of where it stands is, for each case, the nodes its last node may be: the
 * path above is that node's own. Cases are the nodes of the antecedent's type; a pattern counts
 * once a case.
 *
 * The same growth serves three kinds of rules, which differ in where the first node may stand: at
 * the case itself (child), or beside it (follows, precedes).
 *
 * Patterns without a frequent extension are kept, then those that are part of a larger one dropped:
 * the maximal ones remain. Against explosion: when all cases have an extension, patterns without it
 * are no maximal ones and are not tried (children in sorted order only, where "later" means
 * "another label"); beyond EXPANSIONS_MAX a type's patterns are those found so far.
 */
#include "dockerfile/miner.h"

#include <stdlib.h>

#include "dockerfile/mined_rules.h"

enum {
	EXPANSIONS_MAX = 20000, /* a type */
	FOUND_MAX = 1000,	/* patterns a type, before the small ones are dropped */
	PATTERN_MAX = 40,
	REGION_MAX = 4096, /* nodes looked at beside a case */
	CASES_MIN = 3,
	SORT_MIN = 256, /* places; fewer are sorted by comparing */
};

struct occurrence {
	uint32_t at_case; /* which case */
	uint32_t node;	  /* the last node of the pattern */
};

struct occurrences {
	VEC(struct occurrence) list; /* by case, then node */
};

struct grown {
	uint32_t label[PATTERN_MAX];
	uint16_t depth[PATTERN_MAX]; /* 0: the root */
	uint32_t count;
	uint64_t support;
};

struct miner {
	struct forest *f;     /* children sorted, unless patterns are ordered */
	struct forest *plain; /* as it was given: what stands before what */
	uint32_t *origin;     /* by node of f: which one of plain it is; NULL: the same */
	uint32_t *place;      /* by node of plain: which one of f it is */
	const struct miner_options *options;
	struct associations *ret;
	uint32_t *label; /* by node: type and value as one symbol */
	uint32_t *rank;	 /* by symbol: its place in the order of texts */
	uint64_t need;	 /* cases that a pattern must have */
	uint32_t cases;
	uint32_t expansions;
	bool sorted;
	bool failed;
	VEC(struct grown) found;
};

/* --- labels and order --- */

static int make_labels(struct miner *m, struct err *e)
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

static int make_ranks(struct miner *m, struct err *e)
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
static int sort_forest(struct miner *m, struct forest *ret, struct err *e)
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

static bool keep_found(struct miner *m, const struct grown *g)
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
		ok = keep_found(m, &fr->pattern);
	return ok;
}

/* Grows the pattern of one node from these occurrences; takes them. */
static void grow(struct miner *m, uint32_t label, struct occurrences *from, uint64_t cases)
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

static bool is_within(const struct grown *a, const struct grown *b, bool anywhere)
{
	if (is_within_at(a, b, 0))
		return true;
	for (uint32_t at = 1; anywhere && at < b->count; at++) {
		if (a->label[0] == b->label[at] && is_within_at(a, b, at))
			return true;
	}
	return false;
}

static int by_size(const void *a, const void *b)
{
	const struct grown *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->support > y->support ? -1 : x->support < y->support;
}

/* Drops what is part of another one. */
static void keep_maximal(struct miner *m, size_t from)
{
	struct grown *g = m->found.items + from;
	size_t count = m->found.count - from, kept = 0;

	if (!count)
		return;
	qsort(g, count, sizeof(*g), by_size);
	for (size_t i = 0; i < count; i++) {
		bool within = false;

		for (size_t k = 0; k < kept && !within; k++)
			within = is_within(&g[i], &g[k], false);
		if (!within)
			g[kept++] = g[i];
	}
	m->found.count = from + kept;
}

/* --- cases --- */

/* Nodes by label: those of label l are order[start[l] .. start[l + 1]). */
struct by_type {
	uint32_t *start;
	uint32_t *order;
	uint32_t labels;
};

static int index_types(struct miner *m, struct by_type *ret, struct err *e)
{
	uint32_t labels = (uint32_t)m->f->symbols->texts.count;
	size_t count = m->f->nodes.count;

	ret->labels = labels;
	ret->start = mem_zero((size_t)labels + 2, sizeof(*ret->start));
	ret->order = mem_zero(count ? count : 1, sizeof(*ret->order));
	if (!ret->start || !ret->order)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < count; i++)
		ret->start[m->label[i] + 2]++;
	for (uint32_t l = 2; l <= labels + 1; l++)
		ret->start[l] += ret->start[l - 1];
	for (size_t i = 0; i < count; i++)
		ret->order[ret->start[m->label[i] + 1]++] = (uint32_t)i;
	return 0;
}

static void by_type_done(struct by_type *t)
{
	mem_free(t->start);
	mem_free(t->order);
}

/* In the trees of Dockerfiles rules are about commands; in other notations about everything. */
static bool is_root_type(const struct miner *m, uint32_t label)
{
	struct str type = symbol_text(m->f->symbols, label);
	bool docker = m->f->trees.count &&
		      str_is(symbol_text(m->f->symbols,
					 m->f->nodes.items[m->f->trees.items[0].first].type),
			     "DOCKER-FILE");

	return type.len && (!docker || str_starts(type, STR("SC-")));
}

/* --- rules out --- */

static void add_label(const struct miner *m, struct buf *b, uint32_t label)
{
	struct str text = symbol_text(m->f->symbols, label);
	ptrdiff_t cut = str_find_char(text, '\n');

	pattern_add_word(b, cut < 0 ? text : str_to(text, (size_t)cut));
	if (cut >= 0) {
		buf_add_char(b, '=');
		pattern_add_word(b, str_from(text, (size_t)cut + 1));
	}
}

/* Nodes [from, count) of a pattern in its notation; several at the top are parted by blanks. */
static void add_pattern(const struct miner *m, struct buf *b, const struct grown *g, uint32_t from)
{
	uint32_t top = from < g->count ? g->depth[from] : 0, open = top;

	for (uint32_t i = from; i < g->count; i++) {
		if (i > from && g->depth[i] > open) {
			buf_add_char(b, '(');
		} else if (i > from) {
			for (; open > g->depth[i]; open--)
				buf_add_char(b, ')');
			buf_add_char(b, ' ');
		}
		open = g->depth[i];
		add_label(m, b, g->label[i]);
	}
	for (; open > top; open--)
		buf_add_char(b, ')');
}

static bool add_rule(struct miner *m, uint32_t type, const struct grown *g,
		     enum association_location location)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT, first = BUF_INIT;
	struct str name = symbol_text(m->f->symbols, type);
	ptrdiff_t cut = str_find_char(name, '\n');
	struct association *rule;

	name = cut < 0 ? name : str_to(name, (size_t)cut);
	pattern_add_word(&first, name);
	/* the mark stands in front of a value */
	if (location == LOCATION_CHILD)
		buf_add_char(&first, '^');
	if (cut >= 0) {
		buf_add_char(&first, '=');
		pattern_add_word(&first,
				 str_from(symbol_text(m->f->symbols, type), (size_t)cut + 1));
	}
	add_pattern(m, &text, g, location == LOCATION_CHILD ? 1 : 0);
	return !buf_failed(&text) && !buf_failed(&first) &&
	       mined_rule_add(m->ret, name, buf_str(&first), buf_str(&text), location, &rule,
			      NULL) == 0;
}

/* --- below --- */

static void start_cases(struct miner *m, uint32_t cases)
{
	double rate = m->options->confidence_min > 0 ? m->options->confidence_min : 75;
	double need = rate * (double)cases / 100.0;

	m->cases = cases;
	m->need = (uint64_t)need;
	if (m->need < CASES_MIN)
		m->need = CASES_MIN;
}

static bool mine_below(struct miner *m, const struct by_type *t, uint32_t label)
{
	uint32_t first = t->start[label], end = t->start[label + 1];
	struct occurrences at = {0};
	size_t from = m->found.count;

	for (uint32_t i = first; i < end; i++) {
		struct occurrence *o = vec_push(&at.list);

		if (!o) {
			vec_done(&at.list);
			return false;
		}
		*o = (struct occurrence){i - first, t->order[i]};
	}
	start_cases(m, end - first);
	grow(m, label, &at, end - first);
	keep_maximal(m, from);
	return !m->failed;
}

static int mine_all_below(struct miner *m, const struct by_type *t, uint64_t support_min)
{
	for (uint32_t label = 1; label < t->labels; label++) {
		if (t->start[label + 1] - t->start[label] < support_min || !is_root_type(m, label))
			continue;
		if (!mine_below(m, t, label))
			return -1;
	}
	/* a pattern of one type within that of another says nothing new */
	if (m->found.count)
		qsort(m->found.items, m->found.count, sizeof(*m->found.items), by_size);
	for (size_t i = 0; i < m->found.count; i++) {
		bool within = false;

		for (size_t k = 0; k < i && !within; k++)
			within = is_within(&m->found.items[i], &m->found.items[k], true);
		if (!within &&
		    !add_rule(m, m->found.items[i].label[0], &m->found.items[i], LOCATION_CHILD))
			return -1;
	}
	return 0;
}

/* --- beside --- */

/* What stands beside a case: places of types in its scope, first by type. */
struct beside {
	uint32_t label;
	struct occurrence at;
};

typedef VEC(struct beside) beside_vec;

static int by_beside(const void *a, const void *b)
{
	const struct beside *x = a, *y = b;

	if (x->label != y->label)
		return x->label < y->label ? -1 : 1;
	if (x->at.at_case != y->at.at_case)
		return x->at.at_case < y->at.at_case ? -1 : 1;
	return x->at.node < y->at.node ? -1 : x->at.node > y->at.node;
}

/* A command, not a part of one. */
static bool is_command(const struct miner *m, uint32_t node)
{
	const struct forest_node *n = &m->f->nodes.items[node];

	return str_starts(symbol_text(m->f->symbols, n->type), STR("SC-")) &&
	       n->parent != FOREST_NONE &&
	       !str_starts(symbol_text(m->f->symbols, m->f->nodes.items[n->parent].type),
			   STR("SC-"));
}

/* From sorted to plain nodes and back. */
static uint32_t origin_of(const struct miner *m, uint32_t node)
{
	return m->origin ? m->origin[node] : node;
}

static uint32_t place_of(const struct miner *m, uint32_t node)
{
	return m->place ? m->place[node] : node;
}

/* Of a plain node. */
static uint32_t scope_of(const struct miner *m, uint32_t node, uint32_t stop)
{
	while (node != FOREST_NONE && m->plain->nodes.items[node].type != stop)
		node = m->plain->nodes.items[node].parent;
	return node;
}

static bool is_around(const struct miner *m, uint32_t outer, uint32_t inner)
{
	return outer <= inner && inner <= m->plain->nodes.items[outer].last;
}

/*
 * Commands before or behind the case within its script. What is around the case, or in it, is
 * neither. In preorder "before" and "behind" a node are just the lower and higher numbers.
 */
static bool look_beside_case(const struct miner *m, uint32_t node, uint32_t at_case, uint32_t stop,
			     bool behind, beside_vec *out)
{
	uint32_t scope = scope_of(m, node, stop);
	uint32_t first, end;

	if (scope == FOREST_NONE)
		return true;
	first = behind ? m->plain->nodes.items[node].last + 1 : scope + 1;
	end = behind ? m->plain->nodes.items[scope].last + 1 : node;
	if (behind && end - first > REGION_MAX)
		end = first + REGION_MAX;
	if (!behind && end - first > REGION_MAX)
		first = end - REGION_MAX;
	for (uint32_t i = first; i < end; i++) {
		struct beside *b;

		if (is_around(m, i, node) || !is_command(m, place_of(m, i)))
			continue;
		b = vec_push(out);
		if (!b)
			return false;
		*b = (struct beside){m->label[place_of(m, i)], {at_case, place_of(m, i)}};
	}
	return true;
}

/* Scripts that hold a command of that type: what is in most of them anyway is no rule. */
static uint32_t count_scopes(const struct miner *m, const struct by_type *t, uint32_t label,
			     uint32_t stop)
{
	uint32_t count = 0, last = FOREST_NONE;

	for (uint32_t i = t->start[label]; i < t->start[label + 1]; i++) {
		uint32_t scope = scope_of(m, origin_of(m, t->order[i]), stop);

		count += scope != FOREST_NONE && scope != last;
		last = scope;
	}
	return count;
}

static bool grow_beside(struct miner *m, uint32_t type, const struct beside *b, size_t first,
			size_t end, uint64_t cases, enum association_location location)
{
	struct occurrences at = {0};
	size_t from = m->found.count;

	for (size_t i = first; i < end; i++) {
		struct occurrence *o = vec_push(&at.list);

		if (!o) {
			vec_done(&at.list);
			return false;
		}
		*o = b[i].at;
	}
	grow(m, b[first].label, &at, cases);
	if (m->found.count == from) {
		struct grown g = {.count = 1, .support = cases};

		g.label[0] = b[first].label;
		if (!keep_found(m, &g))
			return false;
	}
	keep_maximal(m, from);
	for (size_t i = from; i < m->found.count && !m->failed; i++)
		m->failed |= !add_rule(m, type, &m->found.items[i], location);
	m->found.count = from;
	return !m->failed;
}

static bool mine_beside(struct miner *m, const struct by_type *t, uint32_t label, uint32_t stop,
			uint32_t scopes, enum association_location location)
{
	uint32_t start = t->start[label], count = t->start[label + 1] - start;
	beside_vec beside = {0};
	bool ok = true;

	start_cases(m, count);
	for (uint32_t i = 0; i < count && ok; i++)
		ok = look_beside_case(m, origin_of(m, t->order[start + i]), i, stop,
				      location == LOCATION_FOLLOWS, &beside);
	if (ok && beside.count)
		qsort(beside.items, beside.count, sizeof(*beside.items), by_beside);
	for (size_t first = 0, end; ok && first < beside.count; first = end) {
		uint64_t cases = 1;
		double base;

		for (end = first + 1;
		     end < beside.count && beside.items[end].label == beside.items[first].label;
		     end++)
			cases += beside.items[end].at.at_case != beside.items[end - 1].at.at_case;
		base = (double)count_scopes(m, t, beside.items[first].label, stop) / (double)scopes;
		/* twice as often as anywhere */
		if (cases >= m->need && beside.items[first].label != label &&
		    (double)cases >= 2.0 * base * (double)count)
			ok = grow_beside(m, label, beside.items, first, end, cases, location);
	}
	vec_done(&beside);
	return ok;
}

static int mine_all_beside(struct miner *m, const struct by_type *t, uint64_t support_min)
{
	uint32_t stop = symbols_find(m->f->symbols, STR("BASH-SCRIPT"));
	uint32_t scopes = stop && stop < t->labels ? t->start[stop + 1] - t->start[stop] : 0;

	for (uint32_t label = 1; label < t->labels && scopes; label++) {
		uint32_t count = t->start[label + 1] - t->start[label];

		if (count < support_min || !is_root_type(m, label) ||
		    !is_command(m, t->order[t->start[label]]))
			continue;
		if (!mine_beside(m, t, label, stop, scopes, LOCATION_FOLLOWS) ||
		    !mine_beside(m, t, label, stop, scopes, LOCATION_PRECEDES))
			return -1;
	}
	return 0;
}

/* --- all --- */

/* What is kept nearly, but not quite always, in many cases, first: these are habits, not grammar.
 */
static int by_rank(const void *a, const void *b)
{
	const struct association *x = *(struct association *const *)a;
	const struct association *y = *(struct association *const *)b;
	bool grammar_x = x->found.support == x->found.confirmed;
	bool grammar_y = y->found.support == y->found.confirmed;

	if (grammar_x != grammar_y)
		return grammar_x ? 1 : -1;
	if (x->found.confirmed != y->found.confirmed)
		return x->found.confirmed > y->found.confirmed ? -1 : 1;
	return str_cmp(x->name, y->name);
}

static int mine(struct miner *m, struct forest *sorted, struct err *e)
{
	uint64_t support_min = m->options->support_min ? m->options->support_min : 50;
	struct by_type types = {0};
	int result = make_labels(m, e);

	if (result == 0)
		result = make_ranks(m, e);
	if (result == 0 && m->sorted) {
		result = sort_forest(m, sorted, e);
		m->f = sorted;
		if (result == 0)
			result = make_labels(m, e);
	}
	if (result == 0)
		result = index_types(m, &types, e);
	if (result == 0 && (mine_all_below(m, &types, support_min) < 0 ||
			    mine_all_beside(m, &types, support_min) < 0))
		result = ERR_NOMEM(e);
	by_type_done(&types);
	if (result == 0)
		result = mined_rules_count(m->ret, m->plain, e);
	if (result == 0)
		mined_rules_sort(m->ret, by_rank);
	return result;
}

int miner_run(struct forest *f, const struct miner_options *options, struct associations *ret,
	      struct err *e)
{
	struct miner m = {
		.f = f, .plain = f, .options = options, .ret = ret, .sorted = !options->ordered};
	struct forest sorted = {0};
	int result = mine(&m, &sorted, e);

	mem_free(sorted.nodes.items);
	mem_free(m.origin);
	mem_free(m.place);
	mem_free(m.label);
	mem_free(m.rank);
	vec_done(&m.found);
	return result;
}
