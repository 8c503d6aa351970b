#include "report/rows.h"

#include <stdlib.h>

const struct package *finding_package(const struct document *d, const struct document_finding *f)
{
	if (f->package < 0 || (size_t)f->package >= d->packages.count)
		return NULL;
	return &d->packages.items[f->package];
}

struct str finding_source(const struct document *d, const struct document_finding *f)
{
	const struct package *p = finding_package(d, f);

	if (!p)
		return f->path;
	return p->source_name.len ? p->source_name : p->name;
}

static int compare_doubles(double a, double b)
{
	return (a < b) - (a > b);
}

/* How urgent: equal for all findings of one row, since it depends on severity and id. */
static int compare_urgency(const struct document_finding *x, const struct document_finding *y)
{
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if (!x->known_exploited.len != !y->known_exploited.len)
		return x->known_exploited.len ? -1 : 1;
	return compare_doubles(x->epss_score, y->epss_score);
}

static int compare_group(const struct document *d, const struct document_finding *x,
			 const struct document_finding *y)
{
	const struct package *p = finding_package(d, x), *q = finding_package(d, y);
	int order = compare_urgency(x, y);

	if (!order)
		order = str_cmp(x->kind, y->kind);
	if (!order)
		order = str_cmp(x->id, y->id);
	if (!order)
		order = str_cmp(finding_source(d, x), finding_source(d, y));
	if (!order)
		order = (p ? (int)p->type : -1) - (q ? (int)q->type : -1);
	if (!order && p && q)
		order = str_cmp(p->source_version, q->source_version);
	if (!order)
		order = str_cmp(x->fixed_version, y->fixed_version);
	if (!order)
		order = (int)x->fix - (int)y->fix;
	if (!order)
		order = str_cmp(x->suppressed.by, y->suppressed.by);
	if (!order)
		order = str_cmp(x->suppressed.reason, y->suppressed.reason);
	return order;
}

static int compare_indexes(const void *a, const void *b, void *context)
{
	const struct document *d = context;
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	int order = compare_group(d, &d->findings.items[i], &d->findings.items[k]);

	return order ? order : (i > k) - (i < k);
}

int rows_build(const struct document *d,
	       bool (*wanted)(void *context, const struct document_finding *f), void *context,
	       bool single, struct arena *a, struct rows *ret, struct err *e)
{
	struct rows r = {0};
	size_t count = 0;

	r.order = arena_alloc_array(a, d->findings.count + 1, sizeof(*r.order));
	r.items = arena_alloc_array(a, d->findings.count + 1, sizeof(*r.items));
	if (!r.order || !r.items)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < d->findings.count; i++) {
		if (!wanted || wanted(context, &d->findings.items[i]))
			r.order[count++] = (uint32_t)i;
	}
	if (count)
		qsort_r(r.order, count, sizeof(*r.order), compare_indexes, (void *)(uintptr_t)d);
	for (size_t i = 0; i < count; i++) {
		if (single || !i ||
		    compare_group(d, &d->findings.items[r.order[i - 1]],
				  &d->findings.items[r.order[i]]))
			r.items[r.count++] = (struct row){.start = i};
		r.items[r.count - 1].count++;
	}
	*ret = r;
	return 0;
}
