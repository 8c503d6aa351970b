/*
 * The log (sqlite.org/fileformat2.html, section 4): all numbers big-endian.
 *
 *	header	32 bytes: u32 magic, u32 version, u32 page size, u32 checkpoints, u32 salt x 2,
 *		u32 checksum x 2 over the first 24 bytes
 *	frame	24 bytes: u32 page, u32 pages after commit (0: no commit), u32 salt x 2,
 *		u32 checksum x 2 over the first 8 bytes and the page, going on from the frame
 *before; then the page
 *
 * The magic's lowest bit says in which byte order the checksums add. SQLite uses the frames up to
 *the last commit before the first whose salts or checksum are off. When a log is begun anew, its
 *first salt grows by one and older frames stay behind it.
 */
#include "binary/sqlite_wal.h"

#include "base/cur.h"

enum { WAL_HEADER = 32, FRAME_HEADER = 24, VERSION = 3007000 };
#define MAGIC 0x377f0682u

/* How many generations back a leftover frame may be. */
enum { GENERATIONS = 1 << 16 };

struct sums {
	uint32_t a, b;
	bool big;
};

struct header {
	uint32_t page_size;
	uint32_t salts[2];
	struct sums sums;
};

static void add_sums(struct sums *s, struct str bytes)
{
	struct cur c = cur_of(bytes);

	while (cur_left(&c) >= 8) {
		s->a += (uint32_t)cur_uint(&c, 4, s->big) + s->b;
		s->b += (uint32_t)cur_uint(&c, 4, s->big) + s->a;
	}
}

/* NULL, or why SQLite ignores the log. */
static const char *read_header(struct str wal, struct header *ret)
{
	struct cur c = cur_of(wal);
	uint32_t magic = cur_be32(&c), version = cur_be32(&c);
	struct header h = {.page_size = cur_be32(&c), .sums.big = magic & 1};

	cur_skip(&c, 4);
	h.salts[0] = cur_be32(&c);
	h.salts[1] = cur_be32(&c);
	add_sums(&h.sums, str_to(wal, 24));
	if (wal.len < WAL_HEADER)
		return "its header is cut short";
	if ((magic & ~1u) != MAGIC || version != VERSION)
		return "its header is not that of a log";
	if (cur_be32(&c) != h.sums.a || cur_be32(&c) != h.sums.b)
		return "its header differs from its checksum";
	if (h.page_size < 512 || h.page_size > 65536 || (h.page_size & (h.page_size - 1)))
		return "its page size is not possible";
	*ret = h;
	return NULL;
}

struct frame {
	uint32_t page;
	uint32_t commit;
	uint32_t salts[2];
	uint32_t sums[2];
};

static struct frame read_frame(struct str bytes)
{
	struct cur c = cur_of(bytes);
	struct frame f;

	f.page = cur_be32(&c);
	f.commit = cur_be32(&c);
	f.salts[0] = cur_be32(&c);
	f.salts[1] = cur_be32(&c);
	f.sums[0] = cur_be32(&c);
	f.sums[1] = cur_be32(&c);
	return f;
}

/* Whether the frame goes on the chain of checksums; the sums are then its own. */
static bool frame_holds(struct str bytes, const struct header *h, struct sums *sums)
{
	struct frame f = read_frame(bytes);

	if (f.salts[0] != h->salts[0] || f.salts[1] != h->salts[1] || f.page == 0)
		return false;
	add_sums(sums, str_to(bytes, 8));
	add_sums(sums, str_from(bytes, FRAME_HEADER));
	return f.sums[0] == sums->a && f.sums[1] == sums->b;
}

/* Offset behind the last commit that holds; *ret_good is behind the last frame that does. */
static size_t find_commit(struct str wal, const struct header *h, size_t *ret_good)
{
	size_t frame_size = FRAME_HEADER + (size_t)h->page_size, at = WAL_HEADER, commit = at;
	struct sums sums = h->sums;

	while (wal.len - at >= frame_size) {
		struct str bytes = str_sub(wal, at, at + frame_size);

		if (!frame_holds(bytes, h, &sums))
			break;
		at += frame_size;
		if (read_frame(bytes).commit)
			commit = at;
	}
	*ret_good = at;
	return commit;
}

static bool all_zero(struct str s)
{
	return s.len == 0 || (s.data[0] == 0 && memcmp(s.data, s.data + 1, s.len - 1) == 0);
}

/* All whole frames there are of earlier uses. */
static bool is_leftover(struct str rest, const struct header *h)
{
	size_t frame_size = FRAME_HEADER + (size_t)h->page_size;

	for (; rest.len >= FRAME_HEADER; rest = str_from(rest, frame_size)) {
		uint32_t age = h->salts[0] - read_frame(rest).salts[0];

		if (age == 0 || age > GENERATIONS)
			return false;
	}
	return true;
}

void sqlite_wal_check(struct str wal, uint32_t page_size, struct diags *diags,
		      struct diag_place place)
{
	struct header h;
	const char *wrong;
	size_t commit, good, frame_size;

	if (wal.len == 0 || all_zero(wal))
		return;
	place.offset = 0;
	wrong = read_header(wal, &h);
	if (wrong) {
		diag_add(diags, DIAG_wal_ignored, place, "write-ahead log of %zu bytes: %s",
			 wal.len, wrong);
		return;
	}
	if (h.page_size != page_size)
		diag_add(diags, DIAG_wal_ignored, place,
			 "write-ahead log with pages of %u bytes beside a database with %u",
			 h.page_size, page_size);
	commit = find_commit(wal, &h, &good);
	frame_size = FRAME_HEADER + (size_t)h.page_size;
	if (all_zero(str_from(wal, commit)))
		return;
	place.offset = (int64_t)commit;
	if (commit > WAL_HEADER && good == commit && is_leftover(str_from(wal, commit), &h))
		diag_add(diags, DIAG_wal_leftover, place,
			 "write-ahead log: %zu bytes of an earlier use behind frame %zu",
			 wal.len - commit, (commit - WAL_HEADER) / frame_size);
	else
		diag_add(diags, DIAG_wal_ignored, place,
			 "write-ahead log: only %zu of %zu frames are used (%zu whole frames are "
			 "%s)",
			 (commit - WAL_HEADER) / frame_size, (wal.len - WAL_HEADER) / frame_size,
			 (good - commit) / frame_size, "not committed");
}
