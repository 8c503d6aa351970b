/*
 * Paragraphs of installed packages (deb-822(5), dpkg-query(1)).
 *
 * A package counts from "unpacked" on, half-installed included: its files, or some, are on the
 * disk. "config-files" and "not-installed" are not there. Where the status cannot be told the
 * package is listed: leaving it out would hide it.
 *
 * dpkg refuses a database with a field twice in a paragraph, while scanners take the first or the
 * last: a version could be hidden that way, so that is a gap.
 */
#include "inspect/paragraphs.h"

#include "text/deb822.h"

struct state {
	struct deb822 reader;
	struct package_list packages;
	const struct inspection *in;
	struct facts *out;
	uint64_t named, broken; /* paragraphs with a name; oddities */
	const struct package_paragraphs *form;
	bool lost; /* something was dropped that could have been a package */
};

static void tell(struct state *s, enum diag_code code, uint64_t line, const char *what)
{
	inspection_note(s->in, code, -1, "line %llu: %s", (unsigned long long)line, what);
	if (code == DIAG_package_db_malformed)
		s->lost = true;
	else
		s->broken++;
}

static void tell_odd(void *context, enum deb822_odd what, uint64_t line)
{
	enum diag_code code = DIAG_package_incomplete;

	switch (what) {
	case DEB822_LINE_TOO_LONG:
	case DEB822_PARAGRAPH_TOO_LARGE:
	case DEB822_TOO_MANY_FIELDS:
	case DEB822_DUPLICATE_FIELD:
		code = DIAG_package_db_malformed;
		break;
	case DEB822_NOT_A_FIELD:
	case DEB822_LOST_CONTINUATION:
	case DEB822_BLANK_LINE:
		break;
	}
	tell(context, code, line, deb822_odd_text(what));
}

/* "want flag state": false when the package is not on the disk. */
static bool is_present(struct str status)
{
	static const char *const absent[] = {"config-files", "not-installed"};
	struct str state = str_trim(status);

	state = str_from(state, (size_t)(str_find_last_char(state, ' ') + 1));
	for (size_t i = 0; i < sizeof(absent) / sizeof(*absent); i++)
		if (str_eq_nocase(state, str_of(absent[i])))
			return false;
	return true;
}

/* "name" or "name (version)"; the package's own where nothing is said. */
static void split_source(struct str source, struct package *p)
{
	ptrdiff_t open = str_find_char(source, '(');
	struct str version;

	p->source_name = p->name;
	p->source_version = p->version;
	if (source.len == 0)
		return;
	p->source_name = source;
	if (open <= 0)
		return;
	p->source_name = str_trim(str_to(source, (size_t)open));
	version = str_from(source, (size_t)open + 1);
	version = str_trim(str_to(version, (size_t)str_find_char(version, ')')));
	if (version.len)
		p->source_version = version;
}

/* The first line; further ones have no meaning in these fields. */
static struct str one_line(const struct deb822_paragraph *p, const char *name)
{
	struct str value = deb822_value(p, name);
	ptrdiff_t end = str_find_char(value, '\n');

	return str_trim(end < 0 ? value : str_to(value, (size_t)end));
}

static int take_paragraph(void *context, const struct deb822_paragraph *paragraph, struct err *e)
{
	struct state *s = context;
	struct str license = one_line(paragraph, "License");
	struct package p = {
		.type = s->form->type,
		.name = one_line(paragraph, "Package"),
		.version = one_line(paragraph, "Version"),
		.arch = one_line(paragraph, "Architecture"),
		.licenses = &license,
		.license_count = license.len ? 1 : 0,
		.location.line = paragraph->line > UINT32_MAX ? 0 : (uint32_t)paragraph->line,
		.layer = -1,
		.origin = ORIGIN_PACKAGE_MANAGER,
	};

	s->named += p.name.len != 0;
	if (!is_present(one_line(paragraph, "Status")))
		return 0;
	if (p.name.len == 0 || p.version.len == 0) {
		tell(s, DIAG_package_incomplete, paragraph->line,
		     p.name.len ? "a package without a version" : "a package without a name");
		return 0;
	}
	split_source(one_line(paragraph, s->form->source), &p);
	return package_list_add(&s->packages, s->out, &p) < 0 ? ERR_NOMEM(e) : 0;
}

static int start(struct state *s, const struct package_paragraphs *form, struct err *e)
{
	static const char *const wanted[] = {"Package", "Status",	"Version",    "Source",
					     "License", "Architecture", "SourceName", NULL};
	struct deb822_options options = {
		.wanted = wanted,
		.budget = s->out->budget,
		.paragraph = take_paragraph,
		.odd = tell_odd,
		.context = s,
	};

	s->form = form;
	return deb822_init(&s->reader, &options, e);
}

int paragraphs_begin(const struct package_paragraphs *form, struct inspection *in,
		     struct facts *out, struct err *e)
{
	struct state *s;

	if (form->skip && str_ends(in->path, str_of(form->skip))) {
		in->state = NULL;
		return 0;
	}
	s = ARENA_NEW(in->scratch, struct state);
	if (!s)
		return ERR_NOMEM(e);
	*s = (struct state){.in = in, .out = out, .packages.arena = in->scratch};
	in->state = s;
	return start(s, form, e);
}

int paragraphs_chunk(struct inspection *in, struct facts *out, struct str bytes, struct err *e)
{
	struct state *s = in->state;

	(void)out;
	return s ? deb822_chunk(&s->reader, bytes, e) : 0;
}

static int finish(struct state *s, bool ok, struct err *e)
{
	int r = deb822_end(&s->reader, e);

	if (s->named == 0 && s->broken)
		tell(s, DIAG_package_db_malformed, 1, "no package in it was understood");
	if (package_list_end(&s->packages, s->in, s->out, !ok || r < 0 || s->lost) < 0)
		return ERR_NOMEM(e);
	return r;
}

int paragraphs_end(struct inspection *in, struct facts *out, bool ok, struct err *e)
{
	struct state *s = in->state;
	int r;

	(void)out;
	if (!s)
		return 0;
	r = finish(s, ok, e);
	deb822_done(&s->reader);
	return r;
}
