/*
 * The miner: which nodes are cases, and rules from the patterns that grow there (miner_grow.c). The
 * same growth serves three kinds of rules, which differ in where the first node may stand: at the
 * case itself (child), or beside it (follows, precedes).
 */
#include <stdlib.h>

#include "dockerfile/mined_rules.h"
#include "dockerfile/miner_work.h"

enum {
	REGION_MAX = 4096, /* nodes looked at beside a case */
	CASES_MIN = 3,
};

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
	miner_grow(m, label, &at, end - first);
	miner_keep_maximal(m, from);
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
		qsort(m->found.items, m->found.count, sizeof(*m->found.items), grown_by_size);
	for (size_t i = 0; i < m->found.count; i++) {
		bool within = false;

		for (size_t k = 0; k < i && !within; k++)
			within = grown_is_within(&m->found.items[i], &m->found.items[k], true);
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
	miner_grow(m, b[first].label, &at, cases);
	if (m->found.count == from) {
		struct grown g = {.count = 1, .support = cases};

		g.label[0] = b[first].label;
		if (!miner_keep_found(m, &g))
			return false;
	}
	miner_keep_maximal(m, from);
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
	int result = miner_make_labels(m, e);

	if (result == 0)
		result = miner_make_ranks(m, e);
	if (result == 0 && m->sorted) {
		result = miner_sort_forest(m, sorted, e);
		m->f = sorted;
		if (result == 0)
			result = miner_make_labels(m, e);
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
