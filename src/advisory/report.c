/*
 * What people read of a build.
 */
#include "advisory/core.h"
#include "advisory/manage.h"

static void feed_lines(const struct feed_sink *sink, const struct database_index *index,
		       struct buf *out)
{
	char a[32], b[32], c[32];

	buf_printf(out, "%-20s %12s %10s %9s  %s\n", "FEED", "RECORDS", "DROPPED", "LEFT OUT",
		   "NEWEST");
	for (size_t i = 0; i < index->input_count; i++) {
		const struct index_input *in = &index->inputs[i];

		buf_printf(out, "%-20.*s %12s %10s %9s  %.*s\n", STR_ARG(in->feed),
			   text_grouped(in->records, a), text_grouped(in->dropped, b),
			   text_grouped(in->left_out, c),
			   STR_ARG(in->date.len ? in->date : STR("unknown")));
	}
	for (size_t i = 0; i < sink->dropped.count; i++) {
		const struct dropped *d = &sink->dropped.items[i];

		buf_printf(out, "%s: %s dropped: %s\n", sink->feeds.items[d->feed].feed->name,
			   text_grouped(d->count, a), d->reason);
	}
}

static void left_out_lines(const struct feed_sink *sink, size_t list_max, struct buf *out)
{
	const struct diags *d = sink->diags;
	uint64_t total = d->per_code[DIAG_feed_record];
	size_t listed = d->list.count < list_max ? d->list.count : list_max;
	char room[32];

	for (size_t i = 0; i < listed; i++) {
		buf_add_cstr(out, "left out: ");
		buf_add_escaped(out, d->list.items[i].path);
		buf_add_cstr(out, ": ");
		buf_add(out, d->list.items[i].message);
		buf_add_char(out, '\n');
	}
	if (total > listed)
		buf_printf(out, "left out: %s more\n", text_grouped(total - listed, room));
}

void build_report(const struct feed_sink *sink, const struct database_index *index, size_t list_max,
		  struct buf *out)
{
	feed_lines(sink, index, out);
	left_out_lines(sink, list_max, out);
	partition_table(index, out);
}
