/*
 * Layers squashed and resolved without an image around them, for tests that make layers by the
 * hundred: layers [--folder] TAR... prints, one a line,
 *	F {a line of files --format json}
 *	P {a package}
 *	D {a diagnostic}
 *	O {the distribution}
 *	L {where a link leads}
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "../lib/feeder.h"
#include "text/json_write.h"

static struct str read_file(const char *path)
{
	struct err e = ERR_INIT;
	static struct arena arena;
	struct stream *s = NULL;
	struct str bytes = STR_NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		s = stream_open_fd(fd, true, 0, UINT64_MAX, &e);
	if (!s || stream_read_all(s, &arena, (size_t)1 << 32, &bytes, &e) < 0) {
		fprintf(stderr, "%s: cannot be read\n", path);
		exit(1);
	}
	stream_close(s);
	return bytes;
}

static int put_files(void *context, struct str bytes, struct err *e)
{
	struct str line;

	(void)context;
	(void)e;
	while (str_next_line(&bytes, &line))
		printf("F %.*s\n", (int)line.len, line.data);
	return 0;
}

static void put_object(char tag, struct json_writer *w, struct buf *b)
{
	struct err e = ERR_INIT;

	json_write_end(w);
	if (json_writer_end(w, &e) < 0) {
		fprintf(stderr, "%s\n", e.message);
		exit(1);
	}
	printf("%c %.*s\n", tag, (int)b->len, b->data);
	json_writer_done(w);
	buf_done(b);
}

static void put_package(const struct package *p)
{
	struct buf b = BUF_INIT;
	struct json_writer w;

	json_writer_init(&w, &b, 0);
	json_write_object(&w);
	json_write_member_cstr(&w, "type", package_type_name(p->type));
	json_write_member(&w, "name", p->name);
	json_write_member(&w, "version", p->version);
	json_write_member(&w, "arch", p->arch);
	json_write_member(&w, "source", p->source_name);
	json_write_member(&w, "source_version", p->source_version);
	if (p->license_count)
		json_write_member(&w, "license", p->licenses[0]);
	json_write_member_i64(&w, "layer", p->layer);
	json_write_member(&w, "path", p->location.path);
	json_write_member_i64(&w, "path_layer", p->location.layer);
	json_write_member_u64(&w, "line", p->location.line);
	put_object('P', &w, &b);
}

static void put_diag(const struct diag *d)
{
	struct buf b = BUF_INIT;
	struct json_writer w;

	json_writer_init(&w, &b, 0);
	json_write_object(&w);
	json_write_member_cstr(&w, "code", diag_name(d->code));
	json_write_member_cstr(&w, "class", diag_class_name(diag_class(d->code)));
	json_write_member_i64(&w, "layer", d->layer);
	json_write_member(&w, "path", d->path);
	json_write_member(&w, "message", d->message);
	put_object('D', &w, &b);
}

static void put_distro(const struct distro *d)
{
	struct buf b = BUF_INIT;
	struct json_writer w;

	json_writer_init(&w, &b, 0);
	json_write_object(&w);
	json_write_member(&w, "id", d->id);
	json_write_member(&w, "version", d->version_id);
	json_write_member(&w, "codename", d->codename);
	json_write_member(&w, "name", d->name);
	json_write_member(&w, "path", d->path);
	put_object('O', &w, &b);
}

static int put_link(void *context, const struct inventory_file *file, struct err *e)
{
	static const char *const kinds[] = {
		[FOUND_NOTHING] = "nothing", [FOUND_FILE] = "ok",	    [FOUND_FOLDER] = "ok",
		[FOUND_OTHER] = "ok",	     [FOUND_DANGLING] = "dangling", [FOUND_LOOP] = "loop",
	};
	struct feed *f = context;
	struct found found;
	struct buf b = BUF_INIT;
	struct json_writer w;

	if (file->type != ENTRY_SYMLINK)
		return 0;
	if (inventory_find(f->inv, file->path, -1, &found, e) < 0)
		return -1;
	json_writer_init(&w, &b, 0);
	json_write_object(&w);
	json_write_member(&w, "path", file->path);
	json_write_member_cstr(&w, "status", kinds[found.kind]);
	if (strcmp(kinds[found.kind], "ok") == 0)
		json_write_member(&w, "resolves_to", found.real);
	put_object('L', &w, &b);
	return 0;
}

int main(int argc, char **argv)
{
	static struct feed f;
	const struct package *packages;
	size_t count;
	bool folder = argc > 1 && strcmp(argv[1], "--folder") == 0;

	map_seed();
	feed_init(&f, true);
	if (folder)
		f.image.kind = IMAGE_DIRECTORY;
	for (int i = folder ? 2 : 1; i < argc; i++)
		if (feed_layer(&f, (struct layer_source){.tar = read_file(argv[i])}) < 0)
			fprintf(stderr, "%s: %s\n", argv[i], f.e.message);
	if (feed_build(&f) < 0 || inventory_write_files(f.inv, put_files, NULL, &f.e) < 0) {
		fprintf(stderr, "%s\n", f.e.message);
		return 1;
	}
	packages = inventory_packages(f.inv, &count);
	for (size_t i = 0; i < count; i++)
		put_package(&packages[i]);
	if (inventory_each_file(f.inv, put_link, &f, &f.e) < 0) {
		fprintf(stderr, "%s\n", f.e.message);
		return 1;
	}
	diags_sort(&f.diags);
	for (size_t i = 0; i < f.diags.list.count; i++)
		put_diag(&f.diags.list.items[i]);
	put_distro(inventory_distro(f.inv));
	feed_done(&f);
	return 0;
}
