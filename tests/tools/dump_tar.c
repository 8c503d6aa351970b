/*
 * tool-dump_tar [--chunk N] [--skip] FILE: what archive/tar.h reads, as JSON lines, for
 * differential tests. One line an entry, then one with the end or the error, then one with the
 * oddities. With --chunk the archive comes in chunks of N bytes that die at once; with --skip
 * bodies are not read.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "archive/tar.h"
#include "crypto/digest.h"
#include "../lib/tiny.h"

/* All of a descriptor, kept to the end. */
static struct str read_file(int fd)
{
	static char *all;
	size_t len = 0, room = 1 << 20;
	ssize_t n;

	all = malloc(room);
	while (all && (n = read(fd, all + len, room - len)) > 0) {
		len += (size_t)n;
		if (len == room)
			all = realloc(all, room *= 2);
	}
	return str_make(all, len);
}

static void put_text(const char *key, struct str s)
{
	printf("\"%s\": \"", key);
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		/* latin-1: each byte is one character for the reader */
		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	printf("\", ");
}

static int put_content(struct tar *t, struct err *e)
{
	struct hasher *hasher = hasher_new(DIGEST_SHA256, e);
	char text[DIGEST_TEXT];
	struct digest digest;
	uint64_t len = 0;
	struct str chunk;
	int r;

	while ((r = tar_read_chunk(t, &chunk, e)) > 0) {
		hasher_add(hasher, chunk);
		len += chunk.len;
	}
	if (r == 0 && hasher_end(hasher, &digest, e) == 0)
		printf("\"read\": %llu, \"sha256\": \"%s\", ", (unsigned long long)len,
		       digest_format_hex(&digest, text));
	hasher_free(hasher);
	return r;
}

static int put_entry(struct tar *t, const struct tar_entry *entry, bool skip, struct err *e)
{
	const struct entry *in = &entry->entry;
	int r;

	printf("{");
	put_text("path", in->path);
	put_text("raw", entry->raw_path);
	put_text("link", in->link);
	put_text("raw_link", entry->raw_link);
	put_text("capability", entry->capability);
	printf("\"type\": \"%s\", \"flag\": %d, \"mode\": %u, \"uid\": %u, \"gid\": %u, ",
	       entry_type_name(in->type), (unsigned char)entry->type, in->mode, in->uid, in->gid);
	printf("\"major\": %u, \"minor\": %u, \"size\": %llu, \"mtime\": %lld, ", in->dev_major,
	       in->dev_minor, (unsigned long long)in->size, (long long)in->mtime);
	printf("\"sparse\": %d, \"pax\": %d, \"dotdot\": %d, \"xattrs\": %d, ", entry->sparse,
	       entry->pax, entry->dotdot, entry->xattrs);
	r = skip ? 0 : put_content(t, e);
	printf("\"offset\": %llu}\n", (unsigned long long)in->offset);
	return r;
}

static int dump(struct tar *t, bool skip, struct err *e)
{
	struct tar_entry entry;
	struct tar_end end;
	int r;

	while ((r = tar_next(t, &entry, e)) > 0)
		if (put_entry(t, &entry, skip, e) < 0)
			return -1;
	if (r < 0 || tar_finish(t, &end, e) < 0)
		return -1;
	printf("{\"end\": {\"marker\": %d, \"offset\": %llu, \"trailing\": %llu, \"nonzero\": "
	       "%lld, "
	       "\"only_stargz_index\": %d}}\n",
	       end.marker, (unsigned long long)end.offset, (unsigned long long)end.trailing,
	       (long long)end.nonzero, end.only_stargz_index);
	return 0;
}

int main(int argc, char **argv)
{
	struct tar_options options = tar_options_default;
	struct err e = ERR_INIT;
	size_t chunk = 0;
	bool skip = false;
	struct stream *s;
	struct tar *t;
	int i = 1, fd;

	for (; i + 1 < argc; i++) {
		if (strcmp(argv[i], "--chunk") == 0)
			chunk = strtoul(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--skip") == 0)
			skip = true;
	}
	if (i >= argc || crypto_init(&e) < 0)
		return 2;
	fd = open(argv[i], O_RDONLY | O_CLOEXEC);
	s = chunk ? tiny_open(read_file(fd), chunk) : stream_open_fd(fd, true, 0, UINT64_MAX, &e);
	t = s ? tar_open(s, &options, &e) : NULL;
	if (!t) {
		fprintf(stderr, "dump_tar: %s\n", e.message);
		return 2;
	}
	if (dump(t, skip, &e) < 0) {
		printf("{\"error\": \"%s\", ", err_code_name(e.code));
		put_text("message", str_of(e.message));
		printf("\"at\": %llu}\n", (unsigned long long)tar_offset(t));
	}
	printf("{\"odd\": {");
	for (int odd = 0, n = 0; odd < TAR_ODDITIES; odd++)
		if (tar_oddity_count(t, odd))
			printf("%s\"%s\": %zu", n++ ? ", " : "", tar_oddity_name(odd),
			       tar_oddity_count(t, odd));
	printf("}}\n");
	tar_close(t);
	stream_close(s);
	return 0;
}
