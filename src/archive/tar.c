/*
 * The walk: headers that describe the next one, the entry they add up to, its body. Order and
 * precedence are those of Go's archive/tar; see docs/formats/tar.md.
 */
#include "archive/tar_parts.h"

enum { HOLE_CHUNK = 64 << 10 };

/* What a step over one header came to. */
enum step { STEP_ENTRY = 1, STEP_AGAIN = 2 };

const struct tar_options tar_options_default = {
	.layer = -1,
	.path_max = 4096,
	.depth_max = 256,
	.meta_max = 1 << 20,
	.hole_ratio = 200,
	.hole_grace = 1 << 30,
};

static const struct {
	const char *name;
	const char *text;
	enum diag_class class;
} oddities[] = {
#define ODDITY(name, class, text) {#name, text, DIAG_##class},
#include "archive/tar_oddities.def"
#undef ODDITY
};

const char *tar_oddity_name(enum tar_oddity odd)
{
	return oddities[odd].name;
}

const char *tar_oddity_text(enum tar_oddity odd)
{
	return oddities[odd].text;
}

enum diag_class tar_oddity_class(enum tar_oddity odd)
{
	return oddities[odd].class;
}

size_t tar_oddity_count(const struct tar *t, enum tar_oddity odd)
{
	return t->odd[odd];
}

uint64_t tar_offset(const struct tar *t)
{
	return t->at;
}

int tar_fail(const struct tar *t, enum err_code code, const char *what, struct err *e)
{
	return err_set(e, code, "tar: at byte %llu: %s", (unsigned long long)t->at, what);
}

static struct diag_place here(const struct tar *t, struct str path)
{
	return (struct diag_place){t->options.layer, path, (int64_t)t->at};
}

void tar_odd(struct tar *t, enum tar_oddity odd, struct str path)
{
	bool note = oddities[odd].class == DIAG_NOTE;

	if (t->odd[odd]++ && note)
		return;
	diag_add(t->options.diags, note ? DIAG_archive_note : DIAG_ambiguous_archive, here(t, path),
		 "%s", oddities[odd].text);
}

static void report(struct tar *t, uint64_t odd, struct str path)
{
	for (int i = 0; odd; i++, odd >>= 1)
		if (odd & 1)
			tar_odd(t, (enum tar_oddity)i, path);
}

struct tar *tar_open(struct stream *s, const struct tar_options *options, struct err *e)
{
	struct tar *t = mem_zero(1, sizeof(*t));
	struct budget *budget = options->budget;

	if (!t) {
		ERR_NOMEM(e);
		return NULL;
	}
	t->s = s;
	t->options = *options;
	t->start = s->position;
	t->end.nonzero = UINT64_MAX;
	buf_init(&t->meta, budget, options->meta_max);
	buf_init(&t->pairs, budget, 0);
	buf_init(&t->long_name, budget, options->meta_max);
	buf_init(&t->long_link, budget, options->meta_max);
	buf_init(&t->path, budget, 0);
	buf_init(&t->clean, budget, 0);
	buf_init(&t->link, budget, 0);
	buf_init(&t->clean_link, budget, 0);
	buf_init(&t->map, budget, 0);
	return t;
}

void tar_close(struct tar *t)
{
	if (!t)
		return;
	buf_done(&t->meta);
	buf_done(&t->pairs);
	buf_done(&t->long_name);
	buf_done(&t->long_link);
	buf_done(&t->path);
	buf_done(&t->clean);
	buf_done(&t->link);
	buf_done(&t->clean_link);
	buf_done(&t->map);
	mem_free(t);
}

/* --- blocks ----------------------------------------------------------------------------------- */

/* A whole block at *ret, in the stream's chunk or in `own`: bytes there were, fewer than 512 at the
 * end. */
static int64_t take_block(struct tar *t, char own[TAR_BLOCK], const char **ret, struct err *e)
{
	struct str chunk;
	int r = stream_next(t->s, &chunk, e);

	if (r <= 0)
		return r;
	if (chunk.len >= TAR_BLOCK) {
		stream_push_back(t->s, str_from(chunk, TAR_BLOCK));
		*ret = chunk.data;
		return TAR_BLOCK;
	}
	stream_push_back(t->s, chunk);
	*ret = own;
	return stream_read(t->s, own, TAR_BLOCK, e);
}

/* Over what is left of a body and its padding: 1, or 0 where the archive ends in the padding. */
static int skip_body(struct tar *t, struct err *e)
{
	uint64_t want = t->left + t->pad;
	int64_t n = want ? stream_drop(t->s, want, e) : 0;

	if (n < 0)
		return -1;
	if ((uint64_t)n < t->left)
		return tar_fail(t, ERR_TRUNCATED, "cut short in the body of this entry", e);
	if ((uint64_t)n < want)
		tar_odd(t, TAR_ODD_padding_cut, STR_NULL);
	t->left = 0;
	t->pad = 0;
	return (uint64_t)n == want;
}

static int end_of_archive(struct tar *t, bool marker)
{
	t->ended = true;
	t->end.marker = marker;
	t->end.offset = t->at;
	if (!marker)
		tar_odd(t, TAR_ODD_no_end, STR_NULL);
	if (t->pax.any || t->has_long_name || t->has_long_link)
		tar_odd(t, TAR_ODD_meta_dangling, STR_NULL);
	return 0;
}

/* The block behind a zero block: another ends the archive, and so does its end. */
static int second_zero_block(struct tar *t, struct err *e)
{
	char own[TAR_BLOCK];
	const char *block;
	int64_t n = take_block(t, own, &block, e);

	if (n < 0)
		return -1;
	if (n == 0)
		return end_of_archive(t, false);
	if (n < TAR_BLOCK)
		return tar_fail(t, ERR_TRUNCATED, "cut short in the end marker", e);
	if (!tar_is_zero_block(block))
		return tar_fail(t, ERR_FORMAT, "a single zero block, and data behind it", e);
	return end_of_archive(t, true);
}

/* 1 with a header, 0 at the end, <0. `block` is where the header then stands. */
static int read_header(struct tar *t, char own[TAR_BLOCK], const char **block, struct tar_header *h,
		       struct err *e)
{
	int r = skip_body(t, e);
	const char *wrong;
	int64_t n;

	if (r < 0)
		return -1;
	t->at = t->s->position - t->start;
	n = r ? take_block(t, own, block, e) : 0;
	if (n < 0)
		return -1;
	if (n == 0)
		return end_of_archive(t, false);
	if (n < TAR_BLOCK)
		return tar_fail(t, ERR_TRUNCATED, "cut short in a header", e);
	if (tar_is_zero_block(*block))
		return second_zero_block(t, e);
	wrong = tar_header_parse(*block, h);
	if (wrong)
		return tar_fail(t, ERR_FORMAT, wrong, e);
	return 1;
}

static void begin_body(struct tar *t, char type, uint64_t size)
{
	t->left = tar_type_without_body(type) ? 0 : size;
	t->pad = (unsigned)(0 - t->left) & (TAR_BLOCK - 1);
}

/* --- headers that describe the next one ------------------------------------------------------- */

/* The whole body into `to`. */
static int read_meta(struct tar *t, struct buf *to, struct err *e)
{
	buf_clear(to);
	if (t->left > t->options.meta_max)
		return tar_fail(t, ERR_LIMIT, "a header for the next entry is too long", e);
	while (t->left) {
		struct str chunk;
		int r = stream_next(t->s, &chunk, e);

		if (r < 0)
			return -1;
		if (r == 0)
			return tar_fail(t, ERR_TRUNCATED,
					"cut short in a header for the next entry", e);
		if (chunk.len > t->left) {
			stream_push_back(t->s, str_from(chunk, (size_t)t->left));
			chunk = str_to(chunk, (size_t)t->left);
		}
		t->left -= chunk.len;
		buf_add(to, chunk);
		if (buf_failed(to))
			return ERR_NOMEM(e);
	}
	return 0;
}

static int read_pax(struct tar *t, struct tar_pax *ret, struct err *e)
{
	const char *wrong;

	if (read_meta(t, &t->meta, e) < 0)
		return -1;
	wrong = tar_pax_parse(buf_str(&t->meta), ret, &t->pairs);
	if (buf_failed(&t->pairs))
		return ERR_NOMEM(e);
	return wrong ? tar_fail(t, ERR_FORMAT, wrong, e) : STEP_AGAIN;
}

static int read_long(struct tar *t, struct buf *to, bool *has, struct err *e)
{
	if (*has)
		tar_odd(t, TAR_ODD_long_twice, STR_NULL);
	if (read_meta(t, to, e) < 0)
		return -1;
	if (to->len)
		to->len = strnlen(to->data, to->len);
	/* an empty one does not count, but takes one before away */
	*has = to->len > 0;
	return STEP_AGAIN;
}

static struct str last_component(struct str path)
{
	while (path.len && path.data[path.len - 1] == '/')
		path.len--;
	return str_from(path, (size_t)(str_find_last_char(path, '/') + 1));
}

static int set_path(struct tar *t, const struct tar_header *h)
{
	buf_clear(&t->path);
	if (t->has_long_name) {
		buf_add(&t->path, buf_str(&t->long_name));
	} else if (t->pax.path.len) {
		buf_add(&t->path, t->pax.path);
	} else {
		if (h->prefix.len) {
			buf_add(&t->path, h->prefix);
			buf_add_char(&t->path, '/');
		}
		buf_add(&t->path, h->name);
	}
	buf_clear(&t->link);
	buf_add(&t->link, t->has_long_link	? buf_str(&t->long_link)
			  : t->pax.linkpath.len ? t->pax.linkpath
						: h->link);
	return buf_failed(&t->path) || buf_failed(&t->link) ? -1 : 0;
}

static void forget_meta(struct tar *t)
{
	if (t->pax.any) /* else it is empty: there is one call of this for each entry */
		t->pax = (struct tar_pax){0};
	buf_clear(&t->pairs);
	t->has_long_name = t->has_long_link = false;
}

/*
 * For the container runtime this header is an entry of its own: its records apply to nothing, what
 * stood before it is lost, and its name may be a whiteout.
 */
static int read_global(struct tar *t, const struct tar_header *h, struct err *e)
{
	bool pending = t->pax.any || t->has_long_name || t->has_long_link;
	struct tar_pax pax;
	struct str name;

	t->pax = (struct tar_pax){0};
	t->has_long_name = false;
	if (set_path(t, h) < 0)
		return ERR_NOMEM(e);
	if (read_pax(t, &pax, e) < 0)
		return -1;
	name = pax.path.len ? pax.path : buf_str(&t->path);
	if (pending)
		tar_odd(t, TAR_ODD_meta_dropped, name);
	if (str_starts(last_component(name), STR(".wh.")))
		tar_odd(t, TAR_ODD_global_whiteout, name);
	tar_odd(t, pax.matters ? TAR_ODD_global_records : TAR_ODD_global_pax, name);
	forget_meta(t);
	return STEP_AGAIN;
}

static int read_local(struct tar *t, struct err *e)
{
	if (t->pax.any)
		tar_odd(t, TAR_ODD_pax_twice, STR_NULL);
	return read_pax(t, &t->pax, e);
}

/* --- the entry -------------------------------------------------------------------------------- */

size_t tar_clean_path(struct str path, char *out, bool *ret_dotdot)
{
	struct str part;
	size_t len = 0;

	while (path.len && str_next(&path, '/', &part)) {
		if (part.len == 0 || str_is(part, "."))
			continue;
		if (str_is(part, "..")) {
			*ret_dotdot = true;
			while (len && out[--len] != '/')
				;
			continue;
		}
		if (len)
			out[len++] = '/';
		memmove(out + len, part.data, part.len);
		len += part.len;
	}
	return len;
}

static int set_clean(struct buf *to, struct str path, bool *dotdot)
{
	char *out;

	buf_clear(to);
	out = buf_reserve(to, path.len + 1);
	if (!out)
		return -1;
	buf_used(to, tar_clean_path(path, out, dotdot));
	return 0;
}

/* A number of the records over that of the header. */
static int merge_number(const struct tar *t, struct str record, int64_t *value, struct err *e)
{
	if (!record.len || tar_decimal(record, value))
		return 0;
	return tar_fail(t, ERR_FORMAT, "a pax record is no number", e);
}

static int merge_time(const struct tar *t, struct str record, int64_t *value, struct err *e)
{
	if (!record.len || tar_pax_time(record, value))
		return 0;
	return tar_fail(t, ERR_FORMAT, "a pax record is no time", e);
}

static int merge_numbers(struct tar *t, struct tar_header *h, struct err *e)
{
	int64_t stated = h->size, unused;

	if (merge_number(t, t->pax.size, &h->size, e) < 0 ||
	    merge_number(t, t->pax.uid, &h->uid, e) < 0 ||
	    merge_number(t, t->pax.gid, &h->gid, e) < 0 ||
	    merge_time(t, t->pax.mtime, &h->mtime, e) < 0 ||
	    merge_time(t, t->pax.atime, &unused, e) < 0 ||
	    merge_time(t, t->pax.ctime, &unused, e) < 0)
		return -1;
	if (h->size < 0 && !tar_type_without_body(h->type))
		return tar_fail(t, ERR_FORMAT, "a negative size", e);
	/* eleven octal digits: a size that did not fit is another matter */
	if (h->size != stated && h->size < 1LL << 33)
		tar_odd(t, TAR_ODD_pax_size, h->name);
	return 0;
}

static bool differ(bool has, const struct buf *long_one, struct str record)
{
	return has && record.len && !str_eq(buf_str(long_one), record);
}

static void report_names(struct tar *t, const struct tar_header *h, struct str raw)
{
	report(t, h->odd, raw);
	if (differ(t->has_long_name, &t->long_name, t->pax.path) ||
	    differ(t->has_long_link, &t->long_link, t->pax.linkpath))
		tar_odd(t, TAR_ODD_pax_and_long, raw);
	if (t->pax.empty)
		tar_odd(t, TAR_ODD_pax_empty, raw);
	if (t->pax.schily_size)
		tar_odd(t, TAR_ODD_schily_size, raw);
	if (tar_type_without_body(h->type) && h->size)
		tar_odd(t,
			h->type == '1'	 ? TAR_ODD_link_size
			: h->type == '5' ? TAR_ODD_folder_size
					 : TAR_ODD_size_without_body,
			raw);
	if (h->type == '0' && raw.len && raw.data[raw.len - 1] == '/')
		tar_odd(t, TAR_ODD_file_slash, raw);
}

/* The type as an entry; false for what nobody takes for a file. */
static bool entry_type(struct tar *t, char type, struct str raw, enum entry_type *ret)
{
	static const enum entry_type types[] = {ENTRY_FILE, ENTRY_HARDLINK, ENTRY_SYMLINK,
						ENTRY_CHAR, ENTRY_BLOCK,    ENTRY_DIR,
						ENTRY_FIFO};

	if (type >= '0' && type <= '6') {
		*ret = types[type - '0'];
		return true;
	}
	*ret = ENTRY_FILE;
	if (type == '\0') {
		if (raw.len && raw.data[raw.len - 1] == '/')
			*ret = ENTRY_DIR;
		return true;
	}
	if (type == '7' || type == 'S') {
		tar_odd(t, TAR_ODD_type_as_file, raw);
		return true;
	}
	tar_odd(t, TAR_ODD_type_refused, raw);
	return false;
}

/* Ids are 32 bits; the runtime's -1 leaves its own, root's. */
static uint32_t owner(struct tar *t, int64_t id, struct str raw)
{
	if (id != (int64_t)(uint32_t)id || (uint32_t)id == UINT32_MAX)
		tar_odd(t, TAR_ODD_owner_cut, raw);
	return (uint32_t)id == UINT32_MAX ? 0 : (uint32_t)id;
}

static bool too_deep(const struct tar *t, struct str clean)
{
	unsigned depth = 0;

	if (clean.len <= t->options.depth_max)
		return false;
	for (size_t i = 0; i < clean.len; i++)
		depth += clean.data[i] == '/';
	return depth > t->options.depth_max;
}

/* Over a limit: a gap, and the entry is stepped over. */
static bool within_limits(struct tar *t, struct str raw, struct str clean)
{
	size_t max = t->options.path_max;

	if (raw.len <= max && t->link.len <= max && !too_deep(t, clean))
		return true;
	diag_add(t->options.diags, DIAG_path_limit, here(t, str_to(raw, max)),
		 raw.len > max	     ? "a path of %zu bytes"
		 : t->link.len > max ? "a link to a path of %zu bytes"
				     : "a path of too many folders, %zu bytes",
		 t->link.len > max && raw.len <= max ? t->link.len : raw.len);
	return false;
}

static int set_clean_names(struct tar *t, struct tar_entry *ret, struct err *e)
{
	if (set_clean(&t->clean, ret->raw_path, &ret->dotdot) < 0)
		return ERR_NOMEM(e);
	ret->entry.path = buf_str(&t->clean);
	ret->entry.link = ret->raw_link;
	if (ret->entry.type == ENTRY_HARDLINK) {
		if (set_clean(&t->clean_link, ret->raw_link, &ret->dotdot) < 0)
			return ERR_NOMEM(e);
		ret->entry.link = buf_str(&t->clean_link);
	}
	if (ret->dotdot)
		tar_odd(t, TAR_ODD_dotdot, ret->raw_path);
	if (!ret->entry.path.len && ret->entry.type != ENTRY_DIR)
		tar_odd(t, TAR_ODD_root_file, ret->raw_path);
	return 0;
}

static void set_body(struct tar *t, struct tar_entry *ret)
{
	if (!t->sparse)
		t->size = t->left;
	t->body_at = t->s->position;
	t->body_size = t->left;
	ret->entry.size = ret->entry.type == ENTRY_FILE ? t->size : 0;
	ret->sparse = t->sparse;
	ret->body_offset = t->body_at;
	ret->body_size = t->body_size;
}

static int make_entry(struct tar *t, struct tar_header *h, const char *block, struct tar_entry *ret,
		      struct err *e)
{
	char header[TAR_BLOCK];
	struct str name;

	if (merge_numbers(t, h, e) < 0)
		return -1;
	if (set_path(t, h) < 0)
		return ERR_NOMEM(e);
	begin_body(t, h->type, (uint64_t)h->size);
	t->size = h->size < 0 ? 0 : (uint64_t)h->size;
	if (h->type == 'S') {
		/* the map goes on behind the header: reading on may take its chunk away */
		memcpy(header, block, sizeof(header));
		block = header;
	}
	*ret = (struct tar_entry){.type = h->type, .pax = t->pax.any};
	ret->entry.mode = (uint16_t)(h->mode & 07777);
	ret->entry.uid = owner(t, h->uid, buf_str(&t->path));
	ret->entry.gid = owner(t, h->gid, buf_str(&t->path));
	ret->entry.dev_major = (uint32_t)h->dev_major;
	ret->entry.dev_minor = (uint32_t)h->dev_minor;
	ret->entry.mtime = h->mtime;
	ret->entry.offset = t->at;
	ret->xattrs = t->pax.xattrs;
	ret->capability = t->pax.capability;
	name = buf_str(&t->path);
	report_names(t, h, name);
	if (tar_read_sparse(t, h, block, &name, e) < 0)
		return -1;
	ret->raw_path = name;
	ret->raw_link = buf_str(&t->link);
	if (!entry_type(t, h->type, name, &ret->entry.type))
		return STEP_AGAIN;
	if (set_clean_names(t, ret, e) < 0)
		return -1;
	set_body(t, ret);
	return within_limits(t, name, ret->entry.path) ? STEP_ENTRY : STEP_AGAIN;
}

static int step(struct tar *t, struct tar_entry *ret, struct err *e)
{
	char own[TAR_BLOCK];
	const char *block;
	struct tar_header h;
	int r = read_header(t, own, &block, &h, e);

	if (r <= 0)
		return r;
	begin_body(t, h.type, (uint64_t)h.size);
	switch (h.type) {
	case 'x':
		return read_local(t, e);
	case 'g':
		return read_global(t, &h, e);
	case 'L':
		return read_long(t, &t->long_name, &t->has_long_name, e);
	case 'K':
		return read_long(t, &t->long_link, &t->has_long_link, e);
	default:
		r = make_entry(t, &h, block, ret, e);
		if (r == STEP_AGAIN)
			forget_meta(t);
		return r;
	}
}

int tar_next(struct tar *t, struct tar_entry *ret, struct err *e)
{
	struct tar_entry entry;
	int r = STEP_AGAIN;

	if (t->ended)
		return 0;
	forget_meta(t);
	while (r == STEP_AGAIN) {
		t->sparse = false;
		buf_clear(&t->map);
		t->span = 0;
		t->pos = t->size = 0;
		r = step(t, &entry, e);
	}
	if (r == STEP_ENTRY)
		*ret = entry;
	return r;
}

/* --- the body --------------------------------------------------------------------------------- */

static int read_stored(struct tar *t, uint64_t max, struct str *ret, struct err *e)
{
	struct str chunk;
	int r = stream_next(t->s, &chunk, e);

	if (r < 0)
		return -1;
	if (r == 0)
		return tar_fail(t, ERR_TRUNCATED, "cut short in the body of this entry", e);
	if (chunk.len > max) {
		stream_push_back(t->s, str_from(chunk, (size_t)max));
		chunk = str_to(chunk, (size_t)max);
	}
	t->left -= chunk.len;
	*ret = chunk;
	return 1;
}

/* How far the present run of data or hole goes, and which it is. */
static uint64_t run_at(struct tar *t, uint64_t pos, size_t *span, bool *data)
{
	const struct tar_span *spans = tar_spans(t);
	size_t count = tar_span_count(t);

	while (*span < count && spans[*span].offset + spans[*span].len <= pos)
		++*span;
	*data = *span < count && spans[*span].offset <= pos;
	if (*data)
		return spans[*span].offset + spans[*span].len - pos;
	return (*span < count ? spans[*span].offset : t->size) - pos;
}

static int read_sparse_chunk(struct tar *t, struct str *ret, struct err *e)
{
	static const char zeros[HOLE_CHUNK];
	bool data;
	uint64_t run;

	if (t->pos == t->size)
		return 0;
	run = run_at(t, t->pos, &t->span, &data);
	if (!data)
		*ret = str_make(zeros, run < HOLE_CHUNK ? (size_t)run : HOLE_CHUNK);
	else if (read_stored(t, run, ret, e) < 0)
		return -1;
	t->pos += ret->len;
	return 1;
}

int tar_read_chunk(struct tar *t, struct str *ret_chunk, struct err *e)
{
	if (t->sparse)
		return read_sparse_chunk(t, ret_chunk, e);
	return t->left ? read_stored(t, t->left, ret_chunk, e) : 0;
}

int tar_read_all(struct tar *t, struct arena *a, size_t max, struct str *ret, struct err *e)
{
	uint64_t size = t->sparse ? t->size - t->pos : t->left;
	size_t len = 0;
	struct str chunk;
	char *all;
	int r;

	if (size > max)
		return tar_fail(t, ERR_LIMIT, "longer than may be read whole", e);
	all = arena_bytes(a, (size_t)size + 1);
	if (!all)
		return ERR_NOMEM(e);
	while ((r = tar_read_chunk(t, &chunk, e)) > 0) {
		memcpy(all + len, chunk.data, chunk.len);
		len += chunk.len;
	}
	if (r < 0)
		return -1;
	all[len] = '\0';
	*ret = str_make(all, len);
	return 0;
}

bool tar_is_random(const struct tar *t)
{
	return stream_is_random(t->s);
}

static int64_t read_at_once(struct tar *t, uint64_t offset, void *buf, size_t len, struct err *e)
{
	return t->s->ops->read_at(t->s, offset, buf, len, e);
}

/* The first run that ends behind `offset`. */
static size_t find_span(const struct tar *t, uint64_t offset)
{
	const struct tar_span *spans = tar_spans(t);
	size_t low = 0, high = tar_span_count(t);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (spans[middle].offset + spans[middle].len <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int64_t tar_read_at(struct tar *t, uint64_t offset, void *buf, size_t len, struct err *e)
{
	uint64_t left = offset < t->size ? t->size - offset : 0;
	size_t span, done = 0;

	if (!tar_is_random(t))
		return err_set(e, ERR_UNSUPPORTED, "tar: no random access to this archive");
	if (len > left)
		len = (size_t)left;
	if (!t->sparse)
		return read_at_once(t, t->body_at + offset, buf, len, e);
	span = find_span(t, offset);
	while (done < len) {
		bool data;
		uint64_t run = run_at(t, offset + done, &span, &data);
		size_t part = run < len - done ? (size_t)run : len - done;

		if (data) {
			const struct tar_span *s = &tar_spans(t)[span];
			uint64_t at = t->body_at + s->stored + (offset + done - s->offset);
			int64_t n = read_at_once(t, at, (char *)buf + done, part, e);

			if (n < 0)
				return -1;
			if (n == 0)
				break;
			part = (size_t)n;
		} else {
			memset((char *)buf + done, 0, part);
		}
		done += part;
	}
	return (int64_t)done;
}
