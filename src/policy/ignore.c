/*
 * The ignore file applied: which entries hold, which findings they suppress, which are of no use.
 *
 * Entries are looked up by id, so that a long file and a long report do not multiply.
 */
#include "policy/ignore.h"

#include "base/map.h"

/* Entries of one id, in the order of the files. */
struct chain {
	uint32_t entry;
	struct chain *next;
};

struct apply {
	struct policy *policy;
	struct document *document;
	struct arena scratch;
	struct map by_id; /* lower case id to struct chain, the last entry first */
};

static int lower(struct arena *a, struct str s, struct str *ret, struct err *e)
{
	char *bytes = arena_bytes(a, s.len + 1);

	if (!bytes)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		bytes[i] = c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
	}
	*ret = str_make(bytes, s.len);
	return 0;
}

static int index_entries(struct apply *a, struct err *e)
{
	/* from the last to the first, so that the first stands first in its chain */
	for (size_t i = a->policy->ignore.count; i-- > 0;) {
		struct str id;
		struct chain *c = ARENA_NEW(&a->scratch, struct chain);
		void **slot;

		if (!c || lower(&a->scratch, a->policy->ignore.items[i].id, &id, e) < 0)
			return ERR_NOMEM(e);
		slot = map_put(&a->by_id, id);
		if (!slot)
			return ERR_NOMEM(e);
		*c = (struct chain){.entry = (uint32_t)i, .next = *slot};
		*slot = c;
	}
	return 0;
}

static bool path_matches(const struct ignore_entry *i, const struct document_finding *f)
{
	for (size_t k = 0; k < i->path_count; k++) {
		if (str_glob(i->paths[k].data, f->path))
			return true;
	}
	return i->path_count == 0;
}

/* 1, 0, or <0 without memory. */
static int matches(struct apply *a, const struct ignore_entry *i, const struct document_finding *f,
		   struct err *e)
{
	const struct document *d = a->document;
	CLEANUP(buf_done) struct buf purl = BUF_INIT;

	if (!path_matches(i, f))
		return 0;
	if (!i->purl.len)
		return 1;
	if (f->package < 0 || (size_t)f->package >= d->packages.count)
		return 0;
	purl_format(&d->packages.items[f->package], &d->target.distro, &purl);
	if (buf_failed(&purl))
		return ERR_NOMEM(e);
	return policy_purl_matches(i->purl, buf_str(&purl));
}

static int suppress(const struct ignore_entry *i, struct document *d, struct document_finding *f,
		    struct err *e)
{
	if (f->suppressed.by.len)
		return 0;
	f->suppressed = (struct document_suppressed){
		.by = STR("ignore"),
		.reason = document_str(d, i->reason),
		.until = document_str(d, i->expires),
		.owner = document_str(d, i->owner),
	};
	/* a suppression must show its whole reason */
	if (!f->suppressed.reason.data || !f->suppressed.until.data || !f->suppressed.owner.data)
		return ERR_NOMEM(e);
	return 0;
}

static int apply_id(struct apply *a, struct str id, struct document_finding *f, struct err *e)
{
	struct str key;

	if (lower(&a->scratch, id, &key, e) < 0)
		return -1;
	for (struct chain *c = map_find(&a->by_id, key); c; c = c->next) {
		struct ignore_entry *i = &a->policy->ignore.items[c->entry];
		int match = a->document->now < i->expires_at ? matches(a, i, f, e) : 0;

		if (match < 0)
			return -1;
		if (!match)
			continue;
		i->used++;
		if (suppress(i, a->document, f, e) < 0)
			return -1;
	}
	return 0;
}

static void note_useless(const struct ignore_entry *i, struct document *d)
{
	struct diag_place place = {.layer = -1, .path = i->file, .offset = -1};

	if (d->now >= i->expires_at)
		diag_add(&d->diagnostics, DIAG_ignore_expired, place,
			 "line %u: the entry for %.*s expired on %.*s", i->line, STR_ARG(i->id),
			 STR_ARG(i->expires));
	else if (!i->used)
		diag_add(&d->diagnostics, DIAG_ignore_unused, place,
			 "line %u: the entry for %.*s matches no finding", i->line, STR_ARG(i->id));
}

int ignore_apply(struct policy *p, struct document *d, struct err *e)
{
	struct apply a = {.policy = p, .document = d};
	int result;

	if (!p->ignore.count)
		return 0;
	arena_init(&a.scratch, d->budget, 0);
	map_init(&a.by_id, d->budget);
	for (size_t i = 0; i < p->ignore.count; i++)
		p->ignore.items[i].used = 0;
	result = index_entries(&a, e);
	for (size_t i = 0; i < d->findings.count && result == 0; i++) {
		struct document_finding *f = &d->findings.items[i];

		result = apply_id(&a, f->id, f, e);
		for (size_t k = 0; k < f->alias_count && result == 0; k++)
			result = apply_id(&a, f->aliases[k], f, e);
	}
	for (size_t i = 0; i < p->ignore.count && result == 0; i++)
		note_useless(&p->ignore.items[i], d);
	map_done(&a.by_id);
	arena_done(&a.scratch);
	return result;
}
