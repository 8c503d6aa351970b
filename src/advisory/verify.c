/*
 * The whole check of one partition: what a look-up takes on trust because the writer made it so
 * (the order of the keys, the filter, the counts) is looked at here.
 */
#include "advisory/ids.h"
#include "advisory/partition.h"

struct check {
	struct partition *p;
	uint64_t keys, records;
	char last[PARTITION_KEY_MAX];
	size_t last_len;
	bool any;
};

static int bad(struct check *c, const struct partition_block *b, struct err *e, const char *what)
{
	return err_set(e, ERR_FORMAT, "%.*s: block at %llu: %s", STR_ARG(c->p->name),
		       (unsigned long long)b->offset, what);
}

static bool check_record(struct check *k, struct cur *c)
{
	struct partition *p = k->p;
	struct arena *a = &p->scratch;
	struct cve_facts cve;
	struct kev_facts kev;
	struct eol_facts eol;
	struct advisory advisory;
	struct str *ids;
	size_t count;
	double x, y;
	bool memory;

	switch (p->kind) {
	case PARTITION_PKG:
		return get_advisory(c, p->words, p->word_count, a, &advisory, &memory);
	case PARTITION_CVE:
		return get_cve(c, p->words, p->word_count, a, &cve);
	case PARTITION_EPSS:
		return get_epss(c, &x, &y);
	case PARTITION_KEV:
		return get_kev(c, a, &kev);
	case PARTITION_ALIAS:
		return get_aliases(c, a, &ids, &count);
	default:
		return get_eol(c, a, &eol);
	}
}

/* Keys go up, but for one that goes on in the next block. */
static bool in_order(struct check *c, struct str key, bool first)
{
	int order = c->any ? str_cmp(str_make(c->last, c->last_len), key) : -1;

	if (order > 0 || (order == 0 && !first))
		return false;
	c->keys += order < 0;
	memcpy(c->last, key.data, key.len);
	c->last_len = key.len;
	c->any = true;
	return true;
}

static int check_entry(struct check *k, const struct partition_block *b,
		       const struct partition_entry *entry, bool first, struct err *e)
{
	struct partition *p = k->p;
	struct str key = str_make(entry->key, entry->key_len);
	struct cur c = cur_of(entry->body);

	if (!in_order(k, key, first))
		return bad(k, b, e, "keys out of order");
	if (first && !str_eq(key, b->key))
		return bad(k, b, e, "begins with another key than the table says");
	if (!filter_test(p->filter, p->units, key_hash(key)))
		return bad(k, b, e, "a key is not in the filter");
	for (uint64_t i = 0; i < entry->count; i++) {
		bool ok = check_record(k, &c);

		arena_done(&p->scratch);
		if (!ok)
			return c.bad ? bad(k, b, e, "malformed record") : ERR_NOMEM(e);
	}
	if (cur_left(&c) != 0 || entry->count == 0)
		return bad(k, b, e, "malformed entry");
	k->records += entry->count;
	return 0;
}

static int check_block(struct check *k, const struct partition_block *b, struct err *e)
{
	struct partition_entry entry = {.key_len = 0};
	bool first = true;
	struct str raw;
	struct cur c;

	if (partition_load(k->p, b, &raw, e) < 0)
		return -1;
	c = cur_of(raw);
	while (entry_next(&c, &entry)) {
		if (check_entry(k, b, &entry, first, e) < 0)
			return -1;
		first = false;
	}
	return c.bad ? bad(k, b, e, "malformed entry") : 0;
}

int partition_verify(struct partition *p, struct digest *ret_digest, struct err *e)
{
	struct check k = {.p = p};

	for (size_t i = 0; i < p->block_count; i++)
		if (check_block(&k, &p->blocks[i], e) < 0)
			return -1;
	if (k.keys != p->keys || k.records != p->records)
		return err_set(e, ERR_FORMAT, "%.*s: the table counts %llu records, there are %llu",
			       STR_ARG(p->name), (unsigned long long)p->records,
			       (unsigned long long)k.records);
	return partition_hash(p, ret_digest, e);
}
