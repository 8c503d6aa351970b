/*
 * The report in memory: making, freeing, and the order that makes equal scans equal bytes.
 */
#include "document/document.h"

#include <stdlib.h>

const char *verified_name(enum verified v)
{
	static const char *const names[] = {"no", "now", "cached"};

	return v <= VERIFIED_CACHED ? names[v] : names[0];
}

struct document *document_new(struct budget *budget, struct err *e)
{
	struct document *d = mem_zero(1, sizeof(*d));

	if (!d) {
		ERR_NOMEM(e);
		return NULL;
	}
	d->budget = budget;
	arena_init(&d->arena, budget, 0);
	diags_init(&d->diagnostics, budget);
	return d;
}

void document_free(struct document *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->partitions.count; i++)
		vec_done(&d->partitions.items[i].feeds);
	for (size_t i = 0; i < d->findings.count; i++)
		vec_done(&d->findings.items[i].cvss);
	for (size_t i = 0; i < d->verdict.rules.count; i++)
		vec_done(&d->verdict.rules.items[i].findings);
	vec_done(&d->times);
	vec_done(&d->scanners);
	vec_done(&d->target.layers);
	vec_done(&d->partitions);
	vec_done(&d->packages);
	vec_done(&d->findings);
	vec_done(&d->checks);
	vec_done(&d->verdict.rules);
	diags_done(&d->diagnostics);
	arena_done(&d->arena);
	mem_free(d);
}

struct str document_str(struct document *d, struct str s)
{
	return arena_str(&d->arena, s);
}

/* --- order --- */

struct ranked_package {
	struct package package;
	uint32_t before;
};

struct ranked_finding {
	struct document_finding finding;
	uint32_t before;
};

static int compare_packages(const void *a, const void *b)
{
	const struct ranked_package *x = a, *y = b;
	int order = package_cmp(&x->package, &y->package);

	if (!order)
		order = x->package.layer - y->package.layer;
	if (!order)
		order = str_cmp(x->package.source_name, y->package.source_name);
	if (!order)
		order = str_cmp(x->package.source_version, y->package.source_version);
	if (!order)
		order = (x->package.location.line > y->package.location.line) -
			(x->package.location.line < y->package.location.line);
	return order ? order : (int)x->before - (int)y->before;
}

static int compare_findings(const void *a, const void *b)
{
	const struct document_finding *x = &((const struct ranked_finding *)a)->finding;
	const struct document_finding *y = &((const struct ranked_finding *)b)->finding;
	int order = str_cmp(x->kind, y->kind);

	if (!order)
		order = (int)y->severity - (int)x->severity;
	if (!order)
		order = str_cmp(x->id, y->id);
	if (!order)
		order = x->package - y->package;
	if (!order)
		order = str_cmp(x->path, y->path);
	if (!order)
		order = str_cmp(x->fixed_version, y->fixed_version);
	if (!order)
		order = str_cmp(x->advisory_id, y->advisory_id);
	if (!order)
		order = str_cmp(x->feed, y->feed);
	if (!order)
		order = str_cmp(x->evidence, y->evidence);
	return order ? order
		     : (int)((const struct ranked_finding *)a)->before -
			       (int)((const struct ranked_finding *)b)->before;
}

static int compare_cvss(const void *a, const void *b)
{
	const struct document_cvss *x = a, *y = b;
	int order = str_cmp(x->source, y->source);

	return order ? order : str_cmp(x->vector, y->vector);
}

static int compare_partitions(const void *a, const void *b)
{
	const struct document_partition *x = a, *y = b;
	int order = str_cmp(x->name, y->name);

	return order ? order : str_cmp(x->digest, y->digest);
}

static int compare_feeds(const void *a, const void *b)
{
	const struct document_feed *x = a, *y = b;
	int order = str_cmp(x->name, y->name);

	return order ? order : str_cmp(x->date, y->date);
}

/* Findings name packages by index: their new places. */
static bool sort_packages(struct document *d)
{
	size_t count = d->packages.count;
	struct ranked_package *ranked = mem_grow(NULL, count, sizeof(*ranked));
	uint32_t *places = mem_grow(NULL, count, sizeof(*places));
	bool ok = ranked && places;

	for (size_t i = 0; ok && i < count; i++)
		ranked[i] = (struct ranked_package){d->packages.items[i], (uint32_t)i};
	if (ok) {
		qsort(ranked, count, sizeof(*ranked), compare_packages);
		for (size_t i = 0; i < count; i++) {
			d->packages.items[i] = ranked[i].package;
			places[ranked[i].before] = (uint32_t)i;
		}
		for (size_t i = 0; i < d->findings.count; i++) {
			struct document_finding *f = &d->findings.items[i];

			if (f->package >= 0 && (size_t)f->package < count)
				f->package = (int)places[f->package];
		}
	}
	mem_free(ranked);
	mem_free(places);
	return ok;
}

static int compare_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Rules name findings by index. */
static void move_rules(struct document *d, const uint32_t *places)
{
	for (size_t i = 0; i < d->verdict.rules.count; i++) {
		struct document_rule *r = &d->verdict.rules.items[i];

		for (size_t k = 0; k < r->findings.count; k++) {
			if (r->findings.items[k] < d->findings.count)
				r->findings.items[k] = places[r->findings.items[k]];
		}
		if (r->findings.count)
			qsort(r->findings.items, r->findings.count, sizeof(*r->findings.items),
			      compare_u32);
	}
}

static bool sort_findings(struct document *d)
{
	size_t count = d->findings.count;
	struct ranked_finding *ranked = mem_grow(NULL, count, sizeof(*ranked));
	uint32_t *places = mem_grow(NULL, count, sizeof(*places));
	bool ok = ranked && places;

	for (size_t i = 0; ok && i < count; i++)
		ranked[i] = (struct ranked_finding){d->findings.items[i], (uint32_t)i};
	if (ok) {
		qsort(ranked, count, sizeof(*ranked), compare_findings);
		for (size_t i = 0; i < count; i++) {
			d->findings.items[i] = ranked[i].finding;
			places[ranked[i].before] = (uint32_t)i;
		}
		move_rules(d, places);
	}
	mem_free(ranked);
	mem_free(places);
	return ok;
}

static void sort_details(struct document *d)
{
	for (size_t i = 0; i < d->findings.count; i++) {
		struct document_finding *f = &d->findings.items[i];

		if (f->cvss.count)
			qsort(f->cvss.items, f->cvss.count, sizeof(*f->cvss.items), compare_cvss);
		if (f->alias_count)
			qsort(f->aliases, f->alias_count, sizeof(*f->aliases), str_cmp_qsort);
	}
	for (size_t i = 0; i < d->partitions.count; i++) {
		struct document_partition *p = &d->partitions.items[i];

		if (p->feeds.count)
			qsort(p->feeds.items, p->feeds.count, sizeof(*p->feeds.items),
			      compare_feeds);
	}
	if (d->partitions.count)
		qsort(d->partitions.items, d->partitions.count, sizeof(*d->partitions.items),
		      compare_partitions);
}

void document_sort(struct document *d)
{
	bool ok = true;

	if (d->packages.count)
		ok = sort_packages(d);
	if (d->findings.count)
		ok = sort_findings(d) && ok;
	sort_details(d);
	if (!ok)
		diag_add(&d->diagnostics, DIAG_memory_limit, DIAG_NOWHERE,
			 "no memory to sort the report");
	diags_sort(&d->diagnostics);
}
