/*
 * apk's database of installed packages: lib/apk/db/installed (usr/lib/apk/db where /lib is a link
 *to /usr/lib). Records of "K:value" lines, ended by an empty one (apk-package(5)): P name, V
 *version, A architecture, o origin, L licence; the rest is skipped. A key that names the package
 *twice in a record is a gap: apk takes the last, others the first.
 */
#include "inspect/inspector.h"
#include "text/lines.h"

enum { LINE_LIMIT = 1 << 20 };

struct state {
	struct lines lines;
	struct package_list packages;
	const struct inspection *in;
	struct facts *out;
	struct buf text; /* values of the record */
	struct {
		size_t at, len;
		bool set;
	} fields[5];
	uint64_t line; /* of the record */
	uint64_t broken;
	bool open, lost;
};

/* In the order of `fields`. */
static const char keys[] = "PVAoL";
enum { NAME, VERSION, ARCH, ORIGIN, LICENSE };

static void tell(struct state *s, enum diag_code code, uint64_t line, const char *what)
{
	inspection_note(s->in, code, -1, "line %llu: %s", (unsigned long long)line, what);
	if (code == DIAG_package_db_malformed)
		s->lost = true;
	else
		s->broken++;
}

static struct str field(const struct state *s, int i)
{
	return s->fields[i].set ? str_sub(buf_str(&s->text), s->fields[i].at,
					  s->fields[i].at + s->fields[i].len)
				: STR_NULL;
}

static int add_package(struct state *s, struct err *e)
{
	struct str license = field(s, LICENSE), origin = field(s, ORIGIN);
	struct package p = {
		.type = PACKAGE_APK,
		.name = field(s, NAME),
		.version = field(s, VERSION),
		.arch = field(s, ARCH),
		.source_name = origin.len ? origin : field(s, NAME),
		.source_version = field(s, VERSION),
		.licenses = &license,
		.license_count = license.len ? 1 : 0,
		.location.line = s->line > UINT32_MAX ? 0 : (uint32_t)s->line,
		.layer = -1,
		.origin = ORIGIN_PACKAGE_MANAGER,
	};

	if (p.name.len == 0 || p.version.len == 0) {
		tell(s, DIAG_package_incomplete, s->line,
		     p.name.len ? "a package without a version" : "a package without a name");
		return 0;
	}
	return package_list_add(&s->packages, s->out, &p) < 0 ? ERR_NOMEM(e) : 0;
}

static int end_record(struct state *s, struct err *e)
{
	int r = s->open ? add_package(s, e) : 0;

	s->open = false;
	buf_clear(&s->text);
	memset(s->fields, 0, sizeof(s->fields));
	return r;
}

static int take_field(struct state *s, int i, struct str value, struct err *e)
{
	if (s->fields[i].set)
		tell(s, DIAG_package_db_malformed, s->lines.line, "a key stands twice in a record");
	s->fields[i].at = s->text.len;
	s->fields[i].len = value.len;
	s->fields[i].set = true;
	buf_add(&s->text, value);
	return buf_failed(&s->text) ? ERR_NOMEM(e) : 0;
}

static int take_line(struct state *s, struct str line, struct err *e)
{
	const char *key;

	if (line.len == 0)
		return end_record(s, e);
	if (!s->open) {
		s->open = true;
		s->line = s->lines.line;
	}
	if (line.len < 2 || line.data[1] != ':') {
		tell(s, DIAG_package_incomplete, s->lines.line, "not a key and a value");
		return 0;
	}
	key = strchr(keys, line.data[0]);
	return key && *key ? take_field(s, (int)(key - keys), str_from(line, 2), e) : 0;
}

static int take_lines(struct state *s, struct err *e)
{
	struct str line;
	int r;

	while ((r = lines_next(&s->lines, &line, e)) > 0) {
		if (r == LINES_TOO_LONG)
			tell(s, DIAG_package_db_malformed, s->lines.line,
			     "a line is longer than the limit");
		else if (take_line(s, line, e) < 0)
			return -1;
	}
	return r;
}

static int begin(struct inspection *in, struct facts *out, struct err *e)
{
	struct state *s = ARENA_NEW(in->scratch, struct state);

	if (!s)
		return ERR_NOMEM(e);
	*s = (struct state){.in = in, .out = out, .packages.arena = in->scratch};
	lines_init(&s->lines, LINE_LIMIT, out->budget);
	buf_init(&s->text, out->budget, 0);
	in->state = s;
	return 0;
}

static int chunk(struct inspection *in, struct facts *out, struct str bytes, struct err *e)
{
	struct state *s = in->state;

	(void)out;
	lines_feed(&s->lines, bytes);
	return take_lines(s, e);
}

static int finish(struct state *s, bool ok, struct err *e)
{
	int r;

	lines_feed_end(&s->lines);
	r = take_lines(s, e);
	if (r >= 0)
		r = end_record(s, e);
	if (s->packages.count == 0 && s->broken)
		tell(s, DIAG_package_db_malformed, 1, "no package in it was understood");
	if (package_list_end(&s->packages, s->in, s->out, !ok || r < 0 || s->lost) < 0)
		return ERR_NOMEM(e);
	return r;
}

static int end(struct inspection *in, struct facts *out, bool ok, struct err *e)
{
	struct state *s = in->state;
	int r = finish(s, ok, e);

	(void)out;
	lines_done(&s->lines);
	buf_done(&s->text);
	return r;
}

static const char *const globs[] = {"lib/apk/db/installed", "usr/lib/apk/db/installed", NULL};

const struct inspector inspector_apk = {
	.name = "apk",
	.version = 1,
	.globs = globs,
	.need = NEED_STREAM,
	.database = true,
	.begin = begin,
	.chunk = chunk,
	.end = end,
};
