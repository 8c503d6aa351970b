/*
 * Gates and the verdict. A rule lists the findings that it counts, so that whoever reads the report
 * can follow it; suppressed findings count for none.
 */
#include "policy/policy.h"

#include "base/map.h"
#include "policy/ignore.h"

void policy_init(struct policy *p)
{
	*p = (struct policy){.failed_exit_code = 2};
	for (int i = 0; i < SEVERITIES; i++)
		p->max_count[i] = -1;
}

void policy_done(struct policy *p)
{
	vec_done(&p->ignore);
	arena_done(&p->arena);
}

bool policy_shows(const struct policy *p, const struct document_finding *f)
{
	if (!p)
		return true;
	if (p->only_fixed && f->fix != FIX_AVAILABLE)
		return false;
	return !p->severities || p->severities & 1u << f->severity;
}

/* Counted by gates at all: --severity makes a rule of its own (with --exit-code) and narrows no
 * other. */
static bool counts(const struct policy *p, const struct document_finding *f)
{
	return !f->suppressed.by.len && (!p->only_fixed || f->fix == FIX_AVAILABLE);
}

static struct document_rule *add_rule(struct document *d, struct str text)
{
	struct document_rule *r = text.data ? vec_push(&d->verdict.rules) : NULL;

	if (r)
		r->rule = text;
	return r;
}

static int count_finding(struct document_rule *r, size_t index, struct err *e)
{
	uint32_t *slot = vec_push(&r->findings);

	if (!slot)
		return ERR_NOMEM(e);
	*slot = (uint32_t)index;
	return 0;
}

static int judge_fail_on(const struct policy *p, struct document *d, struct err *e)
{
	struct document_rule *r =
		add_rule(d, arena_printf(&d->arena, "fail-on %s", severity_name(p->fail_on)));

	if (!r)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < d->findings.count; i++) {
		const struct document_finding *f = &d->findings.items[i];

		if (!counts(p, f) || f->severity == SEVERITY_UNKNOWN || f->severity < p->fail_on)
			continue;
		if (count_finding(r, i, e) < 0)
			return -1;
	}
	r->failed = r->findings.count > 0;
	return 0;
}

/* One vulnerability of one source package counts once, whatever number of packages it is in. */
static int key_of(const struct document *d, const struct document_finding *f, struct arena *a,
		  struct str *ret, struct err *e)
{
	const struct package *p = f->package >= 0 && (size_t)f->package < d->packages.count
					  ? &d->packages.items[f->package]
					  : NULL;
	struct str source = p ? p->source_name.len ? p->source_name : p->name : f->path;
	char *bytes = arena_bytes(a, f->kind.len + f->id.len + source.len + 3);
	size_t at = 0;

	if (!bytes)
		return ERR_NOMEM(e);
	for (int part = 0; part < 3; part++) {
		struct str s = part == 0 ? f->kind : part == 1 ? f->id : source;

		if (s.len)
			memcpy(bytes + at, s.data, s.len);
		at += s.len;
		bytes[at++] = 0;
	}
	bytes[at - 1] = p ? (char)(1 + p->type) : 0;
	*ret = str_make(bytes, at);
	return 0;
}

static int judge_max_count(const struct policy *p, struct document *d, enum severity severity,
			   struct arena *scratch, struct err *e)
{
	int64_t max = p->max_count[severity];
	struct document_rule *r =
		add_rule(d, arena_printf(&d->arena, "max-count %s=%lld", severity_name(severity),
					 (long long)max));
	struct map seen;
	int result = 0;

	if (!r)
		return ERR_NOMEM(e);
	map_init(&seen, d->budget);
	for (size_t i = 0; i < d->findings.count && result == 0; i++) {
		const struct document_finding *f = &d->findings.items[i];
		struct str key;
		void **slot;

		if (!counts(p, f) || f->severity != severity)
			continue;
		result = key_of(d, f, scratch, &key, e);
		slot = result == 0 ? map_put(&seen, key) : NULL;
		if (result == 0 && !slot)
			result = ERR_NOMEM(e);
		if (result < 0 || *slot)
			continue;
		*slot = d;
		result = count_finding(r, i, e);
	}
	r->failed = r->findings.count > (uint64_t)max;
	map_done(&seen);
	return result;
}

static struct str severity_rule(const struct policy *p, struct arena *a)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	buf_add_cstr(&text, "severity ");
	for (int s = SEVERITIES - 1; s >= 0; s--) {
		if (!(p->severities & 1u << s))
			continue;
		if (text.data[text.len - 1] != ' ')
			buf_add_char(&text, ',');
		buf_add_cstr(&text, severity_name((enum severity)s));
	}
	return buf_failed(&text) ? STR_NULL : arena_str(a, buf_str(&text));
}

static int judge_severity(const struct policy *p, struct document *d, struct err *e)
{
	struct document_rule *r = add_rule(d, severity_rule(p, &d->arena));

	if (!r)
		return ERR_NOMEM(e);
	for (size_t i = 0; i < d->findings.count; i++) {
		const struct document_finding *f = &d->findings.items[i];

		if (!counts(p, f) || !(p->severities & 1u << f->severity))
			continue;
		if (count_finding(r, i, e) < 0)
			return -1;
	}
	r->failed = r->findings.count > 0;
	return 0;
}

static int judge_rules(const struct policy *p, struct document *d, struct err *e)
{
	struct arena scratch;
	int result = 0;

	arena_init(&scratch, d->budget, 0);
	if (p->has_fail_on)
		result = judge_fail_on(p, d, e);
	for (int s = SEVERITIES - 1; s >= 0 && result == 0; s--) {
		if (p->max_count[s] >= 0)
			result = judge_max_count(p, d, (enum severity)s, &scratch, e);
	}
	if (p->severities && p->exit_code_given && result == 0)
		result = judge_severity(p, d, e);
	arena_done(&scratch);
	return result;
}

static void clear_rules(struct document_verdict *v)
{
	for (size_t i = 0; i < v->rules.count; i++)
		vec_done(&v->rules.items[i].findings);
	v->rules.count = 0;
}

static bool is_complete(const struct document *d)
{
	for (size_t i = 0; i < d->scanners.count; i++) {
		if (!d->scanners.items[i].complete)
			return false;
	}
	return diags_count(&d->diagnostics, DIAG_GAP) == 0;
}

enum { EXIT_INCOMPLETE = 4 };

static void note_project_file(const struct policy *p, struct document *d)
{
	struct diag_place place = {.layer = -1, .path = STR(".plimsollignore.yaml"), .offset = -1};

	if (p->project_file_skipped)
		diag_add(&d->diagnostics, DIAG_ignore_not_read, place,
			 "not read without --trust-project");
}

int policy_judge(struct policy *p, struct document *d, struct err *e)
{
	struct document_verdict *v = &d->verdict;
	bool failed = false;

	clear_rules(v);
	note_project_file(p, d);
	if (ignore_apply(p, d, e) < 0 || judge_rules(p, d, e) < 0)
		return -1;
	for (size_t i = 0; i < v->rules.count; i++)
		failed = failed || v->rules.items[i].failed;
	v->complete = is_complete(d);
	v->pass = !failed && v->complete;
	v->exit_code = failed ? p->failed_exit_code : 0;
	/* a failed gate that only reports does not make an incomplete scan look whole */
	if (!v->complete && !v->exit_code)
		v->exit_code = EXIT_INCOMPLETE;
	return 0;
}
