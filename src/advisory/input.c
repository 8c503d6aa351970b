#include "advisory/input.h"

#include <unistd.h>

#include "advisory/writer.h"
#include "archive/tar.h"
#include "archive/zip.h"

/* Larger files, and archives of more, are no feeds. */
enum { NAME_MAX_BYTES = 4096, ZIP_WHOLE_MAX = 8 << 20 };
static const uint64_t FILE_BYTES_MAX = (uint64_t)16 << 30;

static bool is_wanted(const struct feed *feed, struct str path)
{
	return !feed->wants || feed->wants(path);
}

/* One file of the feed: `in` is not closed. */
static int read_one(struct stream *in, struct str path, int64_t time, const struct feed *feed,
		    struct feed_sink *sink, struct err *e)
{
	struct arena arena;
	struct feed_run run = {
		.feed = feed, .sink = sink, .path = path, .arena = &arena, .file_time = time};
	int r;

	arena_init(&arena, sink->arena.budget, 0);
	sink_file_time(sink, time);
	r = feed->read(&run, in, e);
	arena_done(&arena);
	return r < 0 ? err_wrap(e, "%.*s", STR_ARG(path)) : 0;
}

/* --- archives --- */

/* The content of the present member of a tar as a stream. */
struct member {
	struct stream stream;
	struct tar *tar;
};

static int member_next(struct stream *s, struct str *ret_chunk, struct err *e)
{
	return tar_read_chunk(((struct member *)s)->tar, ret_chunk, e);
}

static void member_close(struct stream *s)
{
	(void)s;
}

static const struct stream_ops member_ops = {
	.name = "tar member", .next = member_next, .close = member_close};

static int read_tar(struct stream *in, struct str path, const struct feed *feed,
		    struct feed_sink *sink, struct err *e)
{
	struct tar *tar = tar_open(in, &tar_options_default, e);
	struct tar_entry t;
	int r;

	if (!tar)
		return err_wrap(e, "%.*s", STR_ARG(path));
	while ((r = tar_next(tar, &t, e)) > 0) {
		struct member m = {.tar = tar};
		char name[NAME_MAX_BYTES];
		size_t len = t.entry.path.len < sizeof(name) ? t.entry.path.len : sizeof(name);

		if (t.entry.type != ENTRY_FILE || !is_wanted(feed, t.entry.path))
			continue;
		if (len)
			memcpy(name, t.entry.path.data, len); /* valid only until the next call */
		stream_init(&m.stream, &member_ops, 1);
		r = read_one(&m.stream, str_make(name, len), t.entry.mtime, feed, sink, e);
		stream_close(&m.stream);
		if (r < 0)
			break;
	}
	tar_close(tar);
	return r < 0 ? err_wrap(e, "%.*s", STR_ARG(path)) : 0;
}

/* Most records are small: read whole, which a stream for each would cost more than. */
static int read_zip_entry(struct zip *zip, const struct zip_entry *entry, struct buf *body,
			  const struct feed *feed, struct feed_sink *sink, struct err *e)
{
	struct stream *in;
	int r;

	if (entry->size > ZIP_WHOLE_MAX) {
		in = zip_open_body(zip, entry, e);
	} else {
		if (zip_read(zip, entry, ZIP_WHOLE_MAX, body, e) < 0)
			return err_wrap(e, "%.*s", STR_ARG(entry->name));
		in = stream_open_memory(buf_str(body), e);
	}
	if (!in)
		return err_wrap(e, "%.*s", STR_ARG(entry->name));
	r = read_one(in, entry->name, entry->time, feed, sink, e);
	stream_close(in);
	return r;
}

static int read_zip(struct stream *in, uint64_t size, struct str path, const struct feed *feed,
		    struct feed_sink *sink, struct err *e)
{
	struct zip_source source = zip_source_stream(in, size);
	struct zip_options options = zip_options_default;
	CLEANUP(buf_done) struct buf body = {.budget = sink->arena.budget};
	struct zip_entry entry;
	struct zip *zip;
	int r;

	if (!stream_is_random(in))
		return err_set(e, ERR_UNSUPPORTED, "%.*s: a zip must be a file that can seek",
			       STR_ARG(path));
	options.budget = sink->arena.budget;
	options.strict = true;
	zip = zip_open(&source, &options, e);
	if (!zip)
		return err_wrap(e, "%.*s", STR_ARG(path));
	while ((r = zip_next(zip, &entry, e)) > 0) {
		if (entry.folder || !is_wanted(feed, entry.name))
			continue;
		if (read_zip_entry(zip, &entry, &body, feed, sink, e) < 0) {
			r = -1;
			break;
		}
	}
	zip_close(zip);
	return r < 0 ? err_wrap(e, "%.*s", STR_ARG(path)) : 0;
}

/* --- files --- */

/* "all.json.gz" is "all.json" to the feed. */
static struct str without_suffix(struct str path, const struct codec *codec)
{
	struct str suffix = codec ? str_of(codec->suffix) : STR("");

	if (suffix.len && str_ends(path, suffix))
		path = str_to(path, path.len - suffix.len);
	return path;
}

static int read_decoded(struct stream *in, struct str path, int64_t time, const struct feed *feed,
			struct feed_sink *sink, struct err *e)
{
	const struct codec *codec = NULL;
	struct stream *s = stream_open_decoded(in, sink->arena.budget, &codec, e);
	struct str head;
	int r;

	if (!s)
		return err_wrap(e, "%.*s", STR_ARG(path));
	s = stream_open_limit(s, FILE_BYTES_MAX, e);
	if (!s)
		return -1;
	if (stream_peek(s, 512, &head, e) < 0)
		r = err_wrap(e, "%.*s", STR_ARG(path));
	else if (head.len == 512 && tar_probe(head))
		r = read_tar(s, path, feed, sink, e);
	else
		r = read_one(s, without_suffix(path, codec), time, feed, sink, e);
	stream_close(s);
	return r;
}

int input_read_stream(struct stream *in, uint64_t size, struct str path, int64_t time,
		      const struct feed *feed, struct feed_sink *sink, struct err *e)
{
	struct str head;
	int r;

	if (stream_peek(in, 4, &head, e) < 0) {
		r = err_wrap(e, "%.*s", STR_ARG(path));
	} else if (zip_probe(head)) {
		r = read_zip(in, size, path, feed, sink, e);
	} else {
		return read_decoded(in, path, time, feed, sink, e);
	}
	stream_close(in);
	return r;
}

static int64_t time_of(const struct ask_reply *reply)
{
	uint64_t seconds;

	return str_parse_u64(str_of(reply->text), &seconds) ? (int64_t)seconds : 0;
}

static int read_reply(const struct ask_reply *reply, struct str path, const struct feed *feed,
		      struct feed_sink *sink, struct err *e)
{
	struct stream *in = stream_open_fd(reply->fd, true, 0, UINT64_MAX, e);

	return in ? input_read_stream(in, reply->size, path, time_of(reply), feed, sink, e) : -1;
}

/* --- folders --- */

struct folder_read {
	const struct asker *asker;
	size_t number;
	const struct feed *feed;
	struct feed_sink *sink;
};

static int read_entry(struct folder_read *f, size_t i, struct str path, struct err *e)
{
	struct ask_reply reply;
	char name[48];

	if (!is_wanted(f->feed, path))
		return 0;
	snprintf(name, sizeof(name), "%zu/%zu", f->number, i);
	if (f->asker->ask(f->asker->context, ASK_FILE, str_of(name), &reply, e) < 0)
		return err_wrap(e, "%.*s", STR_ARG(path));
	return read_reply(&reply, path, f->feed, f->sink, e);
}

static int read_listing(struct folder_read *f, struct str listing, struct err *e)
{
	struct str item, time;

	for (size_t i = 0; str_next(&listing, '\0', &item); i++) {
		if (item.len == 0)
			break;
		if (str_next(&item, ' ', &time) && read_entry(f, i, item, e) < 0)
			return -1;
	}
	return 0;
}

static int read_folder(struct folder_read *f, const struct ask_reply *reply, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	int r = buf_reserve(&text, (size_t)reply->size + 1) ? 0 : ERR_NOMEM(e);

	if (r == 0)
		r = file_read_at(reply->fd, text.data, (size_t)reply->size, 0, e);
	close(reply->fd);
	if (r < 0)
		return -1;
	buf_used(&text, (size_t)reply->size);
	return read_listing(f, buf_str(&text), e);
}

int input_read(const struct asker *asker, size_t number, struct str path, const struct feed *feed,
	       struct feed_sink *sink, struct err *e)
{
	struct folder_read f = {asker, number, feed, sink};
	struct ask_reply reply;
	char name[24];

	snprintf(name, sizeof(name), "%zu", number);
	if (asker->ask(asker->context, ASK_LISTING, str_of(name), &reply, e) < 0)
		return -1;
	if (reply.fd >= 0)
		return read_folder(&f, &reply, e) < 0 ? err_wrap(e, "%.*s", STR_ARG(path)) : 0;
	if (asker->ask(asker->context, ASK_SOURCE, str_of(name), &reply, e) < 0)
		return -1;
	return read_reply(&reply, path, feed, sink, e);
}
