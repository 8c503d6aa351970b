#include "report/label.h"

#include "base/date.h"
#include "report/rows.h"

struct str label_text(struct arena *a, struct str s)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	if (!s.len)
		return STR("");
	buf_add_escaped(&b, s);
	if (buf_failed(&b))
		return STR_NULL;
	return str_eq(buf_str(&b), s) ? s : arena_str(a, buf_str(&b));
}

void label_add(struct buf *out, const struct buf *part)
{
	if (buf_failed(part))
		out->failed = true;
	else
		buf_add(out, buf_str(part));
}

size_t label_width(struct str s)
{
	size_t width = 0;

	for (size_t i = 0; i < s.len; i++)
		width += ((unsigned char)s.data[i] & 0xc0) != 0x80;
	return width;
}

void label_count(struct buf *out, size_t count, const char *one, const char *many)
{
	buf_printf(out, "%zu %s", count, count == 1 ? one : many);
}

void label_distro(struct buf *out, const struct document *d)
{
	const struct distro *o = &d->target.distro;
	char today[DATE_TEXT];

	if (!o->id.len && !o->name.len) {
		buf_add_cstr(out, "unknown distribution");
		return;
	}
	buf_add_escaped(out, o->name.len ? o->name : o->id);
	if (o->version_id.len && (!o->name.len || str_find(o->name, o->version_id) < 0)) {
		buf_add_char(out, ' ');
		buf_add_escaped(out, o->version_id);
	}
	if (o->codename.len && str_find(o->name, o->codename) < 0) {
		buf_add_cstr(out, " (");
		buf_add_escaped(out, o->codename);
		buf_add_char(out, ')');
	}
	if (!o->end_of_life.len)
		return;
	date_format_day(d->now, today);
	buf_add_cstr(out, str_cmp(o->end_of_life, str_of(today)) < 0 ? ", end of life since "
								     : ", supported until ");
	buf_add_escaped(out, o->end_of_life);
}

void label_verified(struct buf *out, const struct document *d)
{
	size_t total = d->target.layers.count, bad = 0;

	for (size_t i = 0; i < total; i++)
		bad += d->target.layers.items[i].verified == VERIFIED_NO;
	if (!total)
		buf_add_cstr(out, "no digests to verify");
	else if (!bad)
		buf_add_cstr(out, "digests verified");
	else if (bad == total)
		buf_add_cstr(out, "digests not verified");
	else
		buf_printf(out, "digests of %zu of %zu layers not verified", bad, total);
}

/* The newest feed of the partitions of advisories. */
void label_database(struct buf *out, const struct document *d)
{
	struct str newest = STR_NULL, notices = STR_NULL;
	bool database = false;

	for (size_t i = 0; i < d->partitions.count; i++) {
		const struct document_partition *p = &d->partitions.items[i];

		if (str_starts(p->name, STR("id/")))
			continue;
		if (str_starts(p->name, STR("notices/")))
			notices = str_from(p->name, strlen("notices/"));
		else
			database = true;
		for (size_t k = 0; k < p->feeds.count; k++) {
			if (str_cmp(p->feeds.items[k].date, newest) > 0)
				newest = p->feeds.items[k].date;
		}
	}
	if (notices.len && !database) {
		buf_add_cstr(out, "notices of ");
		buf_add_escaped(out, notices);
		if (newest.len) {
			buf_add_cstr(out, " of ");
			buf_add_escaped(out, newest);
		}
	} else if (!d->partitions.count) {
		buf_add_cstr(out, "no database");
	} else if (!newest.len) {
		buf_add_cstr(out, "database without a date");
	} else {
		buf_add_cstr(out, "database of ");
		buf_add_escaped(out, str_to(newest, sizeof("2026-11-24") - 1));
	}
}

/* --- layers --- */

/* The instruction as it stood in the Dockerfile: builders wrap a shell around it. */
static struct str instruction(struct str s, const char **ret_prefix)
{
	static const char shell[] = "/bin/sh -c ";
	ptrdiff_t at;

	*ret_prefix = "";
	s = str_trim(s);
	if (str_ends(s, STR("# buildkit")))
		s = str_trim(str_to(s, s.len - (sizeof("# buildkit") - 1)));
	at = str_find(s, STR(shell));
	if (at != 0 && !(at > 0 && str_starts(s, STR("RUN "))))
		return s;
	s = str_trim(str_from(s, (size_t)at + sizeof(shell) - 1));
	if (str_skip(&s, STR("#(nop)")))
		return str_trim(s);
	*ret_prefix = "RUN ";
	return s;
}

/* Runs of blanks, tabs and line breaks become one blank. */
static void add_squeezed(struct buf *out, struct str s)
{
	bool blank = false;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];
		bool is_blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';

		if (!is_blank)
			buf_add_char(out, c);
		else if (!blank)
			buf_add_char(out, ' ');
		blank = is_blank;
	}
}

/* As much of printable text as fits into max characters, the last one an ellipsis if it is cut. */
static void add_cut(struct buf *out, struct str s, size_t max)
{
	size_t end = 0, width = 0;

	if (label_width(s) <= max) {
		buf_add(out, s);
		return;
	}
	while (end < s.len && width + 1 < max) {
		size_t n = str_utf8_len(str_from(s, end));

		end += n ? n : 1;
		width++;
	}
	buf_add(out, str_trim(str_to(s, end)));
	buf_add_cstr(out, "\xe2\x80\xa6");
}

enum { INSTRUCTION_BYTES = 4096 };

static void layer_origin(struct buf *out, const struct document_layer *l)
{
	CLEANUP(buf_done) struct buf raw = BUF_INIT;
	const char *prefix;
	struct str text;

	if (str_is(l->origin, "base")) {
		buf_add_cstr(out, "base");
		return;
	}
	text = instruction(str_to(l->created_by, INSTRUCTION_BYTES), &prefix);
	add_squeezed(&raw, text);
	if (buf_failed(&raw))
		out->failed = true;
	if (raw.len)
		buf_add_cstr(out, prefix);
	buf_add_escaped(out, buf_str(&raw));
}

void label_layer(struct buf *out, const struct document *d, int layer, size_t max)
{
	CLEANUP(buf_done) struct buf origin = BUF_INIT;
	char index[16];
	size_t used;

	if (layer < 0) {
		buf_add_char(out, '-');
		return;
	}
	used = (size_t)snprintf(index, sizeof(index), "%d", layer);
	buf_add_cstr(out, index);
	if ((size_t)layer >= d->target.layers.count)
		return;
	layer_origin(&origin, &d->target.layers.items[layer]);
	if (!label_any(&origin) || (max && max < used + 2 + 4))
		return;
	buf_add_cstr(out, "  ");
	if (max && !buf_failed(&origin))
		add_cut(out, buf_str(&origin), max - used - 2);
	else
		label_add(out, &origin);
}

void label_layer_sentence(struct buf *out, const struct document *d, int layer)
{
	enum { ENOUGH = 60 };
	CLEANUP(buf_done) struct buf origin = BUF_INIT;

	if (layer < 0) {
		buf_add_cstr(out, "an unknown layer");
		return;
	}
	buf_printf(out, "layer %d", layer);
	if ((size_t)layer >= d->target.layers.count)
		return;
	layer_origin(&origin, &d->target.layers.items[layer]);
	if (!label_any(&origin))
		return;
	if (buf_failed(&origin))
		out->failed = true;
	buf_add_cstr(out, " (");
	add_cut(out, buf_str(&origin), ENOUGH);
	buf_add_char(out, ')');
}

/* --- findings --- */

struct str label_fix(const struct document_finding *f)
{
	static const struct str words[] = {
		[FIX_AVAILABLE] = STR_INIT("available"),
		[FIX_NONE] = STR_INIT("none yet"),
		[FIX_WILL_NOT_FIX] = STR_INIT("will not fix"),
		[FIX_DEFERRED] = STR_INIT("deferred"),
		[FIX_END_OF_LIFE] = STR_INIT("end of life"),
		[FIX_UNKNOWN] = STR_INIT("unknown"),
	};

	if (f->fixed_version.len)
		return f->fixed_version;
	return f->fix <= FIX_UNKNOWN ? words[f->fix] : words[FIX_UNKNOWN];
}

void label_diagnostic(struct buf *out, const struct diag *g)
{
	const char *separator = "";

	if (g->layer >= 0) {
		buf_printf(out, "layer %d", g->layer);
		separator = ", ";
	}
	if (g->path.len) {
		buf_printf(out, "%s'", separator);
		buf_add_escaped(out, g->path);
		buf_add_char(out, '\'');
		separator = ", ";
	}
	if (g->offset >= 0) {
		buf_printf(out, "%sat byte %lld", separator, (long long)g->offset);
		separator = ", ";
	}
	if (separator[0])
		buf_add_cstr(out, ": ");
	buf_add_escaped(out, g->message.len ? g->message : str_of(diag_meaning(g->code)));
}

/* Letters, digits, dashes, dots: what may stand in an address as it is. */
static bool is_plain_id(struct str id)
{
	for (size_t i = 0; i < id.len; i++) {
		char c = id.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '-' || c == '.' || c == ':' || c == '_'))
			return false;
	}
	return id.len > 0;
}

void label_url(struct buf *out, struct str id)
{
	static const struct {
		const char *prefix, *page;
	} pages[] = {
		{"CVE-", "https://nvd.nist.gov/vuln/detail/"},
		{"GHSA-", "https://github.com/advisories/"},
		{"DSA-", "https://security-tracker.debian.org/tracker/"},
		{"DLA-", "https://security-tracker.debian.org/tracker/"},
		{"TEMP-", "https://security-tracker.debian.org/tracker/"},
		{"USN-", "https://ubuntu.com/security/notices/"},
		{"UBUNTU-CVE-", "https://osv.dev/vulnerability/"},
		{"RHSA-", "https://access.redhat.com/errata/"},
		{"RHBA-", "https://access.redhat.com/errata/"},
		{"ALSA-", "https://osv.dev/vulnerability/"},
		{"RLSA-", "https://osv.dev/vulnerability/"},
		{"SUSE-SU-", "https://osv.dev/vulnerability/"},
	};

	if (!is_plain_id(id))
		return;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (!str_starts(id, str_of(pages[i].prefix)))
			continue;
		buf_add_cstr(out, pages[i].page);
		buf_add(out, id);
		return;
	}
}

/* http(s), and nothing in it that is no part of an address. */
static bool is_web_address(struct str s)
{
	if (!str_starts(s, STR("https://")) && !str_starts(s, STR("http://")))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (c <= 0x20 || c >= 0x7f || strchr("\"<>\\^`{|}", c))
			return false;
	}
	return s.len < 2048;
}

void label_finding_url(struct buf *out, const struct document_finding *f)
{
	size_t before = out->len;

	label_url(out, f->id);
	for (size_t i = 0; i < f->reference_count && out->len == before; i++) {
		if (is_web_address(f->references[i]))
			buf_add(out, f->references[i]);
	}
}

void label_sentence(struct buf *out, const struct document *d, const struct document_finding *f)
{
	const struct package *p = finding_package(d, f);

	buf_add_escaped(out, p ? p->name : f->path);
	buf_add_char(out, ' ');
	buf_add_escaped(out, f->installed_version);
	buf_add_cstr(out, f->state == STATE_UNDER_INVESTIGATION ? " may be affected by "
								: " is affected by ");
	buf_add_escaped(out, f->id);
	buf_printf(out, " (%s)", severity_name(f->severity));
	if (f->fixed_version.len) {
		buf_add_cstr(out, "; fixed in ");
		buf_add_escaped(out, f->fixed_version);
	} else {
		buf_add_cstr(out, "; fix: ");
		buf_add(out, label_fix(f));
	}
}

void label_score(struct buf *out, int score10)
{
	buf_printf(out, "%d.%d", score10 / 10, score10 % 10);
}
