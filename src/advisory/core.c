#include "advisory/core.h"

#include <stdlib.h>
#include <unistd.h>

#include "advisory/ecosystem.h"
#include "advisory/merge.h"
#include "advisory/writer.h"
#include "base/log.h"

struct core {
	const struct asker *asker;
	const struct build_request *request;
	struct diags diags;
	struct feed_sink sink;
	struct arena arena; /* of one group */
	struct arena kept;  /* rows of the index */
	struct group group;
	struct buf partition, key; /* of the group that grows */
	struct buf items;	   /* its bytes, one item behind the other */
	VEC(size_t) ends;
	struct partition_writer *writer;
	int fd; /* of the writer */
	VEC(struct index_partition) rows;
};

static int ask_spill(void *context, int *ret_fd, struct err *e)
{
	const struct asker *asker = context;
	struct ask_reply reply;

	if (asker->ask(asker->context, ASK_OUTPUT, STR("spill"), &reply, e) < 0)
		return -1;
	*ret_fd = reply.fd;
	return 0;
}

/* --- reading --- */

static int read_input(struct core *c, size_t number, struct err *e)
{
	const struct build_input *in = &c->request->inputs[number];
	struct sink_feed *f;
	uint64_t records, left_out, items;

	log_line(1, "reading %s from %s", in->feed->name, in->path);
	if (sink_begin(&c->sink, in->feed, e) < 0)
		return -1;
	f = &c->sink.feeds.items[c->sink.current];
	records = f->records;
	left_out = f->left_out;
	items = sorter_count(c->sink.sorter);
	if (input_read(c->asker, number, str_of(in->path), in->feed, &c->sink, e) < 0)
		return -1;
	f = &c->sink.feeds.items[c->sink.current];
	records = f->records - records;
	left_out = f->left_out - left_out;
	if (records == 0)
		return err_set(e, ERR_FORMAT, "%s: holds no record of the feed %s", in->path,
			       in->feed->name);
	if (records == left_out && sorter_count(c->sink.sorter) == items && c->diags.list.count)
		return err_set(e, ERR_FORMAT, "%s: none of its records was understood: %.*s: %.*s",
			       in->path, STR_ARG(c->diags.list.items[c->diags.list.count - 1].path),
			       STR_ARG(c->diags.list.items[c->diags.list.count - 1].message));
	return 0;
}

/* --- partitions --- */

static int by_feed_name(const void *a, const void *b)
{
	return str_cmp(((const struct partition_feed *)a)->name,
		       ((const struct partition_feed *)b)->name);
}

/* The feeds that gave to a partition, with their dates, sorted. */
static int partition_sources(struct core *c, struct str name, struct partition_feed **ret,
			     size_t *ret_count)
{
	struct partition_feed *list =
		arena_alloc_array(&c->kept, c->sink.feeds.count, sizeof(*list));
	struct map_slot *slot;
	size_t count = 0;

	if (!list)
		return -1;
	for (size_t i = 0; (slot = map_next(&c->sink.contributions, &i));) {
		const struct contribution *from = slot->value;

		if (!str_eq(from->partition, name))
			continue;
		list[count].name = from->feed;
		list[count].date = sink_date(&c->sink, from, &c->kept);
		if (!list[count++].date.data)
			return -1;
	}
	qsort(list, count, sizeof(*list), by_feed_name);
	*ret = list;
	*ret_count = count;
	return 0;
}

static int open_partition(struct core *c, struct str name, struct err *e)
{
	struct index_partition *row = vec_push(&c->rows);
	struct partition_facts facts = {0};
	struct ask_reply reply;
	struct str short_name = name;

	if (!row)
		return ERR_NOMEM(e);
	row->name = arena_str(&c->kept, name);
	row->comparator = STR("");
	if (str_skip(&short_name, STR("pkg/")))
		row->comparator = str_of(ecosystem_comparator(short_name));
	if (!row->name.data || partition_sources(c, name, &row->feeds, &row->feed_count) < 0)
		return ERR_NOMEM(e);
	facts.name = row->name;
	facts.comparator = row->comparator;
	facts.feed_count = row->feed_count;
	facts.feeds = arena_alloc_array(&c->kept, row->feed_count, sizeof(*facts.feeds));
	if (!facts.feeds)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < row->feed_count; i++)
		facts.feeds[i] = row->feeds[i].name;
	if (c->asker->ask(c->asker->context, ASK_OUTPUT, STR("blob"), &reply, e) < 0)
		return -1;
	c->fd = reply.fd;
	return partition_writer_open(c->fd, &facts, &c->writer, e);
}

static int close_partition(struct core *c, struct err *e)
{
	struct index_partition *row;
	struct partition_result result;
	char text[DIGEST_TEXT];

	if (!c->writer)
		return 0;
	row = &c->rows.items[c->rows.count - 1];
	if (partition_writer_end(c->writer, &result, e) < 0)
		return err_wrap(e, "%.*s", STR_ARG(row->name));
	partition_writer_close(c->writer);
	c->writer = NULL;
	close(c->fd);
	c->fd = -1;
	row->digest = arena_str(&c->kept, str_of(digest_format(&result.digest, text)));
	memcpy(row->root, result.root.bytes, sizeof(row->root));
	row->size = result.size;
	row->records = result.records;
	return row->digest.data ? 0 : ERR_NOMEM(e);
}

/* The items gathered so far become the records of one key. */
static int end_group(struct core *c, struct err *e)
{
	struct group_records merged;
	size_t start = 0;

	if (c->ends.count == 0)
		return 0;
	c->group.items.count = 0;
	for (size_t i = 0; i < c->ends.count; i++) {
		struct sink_item *item = vec_push(&c->group.items);

		if (!item)
			return ERR_NOMEM(e);
		if (!sink_item_parse(str_sub(buf_str(&c->items), start, c->ends.items[i]), item))
			return err_set(e, ERR_INTERNAL, "damaged item");
		start = c->ends.items[i];
	}
	if (merge_group(&c->group, partition_writer_words(c->writer), &merged, e) < 0)
		return -1;
	if (merged.count &&
	    partition_writer_add(c->writer, buf_str(&c->key), merged.records, merged.count, e) < 0)
		return -1;
	arena_done(&c->arena);
	buf_clear(&c->items);
	c->ends.count = 0;
	return 0;
}

static int set_buf(struct buf *b, struct str s, struct err *e)
{
	buf_clear(b);
	buf_add(b, s);
	return buf_failed(b) ? ERR_NOMEM(e) : 0;
}

static int take_item(struct core *c, struct str bytes, struct err *e)
{
	struct sink_item item;
	bool same;
	size_t *end;

	if (!sink_item_parse(bytes, &item))
		return err_set(e, ERR_INTERNAL, "damaged item");
	same = c->writer && str_eq(item.partition, buf_str(&c->partition));
	if (!same || !str_eq(item.key, buf_str(&c->key))) {
		if (end_group(c, e) < 0 || set_buf(&c->key, item.key, e) < 0)
			return -1;
	}
	if (!same) {
		if (close_partition(c, e) < 0 || open_partition(c, item.partition, e) < 0 ||
		    set_buf(&c->partition, item.partition, e) < 0)
			return -1;
		c->group.kind = partition_kind_of(item.partition);
	}
	buf_add(&c->items, bytes);
	end = vec_push(&c->ends);
	if (!end || buf_failed(&c->items))
		return ERR_NOMEM(e);
	*end = c->items.len;
	return 0;
}

static int write_partitions(struct core *c, struct err *e)
{
	struct str item;
	int r;

	if (sorter_sort(c->sink.sorter, e) < 0)
		return -1;
	while ((r = sorter_next(c->sink.sorter, &item, e)) > 0)
		if (take_item(c, item, e) < 0)
			return -1;
	return r < 0 || end_group(c, e) < 0 || close_partition(c, e) < 0 ? -1 : 0;
}

/* --- the index --- */

static int by_input_name(const void *a, const void *b)
{
	return str_cmp(((const struct index_input *)a)->feed,
		       ((const struct index_input *)b)->feed);
}

static int fill_index(struct core *c, struct database_index *index, struct err *e)
{
	size_t count = c->sink.feeds.count;

	index->partitions = c->rows.items;
	index->partition_count = c->rows.count;
	index->inputs = arena_alloc_array(&c->kept, count, sizeof(*index->inputs));
	index->input_count = count;
	if (!index->inputs)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < count; i++) {
		const struct sink_feed *f = &c->sink.feeds.items[i];

		index->inputs[i] = (struct index_input){.feed = str_of(f->feed->name),
							.date = sink_feed_date(f, &c->kept),
							.records = f->records,
							.dropped = f->dropped,
							.left_out = f->left_out};
		if (!index->inputs[i].date.data)
			return ERR_NOMEM(e);
	}
	qsort(index->inputs, count, sizeof(*index->inputs), by_input_name);
	return 0;
}

static int write_text(struct core *c, struct str output, const struct buf *text, struct err *e)
{
	struct ask_reply reply;
	int r;

	if (buf_failed(text))
		return ERR_NOMEM(e);
	if (c->asker->ask(c->asker->context, ASK_OUTPUT, output, &reply, e) < 0)
		return -1;
	r = file_write_all(reply.fd, buf_str(text), e);
	close(reply.fd);
	return r;
}

static int write_index(struct core *c, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(buf_done) struct buf report = BUF_INIT;
	struct database_index index = {0};

	if (fill_index(c, &index, e) < 0)
		return -1;
	database_index_format(&index, &text);
	build_report(&c->sink, &index, c->request->list_max ? c->request->list_max : 10, &report);
	return write_text(c, STR("index"), &text, e) < 0 ||
			       write_text(c, STR("report"), &report, e) < 0
		       ? -1
		       : 0;
}

static int run(struct core *c, struct err *e)
{
	struct sorter_options sorter = {.memory = c->request->memory,
					.spill = ask_spill,
					.context = (void *)(uintptr_t)c->asker};

	if (sink_init(&c->sink, &sorter, &c->diags, e) < 0)
		return -1;
	for (size_t i = 0; i < c->request->input_count; i++)
		if (read_input(c, i, e) < 0)
			return -1;
	return write_partitions(c, e) < 0 || write_index(c, e) < 0 ? -1 : 0;
}

int build_core(const struct asker *asker, const struct build_request *request, struct err *e)
{
	struct core c = {.asker = asker, .request = request, .fd = -1};
	int r;

	c.group.arena = &c.arena;
	diags_init(&c.diags, NULL);
	r = run(&c, e);
	if (c.fd >= 0)
		close(c.fd);
	partition_writer_close(c.writer);
	sink_done(&c.sink);
	diags_done(&c.diags);
	vec_done(&c.ends);
	vec_done(&c.rows);
	vec_done(&c.group.items);
	buf_done(&c.partition);
	buf_done(&c.key);
	buf_done(&c.items);
	arena_done(&c.arena);
	arena_done(&c.kept);
	return r;
}
