#include "advisory/sorter.h"

#include <endian.h>
#include <stdlib.h>
#include <unistd.h>

#include "advisory/writer.h"
#include "base/buf.h"

enum {
	MEMORY = 128 << 20,
	ITEM_HEAD =
		sizeof(uint32_t) + sizeof(struct str), /* what an item costs besides its bytes */
	WRITE_ROOM = 1 << 20,
	READ_ROOM = 256 << 10,
};

/* A sorted run in the spill file: 32-bit length and bytes, one item behind the other. */
struct run {
	uint64_t at, end; /* of what is not read yet */
	struct buf buf;	  /* bytes that were read */
	size_t used;	  /* of them */
	struct str item;  /* the one in front */
};

struct sorter {
	struct sorter_options options;
	struct arena arena;
	VEC(struct str) items;
	size_t bytes; /* of items in memory, with their cost */
	size_t next;  /* to be handed out */
	uint64_t count;
	int fd; /* -1: no spill */
	uint64_t written;
	VEC(struct run) runs;
	VEC(size_t) heap; /* indices of runs, the least item first */
	struct buf out;	  /* the item handed out */
	bool any;
};

struct sorter *sorter_new(const struct sorter_options *options, struct err *e)
{
	struct sorter *s = mem_zero(1, sizeof(*s));

	if (!s) {
		ERR_NOMEM(e);
		return NULL;
	}
	s->options = *options;
	if (s->options.memory == 0)
		s->options.memory = MEMORY;
	s->fd = -1;
	arena_init(&s->arena, options->budget, 0);
	return s;
}

void sorter_free(struct sorter *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->runs.count; i++)
		buf_done(&s->runs.items[i].buf);
	if (s->fd >= 0)
		close(s->fd);
	vec_done(&s->runs);
	vec_done(&s->heap);
	vec_done(&s->items);
	buf_done(&s->out);
	arena_done(&s->arena);
	mem_free(s);
}

uint64_t sorter_count(const struct sorter *s)
{
	return s->count;
}

static void sort_items(struct sorter *s)
{
	if (s->items.count > 1)
		qsort(s->items.items, s->items.count, sizeof(*s->items.items), str_cmp_qsort);
}

/* --- runs --- */

static int write_items(struct sorter *s, struct err *e)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct str last = STR_NULL;

	for (size_t i = 0; i < s->items.count; i++) {
		struct str item = s->items.items[i];

		if (i && str_eq(last, item))
			continue;
		last = item;
		buf_add_u32(&out, (uint32_t)item.len);
		buf_add(&out, item);
		if (out.len < WRITE_ROOM && i + 1 < s->items.count)
			continue;
		if (buf_failed(&out))
			return ERR_NOMEM(e);
		if (file_write_all(s->fd, buf_str(&out), e) < 0)
			return -1;
		s->written += out.len;
		buf_clear(&out);
	}
	if (file_write_all(s->fd, buf_str(&out), e) < 0)
		return -1;
	s->written += out.len;
	return 0;
}

static int write_run(struct sorter *s, struct err *e)
{
	uint64_t start = s->written;
	struct run *run;

	if (s->items.count == 0)
		return 0;
	if (s->runs.count == SORTER_RUNS_MAX)
		return err_set(e, ERR_LIMIT, "the feeds are too large to be sorted");
	if (s->fd < 0 && s->options.spill(s->options.context, &s->fd, e) < 0)
		return -1;
	sort_items(s);
	if (write_items(s, e) < 0)
		return err_wrap(e, "temporary file");
	run = vec_push(&s->runs);
	if (!run)
		return ERR_NOMEM(e);
	run->at = start;
	run->end = s->written;
	buf_init(&run->buf, s->options.budget, 0);
	arena_done(&s->arena);
	s->items.count = 0;
	s->bytes = 0;
	return 0;
}

int sorter_add(struct sorter *s, struct str item, struct err *e)
{
	size_t cost = item.len + ITEM_HEAD;
	struct str *slot;

	if (item.len > SORTER_ITEM_MAX)
		return err_set(e, ERR_LIMIT, "a record of %zu bytes", item.len);
	if (s->bytes + cost > s->options.memory && write_run(s, e) < 0)
		return -1;
	slot = vec_push(&s->items);
	if (!slot)
		return ERR_NOMEM(e);
	*slot = arena_str(&s->arena, item);
	if (!slot->data)
		return ERR_NOMEM(e);
	s->bytes += cost;
	s->count++;
	return 0;
}

/* --- merge --- */

/* At least `need` unread bytes in the buffer of a run, when it has them. */
static int fill(struct sorter *s, struct run *r, size_t need, struct err *e)
{
	size_t have = r->buf.len - r->used, more;

	if (have >= need)
		return 0;
	if (have)
		memmove(r->buf.data, r->buf.data + r->used, have);
	r->buf.len = have;
	r->used = 0;
	more = need - have > READ_ROOM ? need - have : READ_ROOM;
	if (more > r->end - r->at)
		more = (size_t)(r->end - r->at);
	if (have + more < need)
		return err_set(e, ERR_INTERNAL, "temporary file: cut short");
	if (!buf_reserve(&r->buf, more))
		return ERR_NOMEM(e);
	if (file_read_at(s->fd, r->buf.data + have, more, r->at, e) < 0)
		return err_wrap(e, "temporary file");
	buf_used(&r->buf, more);
	r->at += more;
	return 0;
}

/* The next item of a run in front; 0 when there is none. */
static int advance(struct sorter *s, struct run *r, struct err *e)
{
	uint32_t len;

	if (r->used == r->buf.len && r->at == r->end)
		return 0;
	if (fill(s, r, sizeof(len), e) < 0)
		return -1;
	memcpy(&len, r->buf.data + r->used, sizeof(len));
	len = le32toh(len);
	if (len > SORTER_ITEM_MAX)
		return err_set(e, ERR_INTERNAL, "temporary file: damaged");
	r->used += sizeof(len);
	if (fill(s, r, len, e) < 0)
		return -1;
	r->item = str_make(r->buf.data + r->used, len);
	r->used += len;
	return 1;
}

static bool less(const struct sorter *s, size_t a, size_t b)
{
	return str_cmp(s->runs.items[s->heap.items[a]].item, s->runs.items[s->heap.items[b]].item) <
	       0;
}

static void sift(struct sorter *s, size_t at)
{
	for (;;) {
		size_t child = 2 * at + 1, t;

		if (child >= s->heap.count)
			return;
		if (child + 1 < s->heap.count && less(s, child + 1, child))
			child++;
		if (!less(s, child, at))
			return;
		t = s->heap.items[at];
		s->heap.items[at] = s->heap.items[child];
		s->heap.items[child] = t;
		at = child;
	}
}

static int start_merge(struct sorter *s, struct err *e)
{
	for (size_t i = 0; i < s->runs.count; i++) {
		int r = advance(s, &s->runs.items[i], e);
		size_t *slot = r > 0 ? vec_push(&s->heap) : NULL;

		if (r < 0)
			return -1;
		if (r > 0 && !slot)
			return ERR_NOMEM(e);
		if (slot)
			*slot = i;
	}
	for (size_t i = s->heap.count / 2; i-- > 0;)
		sift(s, i);
	return 0;
}

int sorter_sort(struct sorter *s, struct err *e)
{
	if (s->runs.count == 0) {
		sort_items(s);
		return 0;
	}
	return write_run(s, e) < 0 ? -1 : start_merge(s, e);
}

static int next_in_memory(struct sorter *s, struct str *ret)
{
	while (s->next < s->items.count) {
		struct str item = s->items.items[s->next++];

		if (s->next > 1 && str_eq(item, s->items.items[s->next - 2]))
			continue;
		*ret = item;
		return 1;
	}
	return 0;
}

static int next_merged(struct sorter *s, struct str *ret, struct err *e)
{
	while (s->heap.count) {
		struct run *run = &s->runs.items[s->heap.items[0]];
		bool seen = s->any && str_eq(buf_str(&s->out), run->item);
		int r;

		if (!seen) {
			buf_clear(&s->out);
			buf_add(&s->out, run->item);
			s->any = true;
		}
		r = advance(s, run, e);
		if (r < 0 || buf_failed(&s->out))
			return r < 0 ? -1 : ERR_NOMEM(e);
		if (r == 0)
			s->heap.items[0] = s->heap.items[--s->heap.count];
		sift(s, 0);
		if (!seen) {
			*ret = buf_str(&s->out);
			return 1;
		}
	}
	return 0;
}

int sorter_next(struct sorter *s, struct str *ret_item, struct err *e)
{
	return s->runs.count ? next_merged(s, ret_item, e) : next_in_memory(s, ret_item);
}
