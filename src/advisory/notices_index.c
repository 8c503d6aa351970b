#include "advisory/notices_index.h"

#include "advisory/changelog.h"
#include "text/deb822.h"
#include "version/comparator.h"

/* " HEX SIZE NAME" */
/* Names of an archive are printable and have no blank. */
static bool is_plain(struct str path)
{
	for (size_t i = 0; i < path.len; i++) {
		if ((unsigned char)path.data[i] <= ' ' || path.data[i] == 0x7f)
			return false;
	}
	return true;
}

static bool parse_file_line(struct str line, struct index_file *ret)
{
	struct str hex, size, part;

	line = str_trim(line);
	if (!str_next(&line, ' ', &hex) || hex.len != 64)
		return false;
	line = str_trim(line);
	if (!str_next(&line, ' ', &size) || !line.data)
		return false;
	part = str_trim(line);
	if (!str_parse_u64(size, &ret->size) || part.len == 0 || !is_plain(part))
		return false;
	ret->sha256 = hex;
	ret->path = part;
	return true;
}

static int copy_file(struct arena *a, const struct index_file *from, struct str folder,
		     struct index_file *ret, struct err *e)
{
	*ret = *from;
	ret->sha256 = arena_str(a, from->sha256);
	if (folder.len)
		ret->path = arena_printf(a, "%.*s/%.*s", STR_ARG(folder), STR_ARG(from->path));
	else
		ret->path = arena_str(a, from->path);
	return ret->sha256.data && ret->path.data ? 0 : ERR_NOMEM(e);
}

/*
 * These files are written by programs: a line that is none of theirs, or something that had to be
 * dropped, means that the rest cannot be taken for the whole.
 */
struct oddity {
	bool found;
	enum deb822_odd what;
	uint64_t line;
};

static void note_odd(struct oddity *o, enum deb822_odd what, uint64_t line)
{
	if (o->found || what == DEB822_DUPLICATE_FIELD || what == DEB822_BLANK_LINE)
		return;
	*o = (struct oddity){.found = true, .what = what, .line = line};
}

static int judge_odd(const struct oddity *o, struct err *e)
{
	if (!o->found)
		return 0;
	return err_set(e, ERR_FORMAT, "line %llu: %s", (unsigned long long)o->line,
		       deb822_odd_text(o->what));
}

/* --- Release
 * -------------------------------------------------------------------------------------- */

struct release_reading {
	struct release *out;
	struct arena *a;
	struct oddity odd;
	bool seen;
};

static void release_odd(void *context, enum deb822_odd what, uint64_t line)
{
	struct release_reading *r = context;

	note_odd(&r->odd, what, line);
}

static int release_paragraph(void *context, const struct deb822_paragraph *p, struct err *e)
{
	struct release_reading *r = context;
	struct str list = deb822_value(p, "SHA256"), line;
	struct index_file file;

	if (r->seen)
		return err_set(e, ERR_FORMAT, "the release file has more than one paragraph");
	r->seen = true;
	r->out->by_hash = str_is(deb822_value(p, "Acquire-By-Hash"), "yes");
	r->out->codename = arena_str(r->a, deb822_value(p, "Codename"));
	r->out->date = changelog_day(deb822_value(p, "Date"), r->a);
	r->out->valid_until = changelog_day(deb822_value(p, "Valid-Until"), r->a);
	while (deb822_next_line(&list, &line)) {
		struct index_file *slot;

		if (!parse_file_line(line, &file))
			continue;
		slot = vec_push(&r->out->files);
		if (!slot)
			return ERR_NOMEM(e);
		if (copy_file(r->a, &file, STR_NULL, slot, e) < 0)
			return -1;
	}
	return 0;
}

int release_read(struct str text, struct arena *a, struct release *ret, struct err *e)
{
	static const char *const wanted[] = {"Codename",	"Date",	  "Valid-Until",
					     "Acquire-By-Hash", "SHA256", NULL};
	struct release out = {0};
	struct release_reading reading = {.out = &out, .a = a};
	struct deb822_options options = {.wanted = wanted,
					 .paragraph = release_paragraph,
					 .odd = release_odd,
					 .context = &reading};

	if (deb822_parse(text, &options, e) < 0 || judge_odd(&reading.odd, e) < 0) {
		release_done(&out);
		return -1;
	}
	if (out.files.count == 0) {
		release_done(&out);
		return err_set(e, ERR_FORMAT, "the release file lists no SHA256 digests");
	}
	*ret = out;
	return 0;
}

void release_done(struct release *r)
{
	vec_done(&r->files);
}

const struct index_file *release_find(const struct release *r, const char *name)
{
	static const char *const suffixes[] = {".xz", ".zst", ".gz", ".bz2", ""};

	for (size_t s = 0; s < sizeof(suffixes) / sizeof(suffixes[0]); s++)
		for (size_t i = 0; i < r->files.count; i++) {
			struct str path = r->files.items[i].path;

			if (str_skip(&path, str_of(name)) && str_is(path, suffixes[s]))
				return &r->files.items[i];
		}
	return NULL;
}

/* --- Sources and Packages
 * ---------------------------------------------------------------------------- */

struct index_reading {
	const struct map *wanted;
	struct arena *a;
	struct map *entries;
	struct binary_list *list;
	struct oddity odd;
};

static void index_odd(void *context, enum deb822_odd what, uint64_t line)
{
	struct index_reading *r = context;

	note_odd(&r->odd, what, line);
}

static int feed(struct stream *s, const struct deb822_options *options, struct err *e)
{
	struct index_reading *reading = options->context;
	struct deb822 d;
	struct str chunk;
	int r;

	if (deb822_init(&d, options, e) < 0)
		return -1;
	while ((r = stream_next(s, &chunk, e)) > 0)
		if (deb822_chunk(&d, chunk, e) < 0) {
			r = -1;
			break;
		}
	if (r == 0)
		r = deb822_end(&d, e);
	deb822_done(&d);
	return r < 0 ? r : judge_odd(&reading->odd, e);
}

static bool is_wanted(const struct map *wanted, struct str name)
{
	return map_find(wanted, name) != NULL;
}

static int fill_source(struct index_reading *r, struct source_entry *s,
		       const struct deb822_paragraph *p, struct err *e)
{
	struct str files = deb822_value(p, "Checksums-Sha256"), line;
	struct str folder = deb822_value(p, "Directory");
	struct index_file file, *slot;

	s->files.count = 0;
	s->version = arena_str(r->a, deb822_value(p, "Version"));
	if (!s->version.data)
		return ERR_NOMEM(e);
	while (deb822_next_line(&files, &line)) {
		if (!parse_file_line(line, &file) || !is_plain(folder))
			continue;
		slot = vec_push(&s->files);
		if (!slot)
			return ERR_NOMEM(e);
		if (copy_file(r->a, &file, folder, slot, e) < 0)
			return -1;
	}
	return 0;
}

static int source_paragraph(void *context, const struct deb822_paragraph *p, struct err *e)
{
	struct index_reading *r = context;
	struct str name = deb822_value(p, "Package"), version = deb822_value(p, "Version");
	struct source_entry *s;
	void **slot;
	int order;

	if (name.len == 0 || version.len == 0 || !is_wanted(r->wanted, name))
		return 0;
	s = map_find(r->entries, name);
	if (!s) {
		s = ARENA_NEW(r->a, struct source_entry);
		if (!s)
			return ERR_NOMEM(e);
		s->package = arena_str(r->a, name);
		slot = s->package.data ? map_put(r->entries, s->package) : NULL;
		if (!slot)
			return ERR_NOMEM(e);
		*slot = s;
		return fill_source(r, s, p, e);
	}
	if (comparator_find(STR("debian"))->compare(s->version, version, &order, NULL) < 0 ||
	    order >= 0)
		return 0;
	return fill_source(r, s, p, e);
}

int sources_read(struct stream *s, const struct map *wanted, struct arena *a, struct map *entries,
		 struct budget *budget, struct err *e)
{
	static const char *const fields[] = {"Package", "Version", "Directory", "Checksums-Sha256",
					     NULL};
	struct index_reading r = {.wanted = wanted, .a = a, .entries = entries};
	struct deb822_options options = {.wanted = fields,
					 .paragraph = source_paragraph,
					 .odd = index_odd,
					 .context = &r,
					 .budget = budget};

	return feed(s, &options, e);
}

void sources_done(struct map *entries)
{
	struct map_slot *slot;
	size_t at = 0;

	while ((slot = map_next(entries, &at)))
		vec_done(&((struct source_entry *)slot->value)->files);
	map_done(entries);
}

/* "name" or "name (version)" */
static void split_source(struct str field, struct str *name, struct str *version)
{
	ptrdiff_t open = str_find_char(field, '(');

	*name = open < 0 ? field : str_trim(str_to(field, (size_t)open));
	if (open < 0)
		return;
	*version = str_from(field, (size_t)open + 1);
	if (str_ends(*version, STR(")")))
		version->len--;
}

static int binary_paragraph(void *context, const struct deb822_paragraph *p, struct err *e)
{
	struct index_reading *r = context;
	struct str package = deb822_value(p, "Package"), source = deb822_value(p, "Source"),
		   name = package, version = deb822_value(p, "Version");
	struct index_file file = {.path = deb822_value(p, "Filename"),
				  .sha256 = deb822_value(p, "SHA256")};
	struct binary_entry *entry;

	if (source.len)
		split_source(source, &name, &version);
	if (package.len == 0 || !is_wanted(r->wanted, name) || file.sha256.len != 64 ||
	    file.path.len == 0 || !is_plain(file.path) ||
	    !str_parse_u64(deb822_value(p, "Size"), &file.size))
		return 0;
	entry = vec_push(&r->list->items);
	if (!entry)
		return ERR_NOMEM(e);
	entry->package = arena_str(r->a, package);
	entry->source = arena_str(r->a, name);
	entry->source_version = arena_str(r->a, version);
	if (!entry->package.data || !entry->source.data || !entry->source_version.data)
		return ERR_NOMEM(e);
	return copy_file(r->a, &file, STR_NULL, &entry->file, e);
}

int packages_read(struct stream *s, const struct map *wanted, struct arena *a,
		  struct binary_list *list, struct budget *budget, struct err *e)
{
	static const char *const fields[] = {"Package", "Source", "Version", "Filename",
					     "Size",	"SHA256", NULL};
	struct index_reading r = {.wanted = wanted, .a = a, .list = list};
	struct deb822_options options = {.wanted = fields,
					 .paragraph = binary_paragraph,
					 .odd = index_odd,
					 .context = &r,
					 .budget = budget};

	return feed(s, &options, e);
}
