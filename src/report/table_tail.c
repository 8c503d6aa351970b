/* The tail of the table: what to do, counts, what could not be looked at, the verdict. */
#include "report/table.h"
#include "report/upgrade.h"

enum { GAPS_SHOWN = 10, EXPLOITED_SHOWN = 20 };

static void finish(struct table *t, struct buf *line, size_t indent, const char *joint)
{
	if (buf_failed(line))
		t->out->failed = true;
	table_wrapped(t, buf_str(line), indent, joint);
	buf_clear(line);
}

/* --- what clears them --- */

static void write_upgrade(struct table *t, const struct upgrade *u, size_t of)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;
	size_t indent = 4;

	buf_printf(&line, "To clear %zu of %zu in ", u->findings, of);
	label_layer_sentence(&line, t->d, u->layer);
	buf_add_char(&line, ':');
	finish(t, &line, 2, "");
	buf_printf(&line, "%*s", (int)indent, "");
	buf_add(&line, u->command);
	for (size_t i = 0; i < u->name_count; i++) {
		buf_add_char(&line, ' ');
		buf_add(&line, u->names[i]);
	}
	finish(t, &line, indent + 4, " \\");
}

static int write_upgrades(struct table *t, struct err *e)
{
	struct upgrades u;
	size_t shown = 0;

	if (upgrades_build(t->d, &t->rows, &t->arena, &u, e) < 0)
		return -1;
	for (int s = 0; s < SEVERITIES; s++)
		shown += t->shown[s];
	for (size_t i = 0; i < u.count; i++)
		write_upgrade(t, &u.items[i], shown);
	if (u.count)
		buf_add_char(t->out, '\n');
	return 0;
}

/* --- counts --- */

static void add_expiry(struct table *t, struct buf *line)
{
	struct str next = STR_NULL;
	size_t count = 0;

	for (size_t i = 0; i < t->d->findings.count; i++) {
		const struct document_suppressed *s = &t->d->findings.items[i].suppressed;
		int order;

		if (!s->by.len || !s->until.len)
			continue;
		order = next.len ? str_cmp(s->until, next) : -1;
		if (order < 0) {
			next = s->until;
			count = 0;
		}
		count += order <= 0;
	}
	if (!next.len)
		return;
	buf_printf(line, ", %zu of them %s on ", count, count == 1 ? "expires" : "expire");
	buf_add_escaped(line, next);
}

static void write_counts(struct table *t)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;
	const struct policy *p = t->o->policy;

	for (int s = SEVERITIES - 1; s >= 0; s--) {
		size_t count = t->shown[s] + t->hidden[s];

		if (count)
			buf_printf(&line, "%s%zu %s", line.len ? ", " : "", count,
				   severity_name((enum severity)s));
	}
	if (!line.len)
		buf_add_cstr(&line, "no findings");
	if (t->suppressed) {
		buf_printf(&line, "; %zu suppressed", t->suppressed);
		add_expiry(t, &line);
	}
	if (t->narrowed)
		buf_printf(&line, "; %zu left out by %s%s%s", t->narrowed,
			   p->severities ? "--severity" : "",
			   p->severities && p->only_fixed ? " and " : "",
			   p->only_fixed ? "--only-fixed" : "");
	finish(t, &line, 2, "");
}

/* Ids that are in the catalogue of exploited vulnerabilities, each once, all severities. */
static void write_exploited(struct table *t)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;
	struct str last = STR_NULL;
	size_t count = 0;

	for (size_t i = 0; i < t->d->findings.count; i++) {
		const struct document_finding *f = &t->d->findings.items[i];

		if (!f->known_exploited.len || f->suppressed.by.len ||
		    !policy_shows(t->o->policy, f) || str_eq(f->id, last))
			continue;
		last = f->id;
		if (count++ >= EXPLOITED_SHOWN && !t->o->all)
			continue;
		buf_add_cstr(&line, count > 1 ? ", " : "known to be exploited: ");
		buf_add_escaped(&line, f->id);
	}
	if (count > EXPLOITED_SHOWN && !t->o->all)
		buf_printf(&line, " and %zu more (--all)", count - EXPLOITED_SHOWN);
	if (label_any(&line))
		finish(t, &line, 2, "");
}

/* --- what was odd --- */

/* Notes that speak about the run and not about one odd entry of the image. */
static bool is_told(enum diag_code code)
{
	switch (code) {
	case DIAG_confinement_partial:
	case DIAG_database_old:
	case DIAG_distro_ambiguous:
	case DIAG_distro_unknown:
	case DIAG_ignore_expired:
	case DIAG_ignore_not_read:
	case DIAG_ignore_unused:
	case DIAG_notices_fixed_only:
	case DIAG_unverified:
		return true;
	default:
		return false;
	}
}

static void write_notes(struct table *t)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;
	const struct diags *diags = &t->d->diagnostics;
	size_t degraded = diags_count(diags, DIAG_DEGRADED);

	for (size_t i = 0; i < diags->list.count; i++) {
		const struct diag *g = &diags->list.items[i];
		enum diag_class class = diag_class(g->code);

		if (class == DIAG_GAP || !(t->o->all || (class == DIAG_NOTE && is_told(g->code))))
			continue;
		buf_add_cstr(&line, class == DIAG_NOTE ? "note: " : "degraded: ");
		label_diagnostic(&line, g);
		finish(t, &line, 2, "");
	}
	if (degraded && !t->o->all) {
		label_count(&line, degraded, "thing was", "things were");
		buf_add_cstr(&line, " not understood; nothing else is affected (--all)");
		finish(t, &line, 2, "");
	}
}

static void write_incomplete_scanners(struct table *t)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;

	for (size_t i = 0; i < t->d->scanners.count; i++) {
		const struct document_scanner *s = &t->d->scanners.items[i];

		if (s->complete)
			continue;
		buf_add_cstr(&line, "INCOMPLETE  ");
		buf_add_escaped(&line, s->name);
		buf_add_cstr(&line, s->ran ? " could not be looked for everywhere"
					   : " were not looked for");
		finish(t, &line, 4, "");
	}
}

static void write_gaps(struct table *t)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;
	const struct diags *diags = &t->d->diagnostics;
	size_t total = diags_count(diags, DIAG_GAP), written = 0;

	for (size_t i = 0; i < diags->list.count; i++) {
		const struct diag *g = &diags->list.items[i];

		if (diag_class(g->code) != DIAG_GAP || (written == GAPS_SHOWN && !t->o->all))
			continue;
		written++;
		buf_add_cstr(&line, "INCOMPLETE  ");
		label_diagnostic(&line, g);
		buf_printf(&line, " (gap %s)", diag_name(g->code));
		finish(t, &line, 4, "");
	}
	if (total > written) {
		buf_printf(&line, "INCOMPLETE  %zu more gaps%s", total - written,
			   t->o->all ? "" : " (--all)");
		finish(t, &line, 4, "");
	}
	if (!total)
		write_incomplete_scanners(t);
}

/* --- the verdict --- */

static void add_rules(struct table *t, struct buf *line, bool failed_only)
{
	const struct document_verdict *v = &t->d->verdict;
	const char *separator = "";

	for (size_t i = 0; i < v->rules.count; i++) {
		const struct document_rule *r = &v->rules.items[i];
		bool counts_once = str_starts(r->rule, STR("max-count"));

		if (failed_only && !r->failed)
			continue;
		buf_add_cstr(line, separator);
		separator = ", ";
		buf_add_cstr(line, "--");
		buf_add_escaped(line, r->rule);
		buf_add_cstr(line, " (");
		label_count(line, r->findings.count, counts_once ? "vulnerability" : "finding",
			    counts_once ? "vulnerabilities" : "findings");
		buf_add_char(line, ')');
	}
}

static void write_verdict(struct table *t)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;
	const struct document_verdict *v = &t->d->verdict;
	size_t failed = 0;

	for (size_t i = 0; i < v->rules.count; i++)
		failed += v->rules.items[i].failed;
	if (failed && failed < v->rules.count)
		buf_printf(&line, "FAIL  %zu of %zu rules: ", failed, v->rules.count);
	else if (failed)
		buf_printf(&line, "FAIL  %zu rule%s: ", failed, failed == 1 ? "" : "s");
	else if (!v->complete)
		buf_add_cstr(&line,
			     "INCOMPLETE  what was not looked at may hide packages or findings");
	else if (!v->rules.count)
		buf_add_cstr(&line, "PASS  no rule was asked for");
	else
		buf_printf(&line, "PASS  %zu rule%s: ", v->rules.count,
			   v->rules.count == 1 ? "" : "s");
	if (failed || v->complete)
		add_rules(t, &line, failed > 0);
	buf_printf(&line, "  exit %d", v->exit_code);
	finish(t, &line, 6, "");
}

static void write_next_step(struct table *t)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;

	if (!t->d->diagnostics.per_code[DIAG_database_missing])
		return;
	buf_add_cstr(&line,
		     "next: plimsoll db update    (without a network: --db DIR names a copied "
		     "database)");
	finish(t, &line, 6, "");
}

int table_tail(struct table *t, struct err *e)
{
	if (write_upgrades(t, e) < 0)
		return -1;
	if (t->d->findings.count)
		write_counts(t);
	write_exploited(t);
	write_notes(t);
	write_gaps(t);
	write_verdict(t);
	write_next_step(t);
	return 0;
}
