/*
 * Telling the forms apart: after decompression, a tar header is tar, a brace first is JSON lines,
 * all else is a Dockerfile.
 */
#include "dockerfile/corpus.h"

#include <stdio.h>

#include "archive/tar.h"
#include "dockerfile/lint_files.h"
#include "text/json.h"
#include "text/lines.h"

struct corpus {
	const struct corpus_sink *sink;
	struct str name;
	struct budget *budget;
	struct buf text; /* of the item at hand */
	struct buf item_name;
};

static void tell_gap(struct corpus *c, const char *where, const char *why)
{
	char text[1024];

	snprintf(text, sizeof(text), "%.*s%s: %s", STR_ARG(c->name), where, why);
	c->sink->gap(c->sink->context, text);
}

/* --- JSON lines --- */

enum line_kind { LINE_OTHER, LINE_TREE, LINE_TEXT };

/* Keys of a row: "text" makes it a Dockerfile, "type" a tree. */
static int read_row(struct corpus *c, struct json *j, enum line_kind *kind, struct err *e)
{
	struct str key, value;
	int r;

	if (json_expect(j, JSON_OBJECT, e) < 0)
		return -1;
	while ((r = json_next_key(j, &key, e)) > 0) {
		if (str_is(key, "type")) {
			*kind = LINE_TREE;
			return 0;
		}
		if (str_is(key, "text")) {
			if (json_expect_string(j, &value, e) < 0)
				return -1;
			buf_clear(&c->text);
			buf_add(&c->text, value);
			*kind = LINE_TEXT;
		} else if (str_is(key, "path") || str_is(key, "repo")) {
			bool is_path = str_is(key, "path");

			if (json_expect_string(j, &value, e) < 0)
				return -1;
			if (is_path && c->item_name.len)
				buf_add_char(&c->item_name, '/');
			buf_add(&c->item_name, value);
		} else if (json_skip_value(j, e) < 0) {
			return -1;
		}
	}
	return r < 0 ? -1 : json_expect(j, JSON_END, e);
}

static int read_line(struct corpus *c, struct str line, struct err *e)
{
	const struct json_options options = {
		.replace_invalid = true, .token_max = CORPUS_ITEM_MAX, .depth_max = JSON_DEPTH_MAX};
	enum line_kind kind = LINE_OTHER;
	struct json j;
	int r;

	buf_clear(&c->item_name);
	json_init_slice(&j, line, &options);
	r = read_row(c, &j, &kind, e);
	json_done(&j);
	if (r < 0)
		return -1;
	if (kind == LINE_TREE)
		return c->sink->tree(c->sink->context, line, e);
	if (kind == LINE_OTHER)
		return err_set(e, ERR_FORMAT, "neither a tree (type) nor a Dockerfile (text)");
	if (buf_failed(&c->text) || buf_failed(&c->item_name))
		return ERR_NOMEM(e);
	return c->sink->text(c->sink->context, buf_str(&c->item_name), buf_str(&c->text), e);
}

static bool is_only_a_gap(const struct err *e)
{
	return e->code == ERR_FORMAT || e->code == ERR_TRUNCATED || e->code == ERR_LIMIT;
}

static int read_chunk_lines(struct corpus *c, struct lines *l, struct err *e)
{
	struct str line;
	char where[48];
	int r;

	while ((r = lines_next(l, &line, e)) > 0) {
		snprintf(where, sizeof(where), ", line %llu", (unsigned long long)l->line);
		if (r == LINES_TOO_LONG) {
			tell_gap(c, where, "the line is too long");
			continue;
		}
		if (!str_trim(line).len || read_line(c, line, e) >= 0)
			continue;
		if (!is_only_a_gap(e))
			return -1;
		tell_gap(c, where, e->message);
		*e = ERR_INIT;
	}
	return r;
}

static int read_lines(struct corpus *c, struct stream *s, struct err *e)
{
	struct lines l;
	struct str chunk;
	int r;

	lines_init(&l, CORPUS_ITEM_MAX, c->budget);
	while ((r = stream_next(s, &chunk, e)) > 0) {
		lines_feed(&l, chunk);
		if (read_chunk_lines(c, &l, e) < 0)
			break;
	}
	if (r == 0) {
		lines_feed_end(&l);
		r = read_chunk_lines(c, &l, e);
	} else {
		r = -1;
	}
	lines_done(&l);
	return r;
}

/* --- tar --- */

static struct str base_name(struct str path)
{
	ptrdiff_t slash = str_find_last_char(path, '/');

	return slash < 0 ? path : str_from(path, (size_t)slash + 1);
}

static int read_member(struct corpus *c, struct tar *t, struct str name, struct err *e)
{
	struct str chunk;
	int r;

	buf_clear(&c->text);
	while ((r = tar_read_chunk(t, &chunk, e)) > 0) {
		if (c->text.len + chunk.len > CORPUS_ITEM_MAX) {
			tell_gap(c, "", "a member is too long");
			return 0;
		}
		buf_add(&c->text, chunk);
	}
	if (r < 0)
		return -1;
	if (buf_failed(&c->text) || buf_failed(&c->item_name))
		return ERR_NOMEM(e);
	return c->sink->text(c->sink->context, name, buf_str(&c->text), e);
}

static int read_tar(struct corpus *c, struct stream *s, struct err *e)
{
	struct tar_options options = tar_options_default;
	struct tar_entry entry;
	struct tar *t;
	int r;

	options.budget = c->budget;
	t = tar_open(s, &options, e);
	if (!t)
		return -1;
	while ((r = tar_next(t, &entry, e)) > 0) {
		if (entry.entry.type != ENTRY_FILE || !lint_file_name(base_name(entry.entry.path)))
			continue;
		buf_clear(&c->item_name);
		buf_add(&c->item_name, entry.entry.path);
		if (read_member(c, t, buf_str(&c->item_name), e) < 0) {
			r = -1;
			break;
		}
	}
	tar_close(t);
	return r;
}

/* --- one file --- */

static int read_file(struct corpus *c, struct stream *s, struct err *e)
{
	struct str chunk;
	int r;

	while ((r = stream_next(s, &chunk, e)) > 0) {
		if (c->text.len + chunk.len > CORPUS_ITEM_MAX)
			return err_set(e, ERR_LIMIT, "more than %d bytes", CORPUS_ITEM_MAX);
		buf_add(&c->text, chunk);
	}
	if (r < 0)
		return -1;
	if (buf_failed(&c->text))
		return ERR_NOMEM(e);
	return c->sink->text(c->sink->context, c->name, buf_str(&c->text), e);
}

static int read_any(struct corpus *c, struct stream *s, struct err *e)
{
	struct str head, text;

	if (stream_peek(s, STREAM_PEEK, &head, e) < 0)
		return -1;
	if (tar_probe(head))
		return read_tar(c, s, e);
	text = str_trim(head);
	if (text.len && text.data[0] == '{')
		return read_lines(c, s, e);
	return read_file(c, s, e);
}

int corpus_read(struct stream *s, struct str name, const struct corpus_sink *sink,
		struct budget *budget, struct err *e)
{
	struct corpus c = {.sink = sink, .name = name, .budget = budget};
	int r;

	s = stream_open_decoded(s, budget, NULL, e);
	if (!s)
		return -1;
	r = read_any(&c, s, e);
	stream_close(s);
	buf_done(&c.text);
	buf_done(&c.item_name);
	return r;
}
