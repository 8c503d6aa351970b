/*
 * The index of a database folder: which file holds which partition, and what was read to make it.
 * Lines of words, sorted, the last with the digest of all before it:
 *
 *	plimsoll-database 1
 *	input osv 2026-08-21 5680 0 0
 *	partition pkg/almalinux-9 sha256:... <root> 812345 47979 redhat
 *	feed osv 2026-08-21
 *	end <sha256>
 *
 * `feed` lines belong to the partition above them; "-" stands for an empty word. Dates stand here
 * and not in the partitions, so that a feed of a newer day changes only what really changed.
 */
#include "advisory/database.h"

#include <stdlib.h>

#include "base/cur.h"

#define MAGIC "plimsoll-database"
enum { VERSION = 1, PARTITIONS_MAX = 65536 };

struct reader {
	struct database_index *index;
	struct err *e;
	unsigned line;
	size_t partition_room, input_room, feed_room;
};

static int bad(struct reader *r, const char *what)
{
	return err_set(r->e, ERR_FORMAT, "index, line %u: %s", r->line, what);
}

/* Splits a line into exactly `count` words. */
static bool split(struct str line, struct str *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!str_next(&line, ' ', &words[i]) || words[i].len == 0)
			return false;
		if (str_is(words[i], "-"))
			words[i] = STR("");
	}
	return line.data == NULL;
}

static int read_partition(struct reader *r, struct str rest)
{
	struct index_partition *p = &r->index->partitions[r->index->partition_count];
	struct digest digest;
	struct str w[6];

	if (!split(rest, w, 6) || !w[0].len || w[0].len > 255 || !digest_parse(w[1], &digest) ||
	    digest.algorithm != DIGEST_SHA256 || !str_parse_hex(w[2], p->root, 32) ||
	    !str_parse_u64(w[3], &p->size) || !str_parse_u64(w[4], &p->records))
		return bad(r, "malformed partition");
	if (r->index->partition_count && str_cmp(p[-1].name, w[0]) >= 0)
		return bad(r, "partitions out of order");
	p->name = w[0];
	p->digest = w[1];
	p->comparator = w[5];
	r->index->partition_count++;
	return 0;
}

static int read_feed(struct reader *r, struct str rest, struct partition_feed *feeds, size_t *used)
{
	struct str w[2];
	struct index_partition *p;

	if (r->index->partition_count == 0 || !split(rest, w, 2))
		return bad(r, "malformed feed");
	p = &r->index->partitions[r->index->partition_count - 1];
	if (p->feed_count == 0)
		p->feeds = &feeds[*used];
	feeds[(*used)++] = (struct partition_feed){.name = w[0], .date = w[1]};
	p->feed_count++;
	return 0;
}

static int read_input(struct reader *r, struct str rest)
{
	struct index_input *in = &r->index->inputs[r->index->input_count];
	struct str w[5];

	if (!split(rest, w, 5) || !str_parse_u64(w[2], &in->records) ||
	    !str_parse_u64(w[3], &in->dropped) || !str_parse_u64(w[4], &in->left_out))
		return bad(r, "malformed input");
	in->feed = w[0];
	in->date = w[1];
	r->index->input_count++;
	return 0;
}

/* Cuts the last line off and checks it against the rest. */
static int check_end(struct str *text, struct err *e)
{
	ptrdiff_t at;
	struct str end;
	struct digest digest;
	uint8_t want[32];

	if (!str_ends(*text, STR("\n")))
		return err_set(e, ERR_TRUNCATED, "index: cut short at %zu", text->len);
	at = str_find_last_char(str_to(*text, text->len - 1), '\n');
	end = str_sub(*text, (size_t)(at + 1), text->len - 1);
	if (!str_skip(&end, STR("end ")))
		return err_set(e, ERR_TRUNCATED,
			       "index: the end line is missing at %zu: cut short?", text->len);
	*text = str_to(*text, (size_t)(at + 1));
	if (digest_of(DIGEST_SHA256, *text, &digest, e) < 0)
		return -1;
	if (!str_parse_hex(end, want, 32) || memcmp(want, digest.bytes, 32) != 0)
		return err_set(e, ERR_DIGEST, "index: differs from the digest in its last line");
	return 0;
}

static int check_head(struct reader *r, struct str *rest)
{
	struct str line, w[2];
	uint64_t version;

	r->line = 1;
	if (!str_next_line(rest, &line) || !split(line, w, 2) || !str_is(w[0], MAGIC) ||
	    !str_parse_u64(w[1], &version))
		return err_set(r->e, ERR_FORMAT, "index: not that of a plimsoll database");
	if (version > VERSION)
		return err_set(r->e, ERR_UNSUPPORTED,
			       "index: format %llu is newer than this program, which reads %d",
			       (unsigned long long)version, VERSION);
	return version == VERSION ? 0 : bad(r, "unknown version");
}

static size_t count_lines(struct str text)
{
	size_t lines = 0;

	for (size_t i = 0; i < text.len; i++)
		lines += text.data[i] == '\n';
	return lines;
}

static int read_lines(struct reader *r, struct str rest)
{
	size_t lines = count_lines(rest) + 1, feeds_used = 0;
	struct arena *a = &r->index->arena;
	struct partition_feed *feeds = arena_alloc_array(a, lines, sizeof(*feeds));
	struct str line;

	r->index->partitions = arena_alloc_array(a, lines, sizeof(*r->index->partitions));
	r->index->inputs = arena_alloc_array(a, lines, sizeof(*r->index->inputs));
	if (!feeds || !r->index->partitions || !r->index->inputs)
		return ERR_NOMEM(r->e);
	while (str_next_line(&rest, &line)) {
		int result;

		r->line++;
		if (str_skip(&line, STR("partition ")))
			result = read_partition(r, line);
		else if (str_skip(&line, STR("feed ")))
			result = read_feed(r, line, feeds, &feeds_used);
		else if (str_skip(&line, STR("input ")))
			result = read_input(r, line);
		else
			result = bad(r, "unknown line");
		if (result < 0)
			return -1;
	}
	return 0;
}

int database_index_parse(struct str text, struct budget *budget, struct database_index *ret,
			 struct err *e)
{
	struct database_index index = {0};
	struct reader r = {.index = &index, .e = e};
	struct str rest;

	if (text.len > DATABASE_INDEX_MAX)
		return err_set(e, ERR_LIMIT, "index: %zu bytes", text.len);
	/* a newer format may end in another way: say so first */
	rest = text;
	if (check_head(&r, &rest) < 0 || check_end(&text, e) < 0)
		return -1;
	arena_init(&index.arena, budget, 0);
	text = arena_str(&index.arena, text);
	if (!text.data) {
		arena_done(&index.arena);
		return ERR_NOMEM(e);
	}
	if (check_head(&r, &text) < 0 || read_lines(&r, text) < 0) {
		arena_done(&index.arena);
		return -1;
	}
	*ret = index;
	return 0;
}

static void add_word(struct buf *out, struct str word)
{
	buf_add_char(out, ' ');
	buf_add(out, word.len ? word : STR("-"));
}

static void add_hex(struct buf *out, const uint8_t bytes[32])
{
	struct digest d = {.algorithm = DIGEST_SHA256};
	char hex[DIGEST_TEXT];

	memcpy(d.bytes, bytes, 32);
	buf_add_char(out, ' ');
	buf_add_cstr(out, digest_format_hex(&d, hex));
}

static void format_partition(const struct index_partition *p, struct buf *out)
{
	buf_add_cstr(out, "partition");
	add_word(out, p->name);
	add_word(out, p->digest);
	add_hex(out, p->root);
	buf_printf(out, " %llu %llu", (unsigned long long)p->size, (unsigned long long)p->records);
	add_word(out, p->comparator);
	buf_add_char(out, '\n');
	for (size_t i = 0; i < p->feed_count; i++) {
		buf_add_cstr(out, "feed");
		add_word(out, p->feeds[i].name);
		add_word(out, p->feeds[i].date);
		buf_add_char(out, '\n');
	}
}

void database_index_format(const struct database_index *index, struct buf *out)
{
	size_t start = out->len;
	struct digest digest;
	char hex[DIGEST_TEXT];

	buf_printf(out, MAGIC " %d\n", VERSION);
	for (size_t i = 0; i < index->input_count; i++) {
		const struct index_input *in = &index->inputs[i];

		buf_add_cstr(out, "input");
		add_word(out, in->feed);
		add_word(out, in->date);
		buf_printf(out, " %llu %llu %llu\n", (unsigned long long)in->records,
			   (unsigned long long)in->dropped, (unsigned long long)in->left_out);
	}
	for (size_t i = 0; i < index->partition_count; i++)
		format_partition(&index->partitions[i], out);
	if (buf_failed(out) ||
	    digest_of(DIGEST_SHA256, str_from(buf_str(out), start), &digest, NULL) < 0) {
		out->failed = true;
		return;
	}
	buf_printf(out, "end %s\n", digest_format_hex(&digest, hex));
}

void database_index_done(struct database_index *index)
{
	arena_done(&index->arena);
	*index = (struct database_index){0};
}

const struct index_partition *database_index_find(const struct database_index *index,
						  struct str name)
{
	size_t low = 0, high = index->partition_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = str_cmp(index->partitions[middle].name, name);

		if (c == 0)
			return &index->partitions[middle];
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
