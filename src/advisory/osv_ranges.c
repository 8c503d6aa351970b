#include "advisory/osv_ranges.h"

#include <stdlib.h>

#include "version/comparator.h"

bool strings_add(struct arena *a, struct strings *list, struct str s)
{
	/* grows by doubling; a record has few */
	if ((list->count & (list->count - 1)) == 0) {
		struct str *more =
			arena_alloc_array(a, list->count ? list->count * 2 : 1, sizeof(*more));

		if (!more)
			return false;
		if (list->count)
			memcpy(more, list->items, list->count * sizeof(*more));
		list->items = more;
	}
	list->items[list->count++] = s;
	return true;
}

void strings_sort(struct strings *list)
{
	size_t kept = 0;

	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items), str_cmp_qsort);
	for (size_t i = 0; i < list->count; i++)
		if (kept == 0 || !str_eq(list->items[kept - 1], list->items[i]))
			list->items[kept++] = list->items[i];
	list->count = kept;
}

struct ranges {
	VEC(struct version_span) spans;
	struct osv_ranges said;
};

/* Opens a span, or closes the last one. */
static bool add_event(struct ranges *r, const struct tree_node *event, bool *open)
{
	struct str introduced = tree_str(tree_find_key(event, STR("introduced"))),
		   fixed = tree_str(tree_find_key(event, STR("fixed"))),
		   last = tree_str(tree_find_key(event, STR("last_affected")));
	struct version_span *span;

	if (introduced.len || !*open) {
		if (!introduced.len && !fixed.len && !last.len) {
			r->said.odd = r->said.odd || !tree_find_key(event, STR("limit"));
			return true;
		}
		span = vec_push(&r->spans);
		if (!span)
			return false;
		span->introduced = introduced.len ? introduced : STR("0");
		*open = true;
	}
	span = &r->spans.items[r->spans.count - 1];
	if (fixed.len)
		span->fixed = fixed;
	if (last.len)
		span->last_affected = last;
	if (fixed.len || last.len)
		*open = false;
	return true;
}

/* GitHub's "<= 1.2.3" where the range itself has no end. */
static void add_last_known(struct ranges *r, const struct tree_node *specific, size_t from)
{
	struct str last = tree_str(tree_find(specific, "last_known_affected_version_range"));

	if (!str_skip(&last, STR("<= ")) || r->spans.count != from + 1 ||
	    r->spans.items[from].fixed.len || r->spans.items[from].last_affected.len)
		return;
	r->spans.items[from].last_affected = str_trim(last);
}

static bool add_range(struct ranges *r, const struct tree_node *range,
		      const struct tree_node *affected)
{
	size_t from = r->spans.count;
	bool open = false;

	if (str_is(tree_str(tree_find_key(range, STR("type"))), "GIT")) {
		r->said.git = true;
		return true;
	}
	for (const struct tree_node *n = tree_first(tree_find_key(range, STR("events"))); n;
	     n = n->next)
		if (!add_event(r, n, &open))
			return false;
	add_last_known(r, tree_find_key(range, STR("database_specific")), from);
	add_last_known(r, tree_find_key(affected, STR("database_specific")), from);
	return true;
}

static bool read_ranges(const struct tree_node *affected, struct arena *arena, struct advisory *ret,
			struct ranges *r)
{
	size_t count;

	for (const struct tree_node *n = tree_first(tree_find_key(affected, STR("ranges"))); n;
	     n = n->next)
		if (!add_range(r, n, affected))
			return false;
	count = r->spans.count;
	ret->spans = arena_alloc_array(arena, count, sizeof(*ret->spans));
	if (!ret->spans)
		return false;
	if (count)
		memcpy(ret->spans, r->spans.items, count * sizeof(*ret->spans));
	ret->span_count = count;
	return true;
}

/* Enumerated versions that no span contains; all of them where they cannot be compared. */
static bool read_versions(const struct tree_node *affected, const char *comparator,
			  struct arena *arena, struct advisory *ret)
{
	const struct tree_node *list = tree_find_key(affected, STR("versions"));
	const struct comparator *c = comparator_find(str_of(comparator));
	struct strings kept = {0};

	for (const struct tree_node *n = tree_first(list); n; n = n->next) {
		struct str v = tree_str(n);
		bool inside = false;

		if (!v.len)
			continue;
		if (c && ret->span_count &&
		    version_in_spans(c, v, ret->spans, ret->span_count, &inside, NULL) == 0 &&
		    inside)
			continue;
		if (!strings_add(arena, &kept, v))
			return false;
	}
	strings_sort(&kept);
	ret->versions = kept.items;
	ret->version_count = kept.count;
	return true;
}

bool osv_read_ranges(const struct tree_node *affected, const char *comparator, struct arena *arena,
		     struct advisory *ret, struct osv_ranges *ret_ranges)
{
	struct ranges r = {0};
	bool ok = read_ranges(affected, arena, ret, &r) &&
		  read_versions(affected, comparator, arena, ret);

	vec_done(&r.spans);
	*ret_ranges = r.said;
	return ok;
}
