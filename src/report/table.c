/*
 * The report for people: what was looked at, the findings, and a tail that stays visible.
 *
 * To a file or pipe nothing is fitted or coloured. On a terminal columns are narrowed (only the
 * instruction of a layer may be cut) and where that is not enough a row flows over several lines.
 */
#include "report/table.h"

#include "base/date.h"

/* The next word of a text and how many blanks stand before it. */
static bool next_word(struct str *text, size_t *ret_blanks, struct str *ret_word)
{
	size_t blanks = 0, end;

	while (blanks < text->len && text->data[blanks] == ' ')
		blanks++;
	for (end = blanks; end < text->len && text->data[end] != ' ';)
		end++;
	*ret_blanks = blanks;
	*ret_word = str_sub(*text, blanks, end);
	*text = str_from(*text, end);
	return ret_word->len > 0;
}

void table_wrapped(struct table *t, struct str text, size_t indent, const char *joint)
{
	size_t width = t->o->width, at = 0,
	       room = width > strlen(joint) ? width - strlen(joint) : 1;
	size_t blanks;
	struct str word;

	if (!width) {
		buf_add(t->out, text);
		buf_add_char(t->out, '\n');
		return;
	}
	while (next_word(&text, &blanks, &word)) {
		if (at && at + blanks + label_width(word) > room) {
			buf_printf(t->out, "%s\n", joint);
			at = 0;
			blanks = indent;
		}
		buf_printf(t->out, "%*s", (int)blanks, "");
		buf_add(t->out, word);
		at += blanks + label_width(word);
	}
	buf_add_char(t->out, '\n');
}

/* --- head --- */

static void add_field(struct buf *out, struct str s)
{
	if (!s.len)
		return;
	if (out->len)
		buf_add_cstr(out, "  ");
	buf_add_escaped(out, s);
}

static void write_head(struct table *t)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;
	const struct document_target *target = &t->d->target;

	add_field(&line, target->reference);
	add_field(&line, target->kind);
	add_field(&line, target->platform);
	buf_add_cstr(&line, "  ");
	label_distro(&line, t->d);
	if (buf_failed(&line))
		t->out->failed = true;
	table_wrapped(t, buf_str(&line), 2, "");
}

static void write_looked_at(struct table *t)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;

	if (!t->d->findings.count && t->d->packages.count && t->d->partitions.count)
		buf_add_cstr(&line, "no known vulnerabilities in ");
	else if (!t->d->packages.count)
		buf_add_cstr(&line, "no packages found in ");
	if (t->d->packages.count) {
		label_count(&line, t->d->packages.count, "package", "packages");
		buf_add_cstr(&line, t->d->findings.count ? ", " : " of ");
	}
	label_count(&line, t->d->target.layers.count, "layer", "layers");
	buf_add_cstr(&line, ", ");
	label_verified(&line, t->d);
	buf_add_cstr(&line, ", ");
	label_database(&line, t->d);
	if (buf_failed(&line))
		t->out->failed = true;
	table_wrapped(t, buf_str(&line), 2, "");
}

/* --- which findings are rows --- */

static bool is_severe_enough(const struct table *t, enum severity s)
{
	const struct policy *p = t->o->policy;

	if (t->o->all || (p && (p->severities || p->max_count[s] >= 0)))
		return true;
	/* a word that nobody said is not below any other: it is shown unless a gate draws the line
	 */
	if (s == SEVERITY_UNKNOWN)
		return !(p && p->has_fail_on);
	return s >= (p && p->has_fail_on ? p->fail_on : SEVERITY_MEDIUM);
}

static bool is_row(void *context, const struct document_finding *f)
{
	const struct table *t = context;

	return !f->suppressed.by.len && policy_shows(t->o->policy, f) &&
	       is_severe_enough(t, f->severity);
}

static void count_findings(struct table *t)
{
	for (size_t i = 0; i < t->d->findings.count; i++) {
		const struct document_finding *f = &t->d->findings.items[i];

		if (f->suppressed.by.len)
			t->suppressed++;
		else if (!policy_shows(t->o->policy, f))
			t->narrowed++;
		else if (is_severe_enough(t, f->severity))
			t->shown[f->severity]++;
		else
			t->hidden[f->severity]++;
	}
}

static int write_parts(struct table *t, struct err *e)
{
	if (rows_build(t->d, is_row, t, t->o->all, &t->arena, &t->rows, e) < 0)
		return -1;
	count_findings(t);
	write_head(t);
	write_looked_at(t);
	if (t->d->findings.count) {
		buf_add_char(t->out, '\n');
		if (table_body(t, e) < 0)
			return -1;
	} else if (!t->d->partitions.count && t->d->packages.count) {
		buf_add_char(t->out, '\n');
		if (table_packages(t, e) < 0)
			return -1;
		buf_add_char(t->out, '\n');
	}
	return table_tail(t, e);
}

static int write_table(const struct document *d, const struct format_options *o, struct buf *out,
		       struct err *e)
{
	struct table t = {.d = d, .o = o, .out = out};
	int result;

	arena_init(&t.arena, d->budget, 0);
	result = write_parts(&t, e);
	arena_done(&t.arena);
	return result < 0 ? -1 : buf_failed(out) ? ERR_NOMEM(e) : 0;
}

const struct format format_table = {
	.name = "table",
	.summary = "for people: findings, commands, verdict",
	.human = true,
	.write = write_table,
};
