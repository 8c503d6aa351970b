/*
 * tool-dump_zip [--list] FILE: what archive/zip.h reads, as JSON lines, for differential tests.
 * Each body is read whole and as a stream; both must agree. --list reads no bodies.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "archive/zip.h"
#include "crypto/digest.h"

static void put_text(const char *key, struct str s)
{
	printf("\"%s\": \"", key);
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	printf("\", ");
}

static int digest_stream(struct stream *s, char text[DIGEST_TEXT], struct err *e)
{
	struct hasher *hasher = hasher_new(DIGEST_SHA256, e);
	struct digest digest;
	struct str chunk;
	int r;

	while ((r = stream_next(s, &chunk, e)) > 0)
		hasher_add(hasher, chunk);
	if (r == 0)
		r = hasher_end(hasher, &digest, e);
	if (r == 0)
		digest_format_hex(&digest, text);
	hasher_free(hasher);
	stream_close(s);
	return r;
}

static void put_body(struct zip *z, const struct zip_entry *entry)
{
	struct err e = ERR_INIT, e2 = ERR_INIT;
	char whole[DIGEST_TEXT] = "", streamed[DIGEST_TEXT] = "";
	struct buf body = BUF_INIT;
	struct digest digest;
	struct stream *s;

	if (zip_read(z, entry, 64 << 20, &body, &e) == 0 &&
	    digest_of(DIGEST_SHA256, buf_str(&body), &digest, &e) == 0)
		digest_format_hex(&digest, whole);
	buf_done(&body);
	s = zip_open_body(z, entry, &e2);
	if (s)
		digest_stream(s, streamed, &e2);
	printf("\"whole\": \"%s\", \"streamed\": \"%s\", ", whole, streamed);
	if (e.code != ERR_NONE)
		put_text("error", str_of(err_code_name(e.code)));
	if (e2.code != ERR_NONE)
		put_text("stream_error", str_of(err_code_name(e2.code)));
}

static void put_entry(struct zip *z, const struct zip_entry *entry, bool list)
{
	printf("{");
	put_text("name", entry->name);
	if (!list)
		put_body(z, entry);
	printf("\"method\": %u, \"size\": %llu, \"packed\": %llu, \"crc\": %u, \"mode\": %u, "
	       "\"time\": %lld, \"folder\": %d, \"symlink\": %d, \"encrypted\": %d, \"utf8\": "
	       "%d}\n",
	       entry->method, (unsigned long long)entry->size, (unsigned long long)entry->packed,
	       entry->crc, entry->mode, (long long)entry->time, entry->folder, entry->symlink,
	       entry->encrypted, entry->utf8);
}

static void put_end(const struct zip *z, const struct diags *diags, const struct err *e)
{
	printf("{\"end\": \"%s\", \"ambiguous\": %zu, ", err_code_name(e->code),
	       diags->per_code[DIAG_ambiguous_archive]);
	put_text("message", str_of(e->message));
	printf("\"count\": %lld, \"prefix\": %lld}\n", z ? (long long)zip_count(z) : -1,
	       z ? (long long)zip_prefix(z) : -1);
}

int main(int argc, char **argv)
{
	struct zip_options options = zip_options_default;
	bool list = argc == 3 && strcmp(argv[1], "--list") == 0;
	int fd = argc > 1 ? open(argv[argc - 1], O_RDONLY | O_CLOEXEC) : -1;
	struct err e = ERR_INIT;
	struct diags diags;
	struct zip_entry entry;
	struct zip_source source;
	struct stream *s;
	struct stat st;
	struct zip *z;

	if (fd < 0 || fstat(fd, &st) < 0 || crypto_init(&e) < 0)
		return 2;
	diags_init(&diags, NULL);
	options.diags = &diags;
	s = stream_open_fd(fd, true, 0, UINT64_MAX, &e);
	source = zip_source_stream(s, (uint64_t)st.st_size);
	z = zip_open(&source, &options, &e);
	while (z && zip_next(z, &entry, &e) > 0)
		put_entry(z, &entry, list);
	put_end(z, &diags, &e);
	zip_close(z);
	stream_close(s);
	diags_done(&diags);
	return 0;
}
