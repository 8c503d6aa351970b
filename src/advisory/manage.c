#include "advisory/manage.h"

#include "base/date.h"
#include "text/json_write.h"

enum { DAY_SECONDS = 86400 };

const char *text_grouped(uint64_t n, char room[32])
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n), out = 0;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			room[out++] = ',';
		room[out++] = digits[i];
	}
	room[out] = '\0';
	return room;
}

const char *text_bytes(uint64_t n, char room[32])
{
	if (n < 10 * 1024)
		snprintf(room, 32, "%llu B", (unsigned long long)n);
	else if (n < 10 * 1024 * 1024)
		snprintf(room, 32, "%llu KiB", (unsigned long long)(n + 512) / 1024);
	else
		snprintf(room, 32, "%llu MiB", (unsigned long long)(n + (1 << 19)) >> 20);
	return room;
}

void partition_table(const struct database_index *index, struct buf *out)
{
	uint64_t size = 0, records = 0;
	char a[32], b[32];

	buf_printf(out, "%-32s %12s %10s  %s\n", "PARTITION", "RECORDS", "SIZE", "FEEDS");
	for (size_t i = 0; i < index->partition_count; i++) {
		const struct index_partition *p = &index->partitions[i];

		buf_printf(out, "%-32.*s %12s %10s ", STR_ARG(p->name), text_grouped(p->records, a),
			   text_bytes(p->size, b));
		for (size_t k = 0; k < p->feed_count; k++)
			buf_printf(out, "%s %.*s%s%.*s", k ? "," : "", STR_ARG(p->feeds[k].name),
				   p->feeds[k].date.len ? " " : "", STR_ARG(p->feeds[k].date));
		buf_add_char(out, '\n');
		size += p->size;
		records += p->records;
	}
	buf_printf(out, "%zu partitions, %s records, %s\n", index->partition_count,
		   text_grouped(records, a), text_bytes(size, b));
}

/* --- status --- */

/* Days from a date to now; -1 when the date is not known. */
static int64_t age(struct str date, int64_t now)
{
	int64_t then;

	if (!date_parse(date, &then))
		return -1;
	return now > then ? (now - then) / DAY_SECONDS : 0;
}

static struct str newest(const struct database_index *index)
{
	struct str date = STR("");

	for (size_t i = 0; i < index->input_count; i++)
		if (str_cmp(index->inputs[i].date, date) > 0)
			date = index->inputs[i].date;
	return date;
}

static void age_text(int64_t days, struct buf *out)
{
	if (days < 0)
		buf_add_cstr(out, "unknown");
	else
		buf_printf(out, "%lld day%s", (long long)days, days == 1 ? "" : "s");
}

static void feed_table(const struct database_index *index, int64_t now, struct buf *out)
{
	char a[32], b[32], c[32];

	buf_printf(out, "%-20s %12s %10s %9s  %-12s AGE\n", "FEED", "RECORDS", "DROPPED",
		   "LEFT OUT", "NEWEST");
	for (size_t i = 0; i < index->input_count; i++) {
		const struct index_input *in = &index->inputs[i];

		buf_printf(out, "%-20.*s %12s %10s %9s  %-12.*s ", STR_ARG(in->feed),
			   text_grouped(in->records, a), text_grouped(in->dropped, b),
			   text_grouped(in->left_out, c),
			   STR_ARG(in->date.len ? in->date : STR("unknown")));
		age_text(age(in->date, now), out);
		buf_add_char(out, '\n');
	}
}

int db_status(const char *path, int64_t now, struct buf *out, struct err *e)
{
	struct database_folder *f;
	const struct database_index *index;
	struct str date;

	if (database_folder_open(path, &f, e) < 0)
		return -1;
	index = database_folder_index(f);
	date = newest(index);
	buf_printf(out, "%s\n", path);
	buf_printf(out, "database of %.*s, age ", STR_ARG(date.len ? date : STR("unknown date")));
	age_text(age(date, now), out);
	buf_add_cstr(out, "\n\n");
	feed_table(index, now, out);
	buf_add_char(out, '\n');
	partition_table(index, out);
	database_folder_close(f);
	return buf_failed(out) ? ERR_NOMEM(e) : 0;
}

static void member(struct json_writer *w, const char *key, struct str value)
{
	json_write_key(w, str_of(key));
	json_write_string(w, value);
}

static void number(struct json_writer *w, const char *key, uint64_t value)
{
	json_write_key(w, str_of(key));
	json_write_u64(w, value);
}

static void date_members(struct json_writer *w, struct str date, int64_t now)
{
	int64_t days = age(date, now);

	member(w, "date", date);
	if (days >= 0)
		number(w, "age_days", (uint64_t)days);
}

static void input_json(struct json_writer *w, const struct index_input *in, int64_t now)
{
	json_write_object(w);
	member(w, "name", in->feed);
	date_members(w, in->date, now);
	number(w, "records", in->records);
	number(w, "dropped", in->dropped);
	number(w, "left_out", in->left_out);
	json_write_end(w);
}

static void partition_json(struct json_writer *w, const struct index_partition *p)
{
	json_write_object(w);
	member(w, "name", p->name);
	member(w, "digest", p->digest);
	number(w, "size", p->size);
	number(w, "records", p->records);
	member(w, "comparator", p->comparator);
	json_write_key(w, STR("feeds"));
	json_write_array(w);
	for (size_t i = 0; i < p->feed_count; i++) {
		json_write_object(w);
		member(w, "name", p->feeds[i].name);
		member(w, "date", p->feeds[i].date);
		json_write_end(w);
	}
	json_write_end(w);
	json_write_end(w);
}

int db_status_json(const char *path, int64_t now, struct buf *out, struct err *e)
{
	struct database_folder *f;
	const struct database_index *index;
	struct json_writer w;
	int r;

	if (database_folder_open(path, &f, e) < 0)
		return -1;
	index = database_folder_index(f);
	json_writer_init(&w, out, 2);
	json_write_object(&w);
	member(&w, "path", str_of(path));
	date_members(&w, newest(index), now);
	json_write_key(&w, STR("feeds"));
	json_write_array(&w);
	for (size_t i = 0; i < index->input_count; i++)
		input_json(&w, &index->inputs[i], now);
	json_write_end(&w);
	json_write_key(&w, STR("partitions"));
	json_write_array(&w);
	for (size_t i = 0; i < index->partition_count; i++)
		partition_json(&w, &index->partitions[i]);
	json_write_end(&w);
	json_write_end(&w);
	r = json_writer_end(&w, e);
	json_writer_done(&w);
	database_folder_close(f);
	return r;
}

/* --- verify --- */

static int verify_one(struct database_folder *f, const struct index_partition *row, struct err *e)
{
	struct partition *p;
	struct digest digest;
	char text[DIGEST_TEXT];
	int r;

	if (database_folder_partition(f, row->name, NULL, &p, e) < 0)
		return -1;
	r = partition_verify(p, &digest, e);
	if (r == 0 && !str_is(row->digest, digest_format(&digest, text)))
		r = err_set(e, ERR_DIGEST, "%.*s: differs from the digest in the index",
			    STR_ARG(row->name));
	if (r == 0 && partition_records(p) != row->records)
		r = err_set(e, ERR_FORMAT,
			    "%.*s: holds another number of records than the index says",
			    STR_ARG(row->name));
	partition_close(p);
	return r;
}

int db_verify(const char *path, struct buf *out, struct err *e)
{
	const struct database_index *index;
	struct database_folder *f;
	struct err first = ERR_INIT;
	size_t damaged = 0;
	char room[32];

	if (crypto_init(e) < 0 || database_folder_open(path, &f, e) < 0)
		return -1;
	index = database_folder_index(f);
	for (size_t i = 0; i < index->partition_count; i++) {
		const struct index_partition *row = &index->partitions[i];
		struct err why = ERR_INIT;

		if (verify_one(f, row, &why) == 0) {
			buf_printf(out, "ok       %-32.*s %s records\n", STR_ARG(row->name),
				   text_grouped(row->records, room));
			continue;
		}
		buf_printf(out, "DAMAGED  %-32.*s %s\n", STR_ARG(row->name), why.message);
		if (damaged++ == 0)
			first = why;
	}
	if (damaged) {
		err_set(e, ERR_DIGEST, "%s: %zu of %zu partitions are damaged: %s", path, damaged,
			index->partition_count, first.message);
		err_hint(e, "plimsoll db update");
	}
	database_folder_close(f);
	if (damaged)
		return -1;
	return buf_failed(out) ? ERR_NOMEM(e) : 0;
}
