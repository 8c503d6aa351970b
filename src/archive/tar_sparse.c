/*
 * Sparse files in the four forms of GNU tar: the old one (type 'S', runs in the header and in
 * blocks behind it) and pax 0.0 (records in pairs), 0.1 (one record) and 1.0 (text at the start of
 * the body). What is stored must be just what the runs name, as the container runtime demands.
 */
#include "archive/tar_parts.h"

static const char invalid[] = "the map of a sparse file is invalid";

/* Runs are in order, do not overlap and lie inside the content. */
static int add_span(struct tar *t, int64_t offset, int64_t len, struct err *e)
{
	size_t count = tar_span_count(t);
	struct tar_span span = {(uint64_t)offset, (uint64_t)len, 0};

	if (offset < 0 || len < 0)
		return tar_fail(t, ERR_FORMAT, invalid, e);
	if (count) {
		const struct tar_span *last = &tar_spans(t)[count - 1];

		span.stored = last->stored + last->len;
		if (span.offset < last->offset + last->len)
			return tar_fail(t, ERR_FORMAT, invalid, e);
	}
	/* both are below 2^63, so that this sum and those above fit */
	if (span.offset + span.len > t->size)
		return tar_fail(t, ERR_FORMAT, invalid, e);
	buf_add(&t->map, str_make(&span, sizeof(span)));
	return buf_failed(&t->map) ? ERR_NOMEM(e) : 0;
}

/* Blocks of the archive that belong to a map; `own` ones are part of the body as stored. */
static int read_block(struct tar *t, char block[TAR_BLOCK], bool own, struct err *e)
{
	int64_t n;

	if (own && t->left < TAR_BLOCK)
		return tar_fail(t, ERR_TRUNCATED, invalid, e);
	n = stream_read(t->s, block, TAR_BLOCK, e);
	if (n < 0)
		return -1;
	if (n < TAR_BLOCK)
		return tar_fail(t, ERR_TRUNCATED, "cut short in the map of a sparse file", e);
	if (own)
		t->left -= TAR_BLOCK;
	return 0;
}

static int add_old_spans(struct tar *t, const char *at, size_t count, struct err *e)
{
	for (; count && at[0]; count--, at += 24) {
		int64_t offset, len;

		if (!tar_number(str_make(at, 12), &offset) ||
		    !tar_number(str_make(at + 12, 12), &len))
			return tar_fail(t, ERR_FORMAT, invalid, e);
		if (add_span(t, offset, len, e) < 0)
			return -1;
	}
	return 0;
}

static int read_old(struct tar *t, const struct tar_header *h, const char *header, struct err *e)
{
	char block[TAR_BLOCK];
	bool more = header[482] != 0;
	size_t total = TAR_BLOCK;
	int64_t size;

	if (h->magic != TAR_GNU || !tar_number(str_make(header + 483, 12), &size) || size < 0)
		return tar_fail(t, ERR_FORMAT, invalid, e);
	t->size = (uint64_t)size;
	t->sparse = true;
	if (add_old_spans(t, header + 386, 4, e) < 0)
		return -1;
	while (more) {
		total += TAR_BLOCK;
		if (total > t->options.meta_max)
			return tar_fail(t, ERR_LIMIT, "the map of a sparse file is too long", e);
		if (read_block(t, block, false, e) < 0 || add_old_spans(t, block, 21, e) < 0)
			return -1;
		more = block[504] != 0;
	}
	return 0;
}

/* 0.0: the pairs of the records; 0.1: "offset,length,offset,..." */
static int read_pairs(struct tar *t, struct err *e)
{
	const int64_t *pairs = (const int64_t *)(const void *)t->pairs.data;
	size_t count = t->pairs.len / sizeof(int64_t);
	int64_t stated;

	if (!tar_decimal(t->pax.sparse_numblocks, &stated) || stated < 0 ||
	    count != (uint64_t)stated * 2)
		return tar_fail(t, ERR_FORMAT, invalid, e);
	for (size_t i = 0; i < count; i += 2)
		if (add_span(t, pairs[i], pairs[i + 1], e) < 0)
			return -1;
	return 0;
}

static int pairs_of_text(struct tar *t, struct err *e)
{
	struct str rest = t->pax.sparse_map, part;

	buf_clear(&t->pairs);
	while (rest.len && str_next(&rest, ',', &part)) {
		int64_t number;

		/* a comma at the end opens one more, empty part */
		if (!tar_decimal(part, &number) || (rest.data && !rest.len))
			return tar_fail(t, ERR_FORMAT, invalid, e);
		buf_add(&t->pairs, str_make(&number, sizeof(number)));
	}
	return buf_failed(&t->pairs) ? ERR_NOMEM(e) : 0;
}

/* The numbers at the start of a body of form 1.0, one a line, in whole blocks. */
struct map_text {
	char block[TAR_BLOCK];
	size_t at;
	size_t total;
};

static int next_number(struct tar *t, struct map_text *m, int64_t *ret, struct err *e)
{
	char digits[24];
	size_t len = 0;

	for (;;) {
		if (m->at == TAR_BLOCK) {
			m->total += TAR_BLOCK;
			if (m->total > t->options.meta_max)
				return tar_fail(t, ERR_LIMIT,
						"the map of a sparse file is too long", e);
			if (read_block(t, m->block, true, e) < 0)
				return -1;
			m->at = 0;
		}
		if (m->block[m->at] == '\n')
			break;
		if (len == sizeof(digits))
			return tar_fail(t, ERR_FORMAT, invalid, e);
		digits[len++] = m->block[m->at++];
	}
	m->at++;
	return tar_decimal(str_make(digits, len), ret) ? 0 : tar_fail(t, ERR_FORMAT, invalid, e);
}

static int read_text(struct tar *t, struct err *e)
{
	struct map_text m = {.at = TAR_BLOCK};
	int64_t count, offset, len;

	if (next_number(t, &m, &count, e) < 0)
		return -1;
	if (count < 0)
		return tar_fail(t, ERR_FORMAT, invalid, e);
	for (; count; count--)
		if (next_number(t, &m, &offset, e) < 0 || next_number(t, &m, &len, e) < 0 ||
		    add_span(t, offset, len, e) < 0)
			return -1;
	return 0;
}

/* 0: no sparse file, 1: form 0.0 or 0.1, 2: form 1.0 */
static int pax_form(struct tar *t, struct str name)
{
	const struct tar_pax *p = &t->pax;
	bool versioned = p->sparse_major.len || p->sparse_minor.len;

	if (!p->any)
		return 0;
	if (str_is(p->sparse_major, "1") && str_is(p->sparse_minor, "0"))
		return 2;
	if (str_is(p->sparse_major, "0") &&
	    (str_is(p->sparse_minor, "0") || str_is(p->sparse_minor, "1")))
		return 1;
	if (!versioned && (p->sparse_map.len || t->pairs.len))
		return 1;
	if (versioned || p->sparse_name.len || p->sparse_size.len || p->sparse_realsize.len)
		tar_odd(t, TAR_ODD_sparse_plain, name);
	return 0;
}

static int set_pax_size(struct tar *t, struct err *e)
{
	const struct tar_pax *p = &t->pax;
	struct str size = p->sparse_size.len ? p->sparse_size : p->sparse_realsize;
	int64_t n;

	if (!size.len)
		return 0;
	if (!tar_decimal(size, &n) || n < 0)
		return tar_fail(t, ERR_FORMAT, invalid, e);
	t->size = (uint64_t)n;
	return 0;
}

static int read_pax(struct tar *t, struct str *name, struct err *e)
{
	int form = pax_form(t, *name);

	if (!form)
		return 0;
	if (t->pax.sparse_name.len)
		*name = t->pax.sparse_name;
	if (set_pax_size(t, e) < 0)
		return -1;
	t->sparse = true;
	if (form == 2)
		return read_text(t, e);
	if (!t->pairs.len && pairs_of_text(t, e) < 0)
		return -1;
	return read_pairs(t, e);
}

/* What the runs name must be what is stored; holes may not be a bomb. */
static int check_sums(struct tar *t, const struct tar_header *h, struct err *e)
{
	size_t count = tar_span_count(t);
	uint64_t stored = count ? tar_spans(t)[count - 1].stored + tar_spans(t)[count - 1].len : 0;
	uint64_t allowed, read = t->s->position - t->start;

	if (tar_type_without_body(h->type) || stored != t->left)
		return tar_fail(t, ERR_FORMAT, "a sparse file's data is not what its map says", e);
	t->holes += t->size - stored;
	if (__builtin_mul_overflow(read + t->left, t->options.hole_ratio, &allowed))
		allowed = UINT64_MAX;
	if (t->holes > t->options.hole_grace && t->holes > allowed)
		return tar_fail(t, ERR_LIMIT, "the holes of sparse files are too large", e);
	return 0;
}

int tar_read_sparse(struct tar *t, const struct tar_header *h, const char *block, struct str *name,
		    struct err *e)
{
	int r = h->type == 'S' ? read_old(t, h, block, e) : read_pax(t, name, e);

	if (r < 0)
		return -1;
	return t->sparse ? check_sums(t, h, e) : 0;
}
