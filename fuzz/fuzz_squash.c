/*
 * Random layers squashed. Besides not falling over: a listing is sorted, every path of it is found
 * where it says, and the files of databases that were followed from layer to layer are those that a
 * look-up in each single image finds.
 *
 * Input: one byte an entry for what it is, then a path: bytes below NAMES pick a name, the others
 * end it; links have a second path.
 */
#include "base/cur.h"
#include "image/walk.h"
#include "inventory/inventory.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
	"var",	   "lib",     "dpkg",	      "status",	      "status.d",   "etc",
	"usr",	   "apk",     "db",	      "installed",    "os-release", "x",
	"..",	   ".",	      ".wh.dpkg",     ".wh.status",   ".wh.x",	    ".wh..wh..opq",
	".wh.var", ".wh.lib", ".wh.status.d", ".wh..wh.plnk", ".wh.",	    ".wh...",
	"pacman",  "local",   "x-1",	      "desc",	      ".wh.x-1",    ".wh.etc",
};
enum { NAMES = sizeof(names) / sizeof(*names), LAYERS_MAX = 12, DEPTH_MAX = 12, PATH_ROOM = 256 };

static const char *const contents[] = {
	"",
	"Package: a\nVersion: 1\n\n",
	"Package: a\nVersion: 2\n\nPackage: b\nVersion: 1\n",
	"P:c\nV:3\n\n",
	"ID=x\nVERSION_ID=1\n",
	"ID=y\n",
	"%NAME%\nx\n\n%VERSION%\n1\n",
};
enum { CONTENTS = sizeof(contents) / sizeof(*contents) };

struct made {
	struct budget budget;
	struct diags diags;
	struct inspect_run *run;
	struct image image;
	struct image_layer layers[LAYERS_MAX];
	struct str sources[LAYERS_MAX];
	struct inventory *inv;
};

static void need(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "squash: %s\n", what);
	abort();
}

/* A path of the input; `clean` leaves out what the walker would not hand on. */
static struct str take_path(struct cur *c, char out[PATH_ROOM], bool clean)
{
	size_t len = 0;

	for (int depth = 0; depth < DEPTH_MAX && cur_left(c); depth++) {
		uint8_t byte = cur_u8(c);
		const char *name = byte < NAMES ? names[byte] : NULL;

		if (byte == 0xfe && !clean && len == 0) {
			out[len++] = '/';
			continue;
		}
		if (!name)
			break;
		if (clean && (strcmp(name, "..") == 0 || strcmp(name, ".") == 0))
			continue;
		len += (size_t)snprintf(out + len, PATH_ROOM - len, "%s%s",
					len && out[len - 1] != '/' ? "/" : "", name);
	}
	return str_make(out, len);
}

static int feed_entry(struct cur *c, const struct layer_visitor *v, size_t task,
		      const struct wanted *wanted, struct err *e)
{
	static const enum entry_type types[] = {
		ENTRY_FILE,    ENTRY_FILE, ENTRY_DIR,	   ENTRY_DIR,  ENTRY_SYMLINK,
		ENTRY_SYMLINK, ENTRY_FILE, ENTRY_HARDLINK, ENTRY_CHAR, ENTRY_FIFO};
	char path[PATH_ROOM], link[PATH_ROOM];
	uint8_t what = cur_u8(c);
	struct entry entry = {.type = types[what % 10], .mode = what};
	struct body body;

	entry.path = take_path(c, path, true);
	if (entry.type == ENTRY_SYMLINK || entry.type == ENTRY_HARDLINK)
		entry.link = take_path(c, link, entry.type == ENTRY_HARDLINK);
	body_init_memory(&body, entry.type == ENTRY_FILE ? str_of(contents[what / 10 % CONTENTS])
							 : STR_NULL);
	entry.size = body.size;
	if (wanted && !wanted_has(wanted, entry.path))
		return 0;
	return v->entry(v->context, task, &entry, &body, e);
}

static int feed(struct str source, const struct layer_visitor *v, size_t task,
		const struct wanted *wanted, struct err *e)
{
	struct cur c = cur_of(source);
	int r = v->begin(v->context, task, e);

	while (r == 0 && cur_left(&c))
		r = feed_entry(&c, v, task, wanted, e);
	v->end(v->context, task, r == 0);
	return r;
}

static int again(struct image *image, int index, const struct str *paths, size_t count,
		 const struct layer_visitor *v, struct err *e)
{
	struct made *m = image->source;
	const struct wanted wanted = {paths, count};

	return feed(m->sources[index], v, 99, &wanted, e);
}

struct check {
	struct made *m;
	struct buf last;
};

static int check_file(void *context, const struct inventory_file *f, struct err *e)
{
	struct check *k = context;
	struct found found;
	char path[PATH_ROOM];
	size_t len = f->path.len < sizeof(path) ? f->path.len : sizeof(path);

	need(str_cmp(buf_str(&k->last), f->path) < 0, "the listing is not sorted");
	buf_clear(&k->last);
	buf_add(&k->last, f->path);
	if (f->path.len >= sizeof(path))
		return 0;
	memcpy(path, f->path.data, len);
	need(inventory_find(k->m->inv, str_make(path, len), -1, &found, e) == 0, e->message);
	if (f->type == ENTRY_DIR)
		need(found.kind == FOUND_FOLDER, "a listed folder is not found");
	else if (f->type == ENTRY_FILE)
		need(found.kind == FOUND_FILE && found.layer == f->layer && found.links == 0,
		     "a listed file is not found");
	else if (f->type == ENTRY_CHAR || f->type == ENTRY_FIFO)
		need(found.kind == FOUND_OTHER, "a listed device is not found");
	return 0;
}

/* Is the file what the image after each of its layers shows, and no longer? */
static void check_database(struct made *m, const struct database_file *f)
{
	int layers = inventory_layer_count(m->inv);
	struct found found;
	struct err e = ERR_INIT;

	if (getenv("SQUASH_TRACE"))
		fprintf(stderr, "%.*s: layer %d entry %u, images %d to %d, really %.*s\n",
			STR_ARG(f->path), f->layer, f->entry, f->first, f->last, STR_ARG(f->real));
	need(f->first >= 0 && f->first <= f->last && f->last < layers, "an odd interval");
	for (int i = f->first; i <= f->last; i++) {
		need(inventory_find(m->inv, f->path, i, &found, &e) == 0, e.message);
		need(found.kind == FOUND_FILE && found.layer == f->layer && found.entry == f->entry,
		     "a database does not stand where it should");
	}
	for (int i = f->first - 1; i <= f->last + 1; i += f->last + 2 - f->first) {
		if (i < 0 || i >= layers)
			continue;
		need(inventory_find(m->inv, f->path, i, &found, &e) == 0, e.message);
		need(found.kind != FOUND_FILE || found.layer != f->layer || found.entry != f->entry,
		     "a database stands longer than it should");
	}
}

/* Every wanted file that a look-up finds was followed. */
static void check_found(struct made *m, const struct inspector *by, const char *path)
{
	size_t count;
	const struct database_file *files = inventory_databases(m->inv, by, &count);
	struct err e = ERR_INIT;

	for (int i = 0; i < inventory_layer_count(m->inv); i++) {
		struct found found;
		bool met = false;

		need(inventory_find(m->inv, str_of(path), i, &found, &e) == 0, e.message);
		if (found.kind != FOUND_FILE)
			continue;
		for (size_t n = 0; n < count; n++)
			met |= str_is(files[n].path, path) && files[n].first <= i &&
			       i <= files[n].last && files[n].layer == found.layer &&
			       files[n].entry == found.entry;
		need(met, "a database was not followed");
	}
}

static void check_all(struct made *m)
{
	static const char *const paths[] = {
		"var/lib/dpkg/status",	"var/lib/dpkg/status.d/x", "var/lib/dpkg/status.d/lib",
		"lib/apk/db/installed", "etc/os-release",	   "var/lib/pacman/local/x-1/desc",
		"usr/lib/os-release",	"usr/lib/apk/db/installed"};
	static const char *const by[] = {"dpkg",   "dpkg",   "dpkg",   "apk",
					 "distro", "pacman", "distro", "apk"};
	struct check k = {.m = m};
	struct err e = ERR_INIT;
	size_t count;

	need(inventory_each_file(m->inv, check_file, &k, &e) == 0, e.message);
	buf_done(&k.last);
	for (size_t i = 0; inspectors[i]; i++) {
		const struct database_file *f = inventory_databases(m->inv, inspectors[i], &count);

		for (size_t n = 0; n < count; n++)
			check_database(m, &f[n]);
	}
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		check_found(m, inspector_find(str_of(by[i])), paths[i]);
}

static int put_nothing(void *context, struct str bytes, struct err *e)
{
	(void)context;
	(void)bytes;
	(void)e;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct made m = {.budget = {.bytes_max = 256 << 20}};
	struct inspect_options options = {.details = true, .budget = &m.budget};
	struct str rest = str_make(data, size), part;
	struct layer_visitor v;
	struct err e = ERR_INIT;

	if (size == 0)
		return 0;
	diags_init(&m.diags, &m.budget);
	m.run = inspect_run_new(&options, &e);
	need(m.run != NULL, "no run");
	v = inspect_visitor(m.run);
	m.image = (struct image){.kind = data[0] == 'd' ? IMAGE_DIRECTORY : IMAGE_OCI_ARCHIVE,
				 .layers = m.layers,
				 .source = &m};
	while (m.image.layer_count < LAYERS_MAX && str_next(&rest, (char)0xff, &part)) {
		size_t i = m.image.layer_count++;

		m.sources[i] = part;
		m.layers[i] = (struct image_layer){.index = (int)i, .task = i};
		feed(part, &v, i, NULL, &e);
	}
	need(inventory_build(&(struct inventory_options){.image = &m.image,
							 .run = m.run,
							 .again = again,
							 .keep_files = data[0] != 'f',
							 .budget = &m.budget,
							 .diags = &m.diags},
			     &m.inv, &e) == 0,
	     e.message);
	if (data[0] != 'f')
		check_all(&m);
	need((data[0] == 'f') == (inventory_write_files(m.inv, put_nothing, NULL, &e) < 0),
	     e.message);
	inventory_free(m.inv);
	inspect_run_free(m.run);
	diags_done(&m.diags);
	need(m.budget.bytes == 0, "memory is still charged");
	return 0;
}
