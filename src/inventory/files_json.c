/*
 * `files --format json`: one object a line (REPORT).
 */
#include <stdio.h>

#include "inventory/inventory.h"
#include "text/json_write.h"

enum { PIECE = 1 << 16 };

struct lines_out {
	struct buf buf;
	int (*sink)(void *context, struct str bytes, struct err *e);
	void *context;
};

static void add_base64(struct str s, struct buf *out)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < s.len; i += 3) {
		struct str part = str_sub(s, i, i + 3);
		uint32_t bits = 0;

		for (size_t n = 0; n < 3; n++)
			bits = bits << 8 | (n < part.len ? (uint8_t)part.data[n] : 0);
		for (size_t n = 0; n < 4; n++)
			buf_add_char(out, n <= part.len ? letters[bits >> (18 - 6 * n) & 63] : '=');
	}
}

/* The text, and its very bytes where they are not UTF-8. */
static void write_path(struct json_writer *w, const char *key, const char *raw_key, struct str path)
{
	CLEANUP(buf_done) struct buf raw = BUF_INIT;

	json_write_member(w, key, path);
	if (str_is_utf8(path))
		return;
	add_base64(path, &raw);
	json_write_member(w, raw_key, buf_str(&raw));
}

static void write_content(struct json_writer *w, const struct inventory_file *f)
{
	char hex[2 * sizeof(f->sha256->bytes) + 1];

	json_write_member_u64(w, "size", f->size);
	if (!f->sha256)
		return;
	for (size_t i = 0; i < sizeof(f->sha256->bytes); i++)
		snprintf(hex + 2 * i, 3, "%02x", f->sha256->bytes[i]);
	json_write_member_cstr(w, "sha256", hex);
}

static int write_line(void *context, const struct inventory_file *f, struct err *e)
{
	struct lines_out *out = context;
	struct json_writer w;
	char mode[8];

	snprintf(mode, sizeof(mode), "%04o", f->mode);
	json_writer_init(&w, &out->buf, 0);
	json_write_object(&w);
	write_path(&w, "path", "path_raw", f->path);
	json_write_member_cstr(&w, "type", entry_type_name(f->type));
	json_write_member_cstr(&w, "mode", mode);
	json_write_member_u64(&w, "uid", f->uid);
	json_write_member_u64(&w, "gid", f->gid);
	if (f->type == ENTRY_FILE || f->type == ENTRY_HARDLINK)
		write_content(&w, f);
	if (f->type == ENTRY_SYMLINK || f->type == ENTRY_HARDLINK)
		write_path(&w, "link", "link_raw", f->link);
	json_write_member_i64(&w, "layer", f->layer);
	json_write_end(&w);
	if (json_writer_end(&w, e) < 0)
		return -1;
	json_writer_done(&w);
	buf_add_char(&out->buf, '\n');
	if (buf_failed(&out->buf))
		return ERR_NOMEM(e);
	if (out->buf.len < PIECE)
		return 0;
	if (out->sink(out->context, buf_str(&out->buf), e) < 0)
		return -1;
	buf_clear(&out->buf);
	return 0;
}

int inventory_write_files(struct inventory *inv,
			  int (*sink)(void *context, struct str bytes, struct err *e),
			  void *context, struct err *e)
{
	struct lines_out out = {.sink = sink, .context = context};
	int r = inventory_each_file(inv, write_line, &out, e);

	if (r == 0 && out.buf.len)
		r = sink(context, buf_str(&out.buf), e);
	buf_done(&out.buf);
	return r;
}
